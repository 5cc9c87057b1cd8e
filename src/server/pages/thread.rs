//! Coming back without script: twenty digits in a form, then the conversation.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use shudong_envelope::receipt::Receipt;
use shudong_envelope::statement::{Identity, Statement};
use time::OffsetDateTime;

use super::plain::{Advice, said};
use super::words::Words;
use crate::app::App;
use crate::config::Config;
use crate::directory;
use crate::server::assets;
use crate::server::failure::Failure;
use crate::server::keys::directory_failure;
use crate::server::plain::{Answers, Form, Letter, Photo, Refusal, Thread};

const LAST_STAGE: u8 = 4;
const CLOSED: u8 = 5;
const SCHOOL: u8 = 2;

/// The five groups of a receipt by the names of their fields.
pub(super) type Groups = [(&'static str, String); 5];

/// Empty groups.
pub(super) fn groups(answers: &Answers) -> Groups {
    ["g1", "g2", "g3", "g4", "g5"].map(|name| (name, answers.first(name).to_owned()))
}

/// The digits with their form again, and what was wrong.
#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage<'a> {
    words: &'a Words,
    groups: Groups,
    /// What was to be sent, so that it is not lost.
    draft: Option<&'a str>,
    worse: bool,
    after: &'a str,
    /// The stable word of what was wrong, and what can be done about it.
    problem: &'static str,
    lead: &'a str,
    /// A photo came too: the conversation has a field for it, and this page has none.
    photo_gone: bool,
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
}

impl AskPage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }

    /// What a screen reader calls a group's field.
    fn group(&self, name: &str) -> String {
        let n = name.trim_start_matches('g');
        self.t("plain.group").replace("{n}", n)
    }
}

#[derive(Template)]
#[template(path = "thread.html")]
struct ThreadPage<'a> {
    words: &'a Words,
    thread: &'a Thread,
    letters: &'a [Letter],
    /// `school` or `bureau`.
    answering: &'static str,
    groups: Groups,
    after: u32,
    draft: &'a str,
    /// A letter has just been sent.
    sent: bool,
    /// The stable word of why not, and what can be done about it.
    problem: Option<(&'static str, String)>,
    /// A photo came too: no page can fill in its field again.
    photo_gone: bool,
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
}

impl ThreadPage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }

    fn stage(&self, n: &u8) -> &str {
        self.t(&format!("stage.{n}"))
    }

    fn is_now(&self, n: &u8) -> bool {
        *n == self.thread.status.stage
    }

    fn stages(&self) -> Vec<(u8, &'static str)> {
        let stage = self.thread.status.stage;
        let class = |n: u8| match n {
            n if n < stage || stage == CLOSED => "past",
            n if n == stage => "now",
            _ => "",
        };
        (0..=LAST_STAGE).map(|n| (n, class(n))).collect()
    }

    /// The deadline, and how many days are left unless it is over.
    fn due(&self) -> Option<(String, Option<String>)> {
        let status = &self.thread.status;
        if status.due == 0 {
            return None;
        }
        let said = self.t(&format!("due.{}", status.duty));
        let left = status.due.checked_sub(status.today).map(|days| match days {
            0 => self.t("due.today").to_owned(),
            days => self.t("due.left").replace("{n}", &days.to_string()),
        });
        Some((said.replace("{date}", &self.date(status.due)), left))
    }

    fn date(&self, day: u32) -> String {
        let at = OffsetDateTime::from_unix_timestamp(i64::from(day) * 86_400);
        let date = at.map_or(OffsetDateTime::UNIX_EPOCH, |at| at).date();
        let said = self
            .t("date")
            .replace("{m}", &u8::from(date.month()).to_string());
        said.replace("{d}", &date.day().to_string())
    }

    fn head(&self, letter: &Letter) -> String {
        let who = if letter.mine {
            self.t("talk.you")
        } else {
            self.answerer()
        };
        let worse = if letter.worse {
            format!(" · {}", self.t("talk.worse_mark"))
        } else {
            String::new()
        };
        format!("{who} · {}{worse}", self.date(letter.day))
    }

    fn text(&self, letter: &Letter) -> String {
        match &letter.file {
            Some(file) => self.t("talk.file").replace("{name}", &file.name),
            None => letter.text.clone(),
        }
    }

    fn answerer(&self) -> &str {
        self.t(&format!("talk.{}", self.answering))
    }

    fn most_text(&self) -> String {
        Advice(self.words).most_text()
    }

    fn unanswered(&self) -> bool {
        self.letters.iter().all(|letter| letter.mine)
    }
}

/// What became of what a form brought to write.
enum Written {
    /// It brought nothing.
    Nothing,
    /// All of it is there.
    All,
    /// The words are there, if there were any; a photo is not.
    NoPhoto,
    /// Nothing was stored.
    Refused(Refusal),
}

/// `POST /return`: the digits open the conversation; with words or a photo they write in it first.
pub(super) async fn open(
    State(app): State<App>,
    request: Request,
    words: &'static Words,
) -> Result<Response, Failure> {
    let mut form = Form::read(&app, request).await;
    let Ok(receipt) = receipt(&form.answers) else {
        return match form.refused {
            // Of such a form the digits may not have come through: they are not what was wrong.
            Some(refusal) => refused(&app, words, &form, refusal),
            None => {
                let lead = words.get("return.digit");
                ask(&app, words, &form, (StatusCode::OK, "digit", lead))
            }
        };
    };
    let opened = match city(&app).await {
        Ok(city) => Thread::open(&app, &city, &receipt).await,
        Err(failure) => Err(failure.into()),
    };
    match opened {
        Ok(Some(thread)) => {
            let (thread, written) = write(&app, words, &mut form, thread).await;
            shown(&app, words, &form, &thread, &written)
        }
        Ok(None) => {
            let lead = words.get("problem.receipt.lead");
            ask(&app, words, &form, (StatusCode::OK, "receipt", lead))
        }
        Err(refusal) => refused(&app, words, &form, refusal),
    }
}

