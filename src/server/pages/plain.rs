//! The form that the server seals, for phones without script: one form, one POST, one receipt.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use shudong_envelope::keys_document::Verified;
use shudong_envelope::statement::ROLE_WORDS;

use super::visit;
use super::words::Words;
use crate::app::App;
use crate::config::Config;
use crate::directory::{self, Organisation};
use crate::server::assets;
use crate::server::failure::Failure;
use crate::server::keys::directory_failure;
use crate::server::plain::{
    self, Answers, Form, MOST_PHOTOS, MOST_TEXT, Readers, Refusal, Told, Unfit,
};
use crate::server::questions::{QUESTIONS, Question};

/// A role that can be left out: its word, its code, where the letter goes then.
type RoleTile = (&'static str, u8, Option<String>);

#[derive(Template)]
#[template(path = "plain.html")]
struct PlainPage<'a> {
    words: &'a Words,
    code: &'a str,
    /// The school's name; empty while the database is away.
    name: &'a str,
    nobody: bool,
    /// Whoever reads if nobody is left out; none while that is not known.
    readers: Option<Readers>,
    /// Who reads if the letter goes past the school; empty while that is not known.
    above: Option<String>,
    roles: Vec<RoleTile>,
    questions: &'static [Question],
    answers: &'a Answers,
    mark: String,
    /// Who can read, in short.
    reads: String,
    refused: Option<Refusal>,
    /// Photos came with what is refused: no page can fill in their field again.
    photos_gone: bool,
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
}

impl PlainPage<'_> {
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

    fn problem(&self, refusal: &Refusal) -> &'static str {
        said(*refusal).0
    }

    fn problem_title(&self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::Photo(n, _) => self.t("photo.which").replace("{n}", &n.to_string()),
            other => self
                .t(&format!("plain.{}.title", said(*other).0))
                .to_owned(),
        }
    }

    fn problem_lead(&self, refusal: &Refusal) -> String {
        Advice(self.words).on(*refusal, said(*refusal).0)
    }

    fn most_text(&self) -> String {
        Advice(self.words).most_text()
    }

    fn most_photos(&self) -> String {
        self.t("photo.most")
            .replace("{n}", &MOST_PHOTOS.to_string())
    }

    fn role(&self, role: &u8) -> &str {
        self.t(&format!("role.{role}"))
    }

    fn all(&self, name: &str) -> String {
        self.t("check.all").replace("{name}", name)
    }

    /// The two most urgent: the page is long, and all stand under "help".
    fn numbers(&self) -> &[String] {
        let lines = &self.config.visitor.help_lines;
        &lines[..lines.len().min(2)]
    }
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    words: &'a Words,
    groups: Vec<&'a str>,
    victim: bool,
    urgent: bool,
    readers: &'a Readers,
    out: Vec<u8>,
    /// Places of photos that did not arrive, and of those whose first picture alone did.
    missing: &'a [usize],
    stilled: &'a [usize],
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
}

impl ReceiptPage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }

    fn who(&self) -> String {
        let Readers { name, members } = self.readers;
        match members {
            None => self.t("check.all").replace("{name}", name),
            Some(n) => {
                let said = self.t("check.some").replace("{name}", name);
                said.replace("{n}", &n.to_string())
            }
        }
    }

    fn missing(&self, n: &usize) -> String {
        self.t("photo.missing").replace("{n}", &n.to_string())
    }

    fn stilled(&self, n: &usize) -> String {
        self.t("photo.stilled").replace("{n}", &n.to_string())
    }

    fn out(&self) -> Option<String> {
        let roles: Vec<_> = self
            .out
            .iter()
            .map(|role| self.t(&format!("role.{role}")))
            .collect();
        let roles = roles.join(self.t("check.and"));
        (!roles.is_empty()).then(|| self.t("check.not").replace("{roles}", &roles))
    }
}

