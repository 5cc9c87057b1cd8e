//! Every word that is asked for exists in every language, every word is asked for, and nothing that
//! people read is written outside the languages' files.

mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::visit::script_words;
use super::{guide, words};
use crate::audit::Act;
use crate::cases::Duty;
use crate::config::Config;
use crate::server::questions::QUESTIONS;
use scan::{AskedInScript, HOLE};

type Keys = BTreeSet<String>;

const CHINESE: &str = include_str!("../../../web/locales/zh.json");
const ENGLISH: &str = include_str!("../../../web/locales/en.json");

/// Words of one part (`visit` or `desk`) of a language.
fn section(json: &str, part: &str) -> BTreeMap<String, String> {
    let file: Value = serde_json::from_str(json).unwrap();
    let words = file[part].as_object().unwrap();
    let word = |(key, word): (&String, &Value)| (key.clone(), word.as_str().unwrap().to_owned());
    words.iter().map(word).collect()
}

fn keys(part: &str) -> Keys {
    section(CHINESE, part).into_keys().collect()
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Path and text of every file under `folder` whose name ends so; tests and what is generated say
/// nothing to anybody.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![here(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending))
                && ![".test.ts", ".gen.ts", ".d.ts", "fixture.ts"]
                    .iter()
                    .any(|one| name.ends_with(one))
            {
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no {endings:?}");
    found
}

// -- what is asked for --------------------------------------------------------------------------

/// The words that a key with holes can become. A new kind of key must be named here.
fn expanded(part: &str, pattern: &str) -> Vec<String> {
    if !pattern.contains(HOLE) {
        return vec![pattern.to_owned()];
    }
    let fill = |values: Vec<String>| -> Vec<String> {
        let one = |value: String| pattern.replacen(HOLE, &value, 1);
        values.into_iter().map(one).collect()
    };
    let texts = |values: &[&str]| values.iter().map(|one| (*one).to_owned()).collect();
    let numbers = |values: std::ops::RangeInclusive<u8>| values.map(|n| n.to_string()).collect();
    let duties = [Duty::Acknowledge, Duty::Investigate];
    match (part, pattern) {
        ("visit", "a.*.*") => QUESTIONS
            .iter()
            .flat_map(|one| {
                one.codes
                    .iter()
                    .map(|code| format!("a.{}.{code}", one.name))
            })
            .collect(),
        ("visit", "q.*" | "short.*") => {
            fill(QUESTIONS.iter().map(|one| one.name.to_owned()).collect())
        }
        ("visit", "role.*") => fill(numbers(1..=11)),
        ("visit", "stage.*") => fill(numbers(0..=4)),
        ("visit", "talk.*") => fill(texts(&["school", "bureau"])),
        ("visit", "due.*") => fill(duties.map(|duty| duty.code().to_string()).into()),
        ("visit", "line.*") => {
            let defaults = Config::parse("", std::iter::empty(), Path::new("/")).unwrap();
            fill(defaults.visitor.help_lines)
        }
        ("visit", "problem.*.title" | "problem.*.lead") => fill(kinds("problem.ts", "Problem")),
        ("visit", "file.*") => fill(kinds("prepare.ts", "Unfit")),
        ("visit", "plain.*.title") => fill(texts(&WITHOUT_SCRIPT)),
        ("visit", "plain.*.lead") => fill(texts(&[&WITHOUT_SCRIPT[..], &["trust"]].concat())),
        ("visit", "photo.unfit.*") => fill(texts(&UNFIT)),
        ("visit", "text.own.*") => fill(kinds("own-words.places.ts", "OwnKind")),
        ("desk", "act.*") => fill((1..=u8::MAX).map_while(act_word).collect()),
        ("desk", "stage.*") => fill(numbers(0..=5)),
        ("desk", "source.*" | "duty.*" | "chip.*") => {
            fill(duties.map(|duty| duty.word().to_owned()).into())
        }
        ("desk", "*.*") => ["who", "from"].into_iter().flat_map(writers).collect(),
        ("desk", "filter.*") => fill(texts(&["all", "unopened", "new", "closed"])),
        _ => panic!("what can stand in {pattern}?"),
    }
}

/// Why a form without script comes back.
const WITHOUT_SCRIPT: [&str; 9] = [
    "long",
    "busy",
    "changed",
    "unavailable",
    "nobody",
    "locking",
    "cut",
    "many",
    "much",
];

/// Why a photo is not taken by a form without script.
const UNFIT: [&str; 5] = ["empty", "large", "kind", "picture", "pixels"];

/// What the desk calls those who write.
fn writers(section: &str) -> Vec<String> {
    let who = QUESTIONS[0].codes.iter().chain(&["unknown"]);
    who.map(|one| format!("{section}.{one}")).collect()
}

fn act_word(code: u8) -> Option<String> {
    Act::parse(code).map(|act| act.word().to_owned())
}

/// The strings that a type of the visitor's page may be.
fn kinds(file: &str, name: &str) -> Vec<String> {
    let source = fs::read_to_string(here("web/src/report").join(file)).unwrap();
    let (_, rest) = source.split_once(&format!("export type {name} =")).unwrap();
    let (list, _) = rest.split_once(';').unwrap();
    let found: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    assert!(found.len() > 4, "{name}: {found:?}");
    found.into_iter().map(str::to_owned).collect()
}

/// Keys that are handed on before they are said: the calls whose arguments may hold some.
const CARRIERS: [&str; 3] = ["problem", "count", "waits"];
/// What `say` is given where the key was handed on.
const HANDED_ON: [&str; 2] = ["again", "key"];

fn asked_by(texts: &[(String, String)], verb: &str, part: &str) -> Keys {
    let mut asked = Keys::new();
    for (name, text) in texts {
        let AskedInScript { keys, by_name } = scan::asked_in_script(text, verb, false);
        for one in by_name {
            assert!(
                HANDED_ON.contains(&one.as_str()),
                "{name}: which word is {one}?"
            );
        }
        asked.extend(keys.iter().flat_map(|key| expanded(part, key)));
        if verb == "say" {
            for carrier in CARRIERS {
                asked.extend(scan::asked_in_script(text, carrier, true).keys);
            }
        }
    }
    asked
}

/// What the visitor's script asks the page for.
fn asked_by_report() -> Keys {
    asked_by(&sources("web/src/report", &[".ts"]), "say", "visit")
}

/// Whether it is one of these tests, whose planted sources say nothing to anybody.
fn plants(name: &str) -> bool {
    name.contains("wording")
}

fn asked_by_pages() -> Keys {
    let mut asked = Keys::new();
    for (_, html) in sources("src/server/pages", &[".html"]) {
        asked.extend(scan::asked_in_template(&html));
    }
    for (name, source) in sources("src/server/pages", &[".rs"]) {
        if !plants(&name) {
            let keys = scan::asked_in_rust(&source);
            asked.extend(keys.iter().flat_map(|key| expanded("visit", key)));
        }
    }
    for language in words::languages() {
        asked.extend(guide::tests::keys(language));
    }
    asked
}

fn asked(part: &str) -> Keys {
    let desk = sources("web/src/desk", &[".ts", ".tsx"]);
    match part {
        "visit" => {
            let mut asked = asked_by_pages();
            asked.extend(asked_by_report());
            asked.extend(asked_by(&desk, "visitor", part));
            asked
        }
        _ => asked_by(&desk, "say", part),
    }
}

// -- the rules ----------------------------------------------------------------------------------

/// What is asked for and does not exist; what exists and nobody asks for.
fn differences(exist: &Keys, asked: &Keys) -> (Vec<String>, Vec<String>) {
    let only = |a: &Keys, b: &Keys| a.difference(b).cloned().collect();
    (only(asked, exist), only(exist, asked))
}

#[test]
fn every_word_is_asked_for_and_every_asked_word_exists() {
    for part in ["visit", "desk"] {
        let (missing, unused) = differences(&keys(part), &asked(part));
        assert!(missing.is_empty(), "{part} lacks {missing:?}");
        assert!(unused.is_empty(), "nobody asks {part} for {unused:?}");
    }
}

#[test]
fn a_missing_and_an_unused_word_are_seen() {
    let planted = r#"
        // say("in.a.comment")
        note.textContent = say(side === "mine" ? "talk.you" : `talk.${side}`) + say("missing", { n: "no.key" });
        problem(wordOf(error, "keys"), "problem.again", () => void say(again));
        const label = `${say("inside")} text`;
        const parts = text.split(/it's|["/(]/) || half / 2, last = 4 / say("after.a.pattern");
    "#;
    let asked = scan::asked_in_script(planted, "say", false);
    let keys = ["talk.you", "talk.*", "missing", "after.a.pattern", "inside"];
    assert_eq!(asked.keys, keys);
    assert_eq!(asked.by_name, ["again"]);
    let carried = scan::asked_in_script(planted, "problem", true);
    assert_eq!(carried.keys, ["problem.again"]);
    let rust = r#"fn f(&self) { self.t(&format!("a.{}.{code}", x)); words.get("not.asked"); self.t("b"); }"#;
    assert_eq!(scan::asked_in_rust(rust), ["a.*.*", "b"]);
    let html = r#"<p title="{{ self.t("one") }}">{% if x %}{{ self.t("two") }}{% endif %}</p>"#;
    assert_eq!(scan::asked_in_template(html), ["one", "two"]);
    let set = |keys: &[&str]| keys.iter().map(|one| (*one).to_owned()).collect::<Keys>();
    let (missing, unused) = differences(&set(&["b", "old"]), &set(&["b", "new"]));
    assert_eq!(
        (missing, unused),
        (vec!["new".to_owned()], vec!["old".to_owned()])
    );
}

/// The names in braces that a word has filled in.
fn filled(word: &str) -> BTreeSet<&str> {
    let names = word.split('{').skip(1);
    names
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .collect()
}

#[test]
fn both_languages_fill_in_the_same() {
    for part in ["visit", "desk"] {
        let english = section(ENGLISH, part);
        for (key, word) in section(CHINESE, part) {
            assert_eq!(filled(&word), filled(&english[&key]), "{key}");
        }
    }
    assert_eq!(filled("第 {n} 行 {name}"), BTreeSet::from(["n", "name"]));
    assert_ne!(filled("{n} left"), filled("left"));
}

/// What an English reader is shown in Chinese: the other language's name, and a document's number.
fn left_in_chinese(words: &BTreeMap<String, String>) -> Vec<&str> {
    let document = "教督〔2017〕10号";
    let left = words
        .iter()
        .filter(|(_, word)| scan::has_chinese(&word.replace(document, "")));
    left.map(|(key, _)| key.as_str()).collect()
}

#[test]
fn english_words_are_english() {
    assert_eq!(
        left_in_chinese(&section(ENGLISH, "visit")),
        ["landing.language"]
    );
    assert_eq!(left_in_chinese(&section(ENGLISH, "desk")), ["language"]);
}

#[test]
fn the_page_ships_every_word_its_script_asks_for_and_no_other() {
    let [chinese, _] = words::languages();
    let shipped = script_words(chinese).into_iter();
    let shipped: Keys = shipped.map(|(key, _)| key.to_owned()).collect();
    let (missing, unused) = differences(&shipped, &asked_by_report());
    assert!(missing.is_empty(), "the page lacks {missing:?}");
    assert!(unused.is_empty(), "the script never says {unused:?}");
}

#[test]
fn a_section_is_shipped_whole_and_a_word_alone() {
    let [chinese, _] = words::languages();
    let shipped = |what: &str| -> Vec<&str> {
        let found = chinese.of(&[what]).into_iter();
        found.map(|(key, _)| key).collect()
    };
    assert_eq!(shipped("talk.worse"), ["talk.worse"]);
    assert_eq!(shipped("pad."), ["pad.clear", "pad.delete"]);
    assert_eq!(shipped("pad"), [""; 0]);
}

#[test]
fn templates_write_no_words_of_their_own() {
    for (name, html) in sources("src/server/pages", &[".html"]) {
        let written = scan::written_in_template(&html);
        assert!(written.is_empty(), "{name}: {written:?}");
    }
    let planted = r#"<title>树洞</title><p class="lead">{{ self.t("one") }} · 20</p><img alt="a picture">
        <p>你好</p>{% if let Some(x) = y %}<b title="{{ self.t("two") }}">Leave</b>{% endif %}"#;
    assert_eq!(
        scan::written_in_template(planted),
        ["a picture", "你好", "Leave"]
    );
}

#[test]
fn the_server_writes_no_words_of_its_own() {
    for (name, source) in sources("src/server", &[".rs"]) {
        let written = scan::written_in_rust(&source);
        assert_eq!(plants(&name), !written.is_empty(), "{name}: {written:?}");
    }
}

/// Sources that may write words, and why.
const MAY_WRITE: [(&str, &str); 2] = [
    (
        "desk/due.ts",
        "looks for the words before which a member is warned in what was typed, in either language",
    ),
    (
        "report/own-words.places.ts",
        "looks for what gives a writer away in what was typed, in either language",
    ),
];

#[test]
fn scripts_write_no_words_of_their_own() {
    for (name, source) in sources("web/src", &[".ts", ".tsx", ".js"]) {
        let written = scan::written_in_script(&source);
        let allowed = MAY_WRITE.iter().any(|(file, _)| name.ends_with(file));
        assert_eq!(allowed, !written.is_empty(), "{name}: {written:?}");
    }
}

#[test]
fn a_written_word_is_seen() {
    let planted = [
        (r#"note.textContent = "再试一次"; // 注"#, vec!["再试一次"]),
        (r#"names.join("、")"#, vec!["、"]),
        (
            r#"note.textContent = "Try again"; find(step, "secondary wide")"#,
            vec!["Try again"],
        ),
        (r#"<b aria-label="close">{say("x")}</b>"#, vec!["close"]),
        (
            r#"element("button", { "aria-label": "delete", class: "plain" })"#,
            vec!["delete"],
        ),
        (r#"return <p class="a">lost <b>{x}</b></p>;"#, vec!["lost"]),
        (r#"note.textContent = "Retry";"#, vec!["Retry"]),
        (r#"element("b", { class: "own" }, "lost")"#, vec!["lost"]),
        (r#"return late ? <b /> : summary.stage < 5;"#, vec![]),
        (
            r#"const f = (a: Map<string, number>): boolean => a.size > 2;"#,
            vec![],
        ),
        (r#"throw new Error(`the page lacks ${selector}`);"#, vec![]),
        (r#"/你是谁/.test(text)"#, vec!["/你是谁/.test(text)"]),
    ];
    for (source, found) in planted {
        assert_eq!(scan::written_in_script(source), found, "{source}");
    }
}