/// The digits with their form again, because what it brought was not looked at.
fn refused(app: &App, words: &Words, form: &Form, refusal: Refusal) -> Result<Response, Failure> {
    let (status, word) = reason(refusal);
    let lead = Advice(words).on(refusal, word);
    ask(app, words, form, (status, word, &lead))
}

async fn city(app: &App) -> Result<String, Failure> {
    let mut tx = app.store.read().await?;
    let city = directory::city(&mut tx).await.map_err(directory_failure)?;
    city.map(|city| city.code).ok_or(Failure::Unavailable)
}

/// Digits in any of the fields, as a phone's keyboard writes them.
fn receipt(answers: &Answers) -> shudong_envelope::Result<Receipt> {
    let written = groups(answers).map(|(_, group)| group).concat();
    let digit = |written: char| match written {
        // Full-width digits, as keyboards for Chinese write them.
        '\u{ff10}'..='\u{ff19}' => char::from_digit(written as u32 - 0xff10, 10).unwrap_or(written),
        '-' | '\u{3000}' | '\t' => ' ',
        _ => written,
    };
    Receipt::parse(&written.chars().map(digit).collect::<String>())
}

async fn write(app: &App, words: &Words, form: &mut Form, thread: Thread) -> (Thread, Written) {
    let photos = form.photos(app).await;
    let answers = &form.answers;
    let worse = answers.has("worse", "1");
    let text = match answers.text().trim() {
        "" if worse => words.get("talk.worse_mark"),
        text => text,
    };
    let photos = match photos {
        Ok(photos) => photos,
        Err(refusal) => return (thread, Written::Refused(refusal)),
    };
    let after = answers.first("after").parse().ok();
    let thread = match after.filter(|_| !text.is_empty()) {
        Some(after) => thread.write(app, text, worse, after).await,
        None if photos.is_empty() => return (thread, Written::Nothing),
        None => Ok(thread),
    };
    match thread {
        Ok(thread) => add(app, thread, &photos).await,
        Err((thread, refusal)) => (*thread, Written::Refused(refusal)),
    }
}

async fn add(app: &App, mut thread: Thread, photos: &[Photo]) -> (Thread, Written) {
    for photo in photos {
        if thread.add_shown(app, photo).await.is_err() {
            return (thread, Written::NoPhoto);
        }
    }
    (thread, Written::All)
}

/// What HTTP calls a refusal, and its stable word.
fn reason(refusal: Refusal) -> (StatusCode, &'static str) {
    let away = StatusCode::SERVICE_UNAVAILABLE;
    match refusal {
        Refusal::TooLong(_) => (StatusCode::PAYLOAD_TOO_LARGE, "long"),
        Refusal::Busy => (away, "busy"),
        Refusal::Unavailable | Refusal::Nobody => (away, "unavailable"),
        Refusal::Locking | Refusal::Changed => (StatusCode::CONFLICT, "locking"),
        Refusal::Trust => (StatusCode::INTERNAL_SERVER_ERROR, "trust"),
        Refusal::Cut | Refusal::ManyPhotos | Refusal::MuchPhotos | Refusal::Photo(..) => {
            let (word, status) = said(refusal);
            (status, word)
        }
    }
}

fn ask(
    app: &App,
    words: &Words,
    form: &Form,
    (status, problem, lead): (StatusCode, &'static str, &str),
) -> Result<Response, Failure> {
    let answers = &form.answers;
    let worse = answers.has("worse", "1");
    let page = AskPage {
        words,
        groups: groups(answers),
        draft: (worse || !answers.text().is_empty()).then(|| answers.text()),
        worse,
        after: answers.first("after"),
        problem,
        lead,
        photo_gone: form.has_photos(),
        config: &app.config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
    };
    let html = page
        .render()
        .map_err(|_| Failure::Internal("a page does not render"))?;
    Ok((status, Html(html)).into_response())
}

/// The conversation; with what became of a letter, if there was one.
fn shown(
    app: &App,
    words: &Words,
    form: &Form,
    thread: &Thread,
    written: &Written,
) -> Result<Response, Failure> {
    let (status, problem) = match written {
        Written::Nothing | Written::All => (StatusCode::OK, None),
        Written::NoPhoto => (
            StatusCode::OK,
            Some(("missing", Advice(words).on_missing().to_owned())),
        ),
        Written::Refused(refusal) => {
            let (status, word) = reason(*refusal);
            (status, Some((word, Advice(words).on(*refusal, word))))
        }
    };
    let is_refused = matches!(written, Written::Refused(_));
    let page = ThreadPage {
        words,
        thread,
        letters: &thread.letters,
        answering: answering(thread),
        groups: groups(&form.answers),
        after: thread.newest(),
        draft: if is_refused { form.answers.text() } else { "" },
        sent: matches!(written, Written::All),
        problem,
        photo_gone: is_refused && form.has_photos(),
        config: &app.config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
    };
    let html = page
        .render()
        .map_err(|_| Failure::Internal("a page does not render"))?;
    Ok((status, Html(html)).into_response())
}

/// A school, or the bureau that the letter was sealed to.
fn answering(thread: &Thread) -> &'static str {
    let own = thread.status.identities.last();
    let own = own.and_then(|bytes| Identity::parse(bytes.get(..Identity::BODY)?).ok());
    if own.is_some_and(|own| own.level < SCHOOL) {
        "bureau"
    } else {
        "school"
    }
}
