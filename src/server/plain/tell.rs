//! Telling without script.

use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::exchange::Operation;
use shudong_envelope::holders::{Holders, holders};
use shudong_envelope::keys_document::Verified;
use shudong_envelope::receipt::Receipt;
use shudong_envelope::record::{Side, TIP_TEXT};
use shudong_envelope::tip;

use super::{Answers, Refusal, ask, verified};
use crate::app::App;

/// A taken receipt or keys that just changed are met with another seal this often.
const MOST_SEALS: u8 = 4;

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
) -> Result<Told, Refusal> {
    for attempt in 0..MOST_SEALS {
        let keys = verified(app, code).await?;
        let who = holders(&keys, &answers.roles(), answers.past()).ok_or(Refusal::Nobody)?;
        let text = answers.json(code, lang, keys.day);
        if answers.is_too_long() || text.len() > TIP_TEXT {
            return Err(Refusal::TooLong);
        }
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
            });
        }
    }
    Err(Refusal::Locking)
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_mark(mark: &str) -> bool {
    mark.len() == 64 && mark.bytes().all(|byte| byte.is_ascii_hexdigit())
}