/// `GET /s/{code}/plain`.
pub(super) async fn form(
    State(app): State<App>,
    Path(code): Path<String>,
    words: &'static Words,
) -> Result<Response, Failure> {
    match organisation(&app, &code).await? {
        Some(school) => page(&app, words, (&code, &school.name), &Form::default(), None).await,
        None => visit::school(State(app), Path(code), words, "landing").await,
    }
}

/// `POST /s/{code}/plain`: the receipt, or the form as it was filled in.
pub(super) async fn tell(
    State(app): State<App>,
    Path(code): Path<String>,
    request: Request,
    words: &'static Words,
) -> Result<Response, Failure> {
    let mut form = Form::read(&app, request).await;
    let school = match organisation(&app, &code).await {
        Ok(Some(school)) => school,
        Ok(None) => return visit::school(State(app), Path(code), words, "landing").await,
        // What was written goes back all the same.
        Err(_) => {
            let refusal = Some(Refusal::Unavailable);
            return page(&app, words, (&code, ""), &form, refusal).await;
        }
    };
    let told = match form.photos(&app).await {
        Ok(photos) => plain::tell(&app, &code, lang(words), &form.answers, &photos).await,
        Err(refusal) => Err(refusal),
    };
    match told {
        Ok(told) => receipt(&app, words, &form.answers, &told),
        Err(refusal) => page(&app, words, (&code, &school.name), &form, Some(refusal)).await,
    }
}

fn lang(words: &Words) -> &'static str {
    if words.prefix.is_empty() { "zh" } else { "en" }
}

async fn organisation(app: &App, code: &str) -> Result<Option<Organisation>, Failure> {
    if !directory::code::is_valid(code) {
        return Ok(None);
    }
    let mut tx = app.store.read().await?;
    directory::organisation(&mut tx, code)
        .await
        .map_err(directory_failure)
}

/// The word of a refusal, and what HTTP calls it.
pub(super) fn said(refusal: Refusal) -> (&'static str, StatusCode) {
    match refusal {
        Refusal::TooLong(_) => ("long", StatusCode::PAYLOAD_TOO_LARGE),
        Refusal::Changed => ("changed", StatusCode::CONFLICT),
        Refusal::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE),
        Refusal::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Refusal::Nobody => ("nobody", StatusCode::SERVICE_UNAVAILABLE),
        Refusal::Locking | Refusal::Trust => ("locking", StatusCode::INTERNAL_SERVER_ERROR),
        // Not 408: browsers send a request again by themselves that is answered so.
        Refusal::Cut => ("cut", StatusCode::BAD_REQUEST),
        Refusal::ManyPhotos => ("many", StatusCode::PAYLOAD_TOO_LARGE),
        Refusal::MuchPhotos => ("much", StatusCode::PAYLOAD_TOO_LARGE),
        Refusal::Photo(_, unfit) => (word(unfit), StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// Says what can be done when something was not sent.
pub(super) struct Advice<'w>(pub(super) &'w Words);

impl<'w> Advice<'w> {
    fn t(&self, key: &str) -> &'w str {
        self.0.get(key)
    }

    /// About a refusal of that word.
    pub(super) fn on(&self, refusal: Refusal, word: &str) -> String {
        if let Refusal::Photo(..) = refusal {
            return self.t(&format!("photo.unfit.{word}")).to_owned();
        }
        let lead = self.t(&format!("plain.{word}.lead"));
        match refusal {
            Refusal::TooLong(n) if n > 0 => {
                let over = self.t("plain.over").replace("{n}", &n.to_string());
                format!("{over} {lead}")
            }
            _ => lead.to_owned(),
        }
    }

    /// How much fits into one letter. A Chinese character takes three bytes.
    pub(super) fn most_text(&self) -> String {
        let characters = MOST_TEXT / 3;
        self.t("plain.most").replace("{n}", &characters.to_string())
    }

    /// About a photo that did not follow its letter.
    pub(super) fn on_missing(&self) -> &'w str {
        self.t("photo.not_added")
    }
}

