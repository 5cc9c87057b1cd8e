//! Help and privacy: one source of words for their own addresses and for the visitor's document.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::words::Words;
use crate::app::App;
use crate::config::{Config, Letters};
use crate::server::assets;
use crate::server::failure::Failure;

/// Whom a part is for, and its sections in order. The words stand under `book.part`,
/// `book.part.section` and, line by line from 1, `book.part.section.n`.
type Book = [(&'static str, &'static [&'static str])];

/// Pupils by age, then parents.
static HELP: [(&str, &[&str]); 4] = [
    (
        "young",
        &["what", "not", "fault", "after", "rights", "others", "talk"],
    ),
    (
        "middle",
        &["what", "not", "fault", "after", "rights", "others"],
    ),
    (
        "teen",
        &["what", "not", "fault", "after", "rights", "others"],
    ),
    ("parent", &["what", "first", "after", "rights", "other"]),
];

/// Children under 14 with their parents, then everybody.
static PRIVACY: [(&str, &[&str]); 2] = [
    (
        "child",
        &["ask", "keep", "not", "long", "cannot", "parents"],
    ),
    ("all", &["keep", "not", "long", "who", "cannot"]),
];

/// The tick that [`Letters`] has unless it is set; only of this one the words may speak of hours.
const HOURLY: (u32, u32) = (3600, 1800);

/// One heading that opens, and what is under it.
pub(super) struct Part {
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
}

/// A heading and its lines.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// Everything that help and privacy say in one language.
pub(super) struct Guide {
    pub(super) help: Vec<Part>,
    pub(super) privacy: Vec<Part>,
    /// Every help-line with what it is for.
    pub(super) numbers: Vec<(String, String)>,
}

impl Guide {
    /// In the words of a language, with the deployment's own settings filled in.
    pub(super) fn new(words: &Words, config: &Config) -> Self {
        let number = |line: &String| {
            let what = words.get(&format!("line.{line}"));
            (line.clone(), what.to_owned())
        };
        let fill = Fill::new(words, config);
        Self {
            help: parts(words, &fill, "help", &HELP),
            privacy: parts(words, &fill, "privacy", &PRIVACY),
            numbers: config.visitor.help_lines.iter().map(number).collect(),
        }
    }
}

/// What the deployment decides and the words name.
struct Fill {
    when: String,
    acknowledge: String,
}

impl Fill {
    fn new(words: &Words, config: &Config) -> Self {
        let days = config.limits.acknowledge_days;
        Self {
            when: words.get(when(&config.letters)).to_owned(),
            acknowledge: match days {
                1 => words.get("help.day").to_owned(),
                days => words.get("help.days").replace("{n}", &days.to_string()),
            },
        }
    }

    fn into(&self, line: &str) -> String {
        line.replace("{when}", &self.when)
            .replace("{acknowledge}", &self.acknowledge)
    }
}

fn when(letters: &Letters) -> &'static str {
    if (letters.tick_seconds, letters.least_age_seconds) == HOURLY {
        "help.hour"
    } else {
        "help.tick"
    }
}

fn parts(words: &Words, fill: &Fill, book: &str, parts: &Book) -> Vec<Part> {
    let part = |(part, sections): &(&str, &[&str])| Part {
        title: words.get(&format!("{book}.{part}")).to_owned(),
        sections: sections
            .iter()
            .map(|section| {
                let key = format!("{book}.{part}.{section}");
                Section {
                    title: words.get(&key).to_owned(),
                    lines: lines(words, &key).map(|line| fill.into(line)).collect(),
                }
            })
            .collect(),
    };
    parts.iter().map(part).collect()
}

/// `key.1`, `key.2`, … as far as they go.
fn lines<'w>(words: &'w Words, key: &str) -> impl Iterator<Item = &'w str> {
    let key = key.to_owned();
    (1..)
        .map(move |n| words.get(&format!("{key}.{n}")))
        .take_while(|line| !line.is_empty())
}

#[derive(Template)]
#[template(path = "guide.html")]
struct GuidePage<'a> {
    words: &'a Words,
    other: &'a str,
    /// `help` or `privacy`.
    step: &'a str,
    guide: Guide,
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
    leaving: &'static str,
}

impl GuidePage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }
}

/// `/help` and `/privacy`: no script is needed, and no database.
pub(super) async fn page(
    State(app): State<App>,
    words: &Words,
    step: &str,
) -> Result<Html<String>, Failure> {
    let page = GuidePage {
        words,
        other: if words.prefix.is_empty() { "/en" } else { "" },
        step,
        guide: Guide::new(words, &app.config),
        config: &app.config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
        leaving: assets::address("leave.js"),
    };
    page.render()
        .map(Html)
        .map_err(|_| Failure::Internal("a page does not render"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::server::pages::words::languages;
    use std::path::Path;

    fn config(text: &str) -> Config {
        Config::parse(text, std::iter::empty(), Path::new("/")).unwrap()
    }

    /// Every key that help and privacy read.
    pub(in crate::server::pages) fn keys(words: &Words) -> Vec<String> {
        let mut keys: Vec<String> = ["help.day", "help.days", "help.hour", "help.tick"]
            .map(str::to_owned)
            .into();
        for (book, parts) in [("help", &HELP[..]), ("privacy", &PRIVACY[..])] {
            for (part, sections) in parts {
                keys.push(format!("{book}.{part}"));
                for section in *sections {
                    let key = format!("{book}.{part}.{section}");
                    let count = lines(words, &key).count();
                    keys.extend((1..=count).map(|n| format!("{key}.{n}")));
                    keys.push(key);
                }
            }
        }
        keys
    }

    #[test]
    fn every_word_of_a_section_is_read_and_every_one_read_is_there() {
        for words in languages() {
            let read = keys(words);
            assert!(read.iter().all(|key| !words.get(key).is_empty()));
            let written = words.of(&["help.", "privacy."]);
            let of_sections = written
                .iter()
                .filter(|(key, _)| key.matches('.').count() > 1);
            let unread: Vec<_> = of_sections
                .filter(|(key, _)| !read.iter().any(|one| one == key))
                .collect();
            assert!(unread.is_empty(), "{unread:?}");
            assert!(
                read.len() > 100,
                "the search finds the words: {}",
                read.len()
            );
        }
    }

    fn all(guide: &Guide) -> Vec<&String> {
        let parts = guide.help.iter().chain(&guide.privacy);
        parts
            .flat_map(|part| part.sections.iter().flat_map(|section| &section.lines))
            .collect()
    }

    #[test]
    fn every_section_says_something_and_nothing_is_left_to_fill_in() {
        for words in languages() {
            let guide = Guide::new(words, &config(""));
            for part in guide.help.iter().chain(&guide.privacy) {
                assert!(!part.title.is_empty() && part.sections.len() >= 5);
                for section in &part.sections {
                    assert!(!section.title.is_empty(), "{}", part.title);
                    assert!(!section.lines.is_empty(), "{}", section.title);
                }
            }
            assert!(all(&guide).iter().all(|line| !line.contains(['{', '}'])));
            assert!(guide.numbers.iter().all(|(_, what)| !what.is_empty()));
        }
    }

    #[test]
    fn the_words_follow_the_settings() {
        let [_, english] = languages();
        let said = |text: &str, what: &str| {
            let guide = Guide::new(english, &config(text));
            all(&guide).iter().any(|line| line.contains(what))
        };
        assert!(said("", "strikes an hour") && said("", "within 1 day after"));
        let other = "[letters]\ntick_seconds = 60\n[limits]\nacknowledge_days = 3";
        assert!(!said(other, "strikes an hour") && said(other, "within 3 days after"));
    }
}
