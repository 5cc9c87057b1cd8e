//! The visitor's one document: every step is in it, the script shows one at a time.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::guide::Guide;
use super::thread::{Groups, groups};
use super::words::Words;
use crate::app::App;
use crate::config::Config;
use crate::directory::{self, Organisation};
use crate::server::assets;
use crate::server::failure::Failure;
use crate::server::keys::directory_failure;
use crate::server::plain::Answers;
use crate::server::questions::{QUESTIONS, Question};
use crate::storage::Tx;

/// Ticks shorter than this are a demonstration's, and the page says so.
const LEAST_REAL_TICK: u32 = 60;

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage<'a> {
    words: &'a Words,
    other: &'a str,
    step: &'a str,
    /// Code whose keys the page takes.
    code: &'a str,
    /// The school that the address names.
    school: Option<&'a Organisation>,
    /// Who reads instead, if the school cannot.
    above: Option<&'a str>,
    /// Nobody can read.
    nobody: bool,
    /// A code that names nothing.
    unknown: bool,
    /// What was searched, and what was found: name, district, code.
    searched: Option<&'a str>,
    found: &'a [(Organisation, String)],
    questions: &'static [Question],
    guide: Guide,
    /// The digits, for a return without script.
    groups: Groups,
    draft: Option<&'a str>,
    worse: bool,
    after: &'a str,
    config: &'a Config,
    demo: bool,
    icon: &'static str,
    css: &'static str,
    gate: &'static str,
    module: &'static str,
}

impl VisitPage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }

    fn title(&self, question: &Question) -> &str {
        self.t(&format!("q.{}", question.name))
    }

    fn answer(&self, question: &Question, code: &str) -> &str {
        self.t(&format!("a.{}.{code}", question.name))
    }

    fn line(&self, number: &str) -> &str {
        self.t(&format!("line.{number}"))
    }

    /// Who reads, where it is no school: the level above, or the bureau that the address names.
    fn bureau(&self) -> Option<&str> {
        let named = self.school.filter(|one| one.kind.level() < SCHOOL);
        self.above.or(named.map(|one| one.name.as_str()))
    }

    /// Lines that are shown at once; the others behind "more".
    fn first_lines(&self) -> &[String] {
        let lines = &self.config.visitor.help_lines;
        &lines[..lines.len().min(FIRST_LINES)]
    }

    fn more_lines(&self) -> &[String] {
        &self.config.visitor.help_lines[self.first_lines().len()..]
    }

    fn returning(&self) -> bool {
        self.step == "return"
    }

    fn group(&self, name: &str) -> String {
        let n = name.trim_start_matches('g');
        self.t("plain.group").replace("{n}", n)
    }

    fn numbered(&self, index: &usize) -> String {
        self.t("q.count").replace("{n}", &(index + 1).to_string())
    }

    fn script_words(&self) -> Vec<(&str, &str)> {
        script_words(self.words)
    }
}

/// Level of a school; bureaus stand above.
const SCHOOL: u8 = 2;

/// More would push "tell the school" off a phone's first screen.
const FIRST_LINES: usize = 4;

/// What the script says, word by word; of a section that ends with a dot it says all.
const SCRIPT_WORDS: &str = "
    a. date due. next pad. q.unknown role. short. stage. text.own.
    check.all check.and check.change check.exclude check.none check.not check.notext check.open check.send
    check.some check.text
    confirm.title
    landing.wait
    exclude.above exclude.shut
    file.
    problem.again problem.check problem.help problem.look problem.resend
    problem.changed.
    problem.keys. problem.locking. problem.network. problem.nobody. problem.offline. problem.receipt.
    problem.trust. problem.unavailable.
    return.digit return.opening
    sending.lock sending.send
    talk.bureau talk.file talk.no_older talk.none talk.school talk.send talk.sent talk.worse_mark talk.you
    text.cover text.covered text.left text.over text.own text.remain
";

pub(super) fn script_words(words: &Words) -> Vec<(&str, &str)> {
    let named: Vec<_> = SCRIPT_WORDS.split_whitespace().collect();
    words.of(&named)
}

/// Which address was asked for.
struct Asked<'a> {
    step: &'a str,
    code: Option<&'a str>,
    search: Option<&'a str>,
}

/// `/`: without a school.
pub(super) async fn root(State(app): State<App>, words: &Words) -> Result<Response, Failure> {
    page(
        &app,
        words,
        &Asked {
            step: "landing",
            code: None,
            search: None,
        },
    )
    .await
}

/// `/return`: the same document, its first step another.
pub(super) async fn to_return(State(app): State<App>, words: &Words) -> Result<Response, Failure> {
    page(
        &app,
        words,
        &Asked {
            step: "return",
            code: None,
            search: None,
        },
    )
    .await
}

/// `/s/{code}` and `/s/{code}/tell`.
pub(super) async fn school(
    State(app): State<App>,
    Path(code): Path<String>,
    words: &Words,
    step: &str,
) -> Result<Response, Failure> {
    page(
        &app,
        words,
        &Asked {
            step,
            code: Some(&code),
            search: None,
        },
    )
    .await
}

/// What is searched.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// `POST /find`: a search stands in no address.
pub(super) async fn find(
    State(app): State<App>,
    Form(search): Form<Search>,
    words: &Words,
) -> Result<Response, Failure> {
    page(
        &app,
        words,
        &Asked {
            step: "landing",
            code: None,
            search: Some(&search.q),
        },
    )
    .await
}

async fn page(app: &App, words: &Words, asked: &Asked<'_>) -> Result<Response, Failure> {
    let mut tx = app.store.read().await?;
    let city = directory::city(&mut tx).await.map_err(directory_failure)?;
    let city = city.ok_or(Failure::Unavailable)?;
    let school = match asked.code {
        Some(code) if directory::code::is_valid(code) => directory::organisation(&mut tx, code)
            .await
            .map_err(directory_failure)?,
        _ => None,
    };
    let unknown = asked.code.is_some() && school.is_none();
    let about = school.as_ref().unwrap_or(&city);
    let holder = holder(app, &mut tx, about).await?;
    let above = holder.as_ref().filter(|holder| holder.id != about.id);
    let found = match asked.search {
        Some(search) => directory::find(&mut tx, search)
            .await
            .map_err(directory_failure)?,
        None => Vec::new(),
    };
    let html = VisitPage {
        words,
        other: if words.prefix.is_empty() { "/en" } else { "" },
        step: asked.step,
        code: &about.code,
        school: school.as_ref(),
        above: above.map(|above| above.name.as_str()),
        nobody: holder.is_none(),
        unknown,
        searched: asked.search,
        found: &found,
        questions: &QUESTIONS,
        groups: groups(&Answers::default()),
        draft: None,
        worse: false,
        after: "",
        guide: Guide::new(words, &app.config),
        config: &app.config,
        demo: app.config.letters.tick_seconds < LEAST_REAL_TICK,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
        gate: assets::address("gate.js"),
        module: assets::address("report.js"),
    }
    .render()
    .map_err(|_| Failure::Internal("a page does not render"))?;
    let status = if unknown {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    Ok((status, Html(html)).into_response())
}

async fn holder(
    app: &App,
    tx: &mut Tx,
    about: &Organisation,
) -> Result<Option<Organisation>, Failure> {
    let day = app.clock.now().day();
    directory::working_holder(tx, about.id, day)
        .await
        .map_err(directory_failure)
}