/// The word of what is wrong with a photo.
fn word(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Empty => "empty",
        Unfit::Large => "large",
        Unfit::Kind => "kind",
        Unfit::Picture => "picture",
        Unfit::Pixels => "pixels",
    }
}

async fn page(
    app: &App,
    words: &Words,
    (code, name): (&str, &str),
    form: &Form,
    refusal: Option<Refusal>,
) -> Result<Response, Failure> {
    let answers = &form.answers;
    let keys = match (refusal, plain_keys(app, code, refusal).await) {
        (None, Err(error)) => return Err(failure(error)),
        (_, keys) => keys.ok(),
    };
    let status = refusal.map_or(StatusCode::OK, |refusal| said(refusal).1);
    let mark = answers.first("once");
    let html = PlainPage {
        words,
        code,
        name,
        nobody: keys.as_ref().is_some_and(|keys| keys.holder().is_none()),
        readers: keys
            .as_ref()
            .and_then(|keys| plain::readers(keys, &[], false)),
        above: match &keys {
            Some(keys) => above(keys),
            None => answers.past().then(String::new),
        },
        roles: match &keys {
            Some(keys) => roles(keys),
            None => crossed(answers),
        },
        questions: &QUESTIONS,
        answers,
        mark: if mark.is_empty() {
            plain::new_mark(app)
        } else {
            mark.to_owned()
        },
        reads: match &keys {
            Some(keys) => plain::reading(keys),
            None => answers.first("reads").to_owned(),
        },
        refused: refusal,
        photos_gone: form.has_photos(),
        config: &app.config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
    };
    let html = html
        .render()
        .map_err(|_| Failure::Internal("a page does not render"))?;
    Ok((status, Html(html)).into_response())
}

/// A database that is away is not waited for once more.
async fn plain_keys(app: &App, code: &str, refusal: Option<Refusal>) -> Result<Verified, Refusal> {
    match refusal {
        Some(Refusal::Unavailable) => Err(Refusal::Unavailable),
        _ => plain::verified(app, code).await,
    }
}

fn failure(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Unavailable | Refusal::Busy => Failure::Unavailable,
        _ => Failure::Internal("the keys do not verify"),
    }
}

fn above(keys: &Verified) -> Option<String> {
    let reads = plain::readers(keys, &[], false)?;
    let past = plain::readers(keys, &[], true)?;
    (past.name != reads.name).then_some(past.name)
}

/// A tile for each role of the committee; one that takes the letter elsewhere says where.
fn roles(keys: &Verified) -> Vec<RoleTile> {
    let mut roles: Vec<u8> = keys.members.iter().map(|one| one.statement.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let reads = plain::readers(keys, &[], false);
    let tile = |role: u8| {
        let word = ROLE_WORDS.get(usize::from(role))?;
        let goes = plain::readers(keys, &[role], false)?;
        let elsewhere = reads.as_ref().is_some_and(|reads| reads.name != goes.name);
        Some((*word, role, elsewhere.then_some(goes.name)))
    };
    roles.into_iter().filter_map(tile).collect()
}

/// What was crossed out stays so while nobody knows who is on the committee.
fn crossed(answers: &Answers) -> Vec<RoleTile> {
    let tile = |role: u8| {
        let word = ROLE_WORDS.get(usize::from(role))?;
        Some((*word, role, None))
    };
    answers.roles().into_iter().filter_map(tile).collect()
}

fn receipt(app: &App, words: &Words, answers: &Answers, told: &Told) -> Result<Response, Failure> {
    let digits = told.receipt.digits();
    let page = ReceiptPage {
        words,
        groups: (0..5).map(|n| &digits[n * 4..n * 4 + 4]).collect(),
        victim: answers.has("who", "victim"),
        urgent: answers.urgent(),
        readers: &told.readers,
        out: if answers.past() {
            Vec::new()
        } else {
            answers.roles()
        },
        missing: &told.missing,
        stilled: &told.stilled,
        config: &app.config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
    };
    let html = page
        .render()
        .map_err(|_| Failure::Internal("a page does not render"))?;
    Ok(Html(html).into_response())
}
