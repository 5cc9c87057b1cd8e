//! The reporter without script: what the page's script does is done here, in memory.
//!
//! Sees words and receipts in the clear while a request lasts and keeps nothing of them; the page
//! says so before anything is written. From the exchange on it is a visitor like any other.

mod answers;
mod files;
mod form;
mod held;
mod multipart;
mod photo;
mod picture;
mod tell;
mod thread;
mod turns;

pub(crate) use answers::Answers;
pub(crate) use form::{Form, MOST_PHOTOS};
pub(crate) use held::MOST_WORDS;
pub(crate) use photo::{Photo, Unfit};
pub(crate) use tell::{Readers, Told, new_mark, readers, reading, tell};
pub(crate) use thread::{Letter, Thread};
pub use turns::Turns;

use shudong_envelope::Refused;
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::exchange::{Operation, Request};
use shudong_envelope::keys_document::{Items, Verified, verify};

use super::exchange;
use super::failure::Failure;
use super::keys;
use crate::app::App;

/// Bytes of text in one letter.
pub(crate) const MOST_TEXT: usize = 9_000;

/// A taken receipt, keys that just changed or a place that another letter took are met with another
/// seal this often.
const MOST_SEALS: u8 = 4;

/// Why a page without script could not do it. The words that came with it go back with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The text does not fit into one letter: about so many characters are too many, or 0 if it was
    /// not even read.
    TooLong(usize),
    /// Too many are being locked; nothing was sent.
    Busy,
    /// Who reads is not what the form said.
    Changed,
    /// Nobody can read.
    Nobody,
    /// The database is away; nothing was stored.
    Unavailable,
    /// It could not be locked; nothing was sent.
    Locking,
    /// What is stored cannot be trusted.
    Trust,
    /// The form broke off or took too long; nothing was sent.
    Cut,
    /// More photos than a form takes.
    ManyPhotos,
    /// Photos that are too much together.
    MuchPhotos,
    /// One photo, counted from 1, cannot be taken.
    Photo(usize, Unfit),
}

impl Refusal {
    /// Refuses a text that is so many bytes too long.
    fn if_beyond(text: &str, bytes: usize) -> Result<(), Self> {
        let mut left = bytes;
        let last = text.chars().rev().take_while(|character| {
            let is_beyond = left > 0;
            left = left.saturating_sub(character.len_utf8());
            is_beyond
        });
        match last.count() {
            0 => Ok(()),
            characters => Err(Self::TooLong(characters)),
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        failure.log();
        match failure {
            Failure::Unavailable | Failure::Busy => Self::Unavailable,
            _ => Self::Locking,
        }
    }
}

impl From<Refused> for Refusal {
    fn from(_: Refused) -> Self {
        Self::Trust
    }
}

/// The verified keys of an organisation, as a page would fetch them.
pub(crate) async fn verified(app: &App, code: &str) -> Result<Verified, Refusal> {
    let document = keys::current(app, code).await?;
    Ok(verify(&Items::parse(&document)?, None)?)
}

/// One exchange, without the wire.
async fn ask(app: &App, operation: Operation, urgent: bool) -> Result<Vec<u8>, Refusal> {
    let stores = exchange::stores(&operation);
    let request = Request { urgent, operation };
    let answer = exchange::perform(app, &request).await?;
    if stores && parse_outcome(&answer)?.0 == Outcome::NoRoom {
        return Err(Refusal::Unavailable);
    }
    Ok(answer)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
