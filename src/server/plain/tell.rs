//! Telling without script.

use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::exchange::Operation;
use shudong_envelope::holders::{Holders, holders};
use shudong_envelope::keys_document::Verified;
use shudong_envelope::receipt::{Receipt, ReceiptRoot};
use shudong_envelope::record::{Side, TIP_TEXT};
use shudong_envelope::tip;

use super::{Answers, MOST_SEALS, MOST_TEXT, Photo, Refusal, Thread, ask, hex, verified};
use crate::app::App;

/// Who will read, or has been sent a letter.
#[derive(Debug)]
pub(crate) struct Readers {
    /// Their organisation.
    pub(crate) name: String,
    /// How many, if not everybody who deals with it there.
    pub(crate) members: Option<usize>,
}

/// A letter that is durable.
pub(crate) struct Told {
    pub(crate) receipt: Receipt,
    pub(crate) readers: Readers,
    /// Places, from 1, of photos that did not arrive, and of those whose first picture alone did.
    pub(crate) missing: Vec<usize>,
    pub(crate) stilled: Vec<usize>,
}

fn named(keys: &Verified, holders: &Holders) -> Readers {
    Readers {
        name: keys.levels[holders.position].name.clone(),
        members: holders.members.as_ref().map(Vec::len),
    }
}

/// Who would read a letter that leaves out `roles`, or that goes `past` the school.
pub(crate) fn readers(keys: &Verified, roles: &[u8], past: bool) -> Option<Readers> {
    holders(keys, roles, past).map(|holders| named(keys, &holders))
}

/// Who could read when a form was made, in short: a letter must not go to others than the form said.
pub(crate) fn reading(keys: &Verified) -> String {
    let holder = keys
        .holder()
        .map(|position| keys.levels[position].identity.child);
    let mut members: Vec<_> = keys
        .members
        .iter()
        .map(|one| [&one.statement.member[..], &[one.statement.role]].concat())
        .collect();
    members.sort_unstable();
    let parts = [
        &holder.unwrap_or_default()[..],
        &[u8::from(keys.roster_valid)],
        &members.concat(),
    ];
    hex(&shudong_envelope::kdf::hash16(&parts))
}

/// Seals what a form brought and sends it. The same form again is the same letter with the same
/// receipt: everything that is drawn follows from the form's own random mark.
///
/// # Errors
/// Why nothing was stored.
pub(crate) async fn tell(
    app: &App,
    code: &str,
    lang: &str,
    answers: &Answers,
    photos: &[Photo],
) -> Result<Told, Refusal> {
    if answers.leaves_out_a_stranger() {
        return Err(Refusal::Locking);
    }
    for attempt in 0..MOST_SEALS {
        let keys = verified(app, code).await?;
        let shown = answers.first("reads");
        if !shown.is_empty() && shown != reading(&keys) {
            return Err(Refusal::Changed);
        }
        let who = holders(&keys, &answers.roles(), answers.past()).ok_or(Refusal::Nobody)?;
        let text = answers.json(code, lang, keys.day);
        let beyond = answers.text().len().saturating_sub(MOST_TEXT);
        let beyond = beyond.max(text.len().saturating_sub(TIP_TEXT));
        Refusal::if_beyond(answers.text(), beyond)?;
        let rng = &mut drawn(app, answers.first("once"), &text, &keys, &who, attempt);
        let receipt = Receipt::random(rng);
        let root = app
            .turns
            .root(&receipt, keys.deployment)
            .await
            .ok_or(Refusal::Busy)?;
        let sealed = tip::seal(&text, Side::Server, &keys, &who, &root, rng);
        let sealed = sealed.map_err(|_| Refusal::Locking)?;
        let operation = Operation::Submit(Box::new(sealed));
        let answer = ask(app, operation, answers.urgent()).await?;
        if parse_outcome(&answer)?.0 == Outcome::Stored {
            return Ok(Told {
                receipt,
                readers: named(&keys, &who),
                missing: add(app, keys.deployment, root, photos).await,
                stilled: stilled(photos),
            });
        }
    }
    Err(Refusal::Locking)
}

/// Adds the photos to a letter that is durable: whatever becomes of them, there is a receipt to show.
async fn add(app: &App, deployment: [u8; 16], root: ReceiptRoot, photos: &[Photo]) -> Vec<usize> {
    if photos.is_empty() {
        return Vec::new();
    }
    match Thread::fetch(app, deployment, root).await {
        Ok(Some(thread)) => thread.rewound().add_all(app, photos).await,
        _ => (1..=photos.len()).collect(),
    }
}

fn stilled(photos: &[Photo]) -> Vec<usize> {
    let photos = (1..).zip(photos);
    photos
        .filter_map(|(n, photo)| photo.moved.then_some(n))
        .collect()
}

/// Randomness for one letter: the mark that the form was given, 32 bytes of the operating system's,
/// under the keyring, with everything that will be sealed. Whoever has the mark alone draws nothing,
/// and no other content meets the same keys and nonces.
fn drawn(
    app: &App,
    mark: &str,
    text: &[u8],
    keys: &Verified,
    who: &Holders,
    attempt: u8,
) -> StdRng {
    let recipients = tip::recipients(keys, who);
    let recipients = recipients
        .iter()
        .flat_map(|(usage, key)| [vec![*usage], key.hash().to_vec()].concat());
    let level = &keys.levels[who.position];
    let epoch = level.working.as_ref().map_or(0, |(epoch, _)| epoch.epoch);
    let parts = [
        mark.as_bytes(),
        &[0, attempt],
        &keys.levels[0].key,
        &level.identity.child,
        &level.key,
        &epoch.to_be_bytes(),
        &recipients.collect::<Vec<u8>>(),
        text,
    ];
    // A form without its mark must not share one with another such form.
    let fresh = if is_mark(mark) {
        Vec::new()
    } else {
        new_mark(app).into_bytes()
    };
    StdRng::from_seed(
        app.keyring
            .lookup("plain", &[&parts.concat()[..], &fresh].concat()),
    )
}

/// A fresh mark for a form.
pub(crate) fn new_mark(app: &App) -> String {
    let mut bytes = [0; 32];
    rand::Rng::fill_bytes(&mut app.rng(), &mut bytes);
    hex(&bytes)
}

fn is_mark(mark: &str) -> bool {
    mark.len() == 64 && mark.bytes().all(|byte| byte.is_ascii_hexdigit())
}
