//! A tip, sealed to its holders and, under the keyring's release, to the levels above.

use rand_core::CryptoRng;

use crate::case::{CaseKey, case_id};
use crate::exchange::Submit;
use crate::holders::Holders;
use crate::kdf::hash;
use crate::kem::{PublicKey, Seed};
use crate::keys_document::Verified;
use crate::letterbox::Letterbox;
use crate::receipt::ReceiptRoot;
use crate::record::{self, Head, Kind, Preface, Side};
use crate::sign::SigningKey;
use crate::wrap::{Context, Purpose, wrap};
use crate::{Refused, Result};

/// The keys that a letter to `holders` is wrapped to: use (0 holder, 1 the level above, 2 the
/// city) and public key.
pub fn recipients(keys: &Verified, holders: &Holders) -> Vec<(u8, PublicKey)> {
    let own = |level: usize| {
        keys.levels[level]
            .working
            .as_ref()
            .map(|(_, key)| key.clone())
    };
    let holding = match &holders.members {
        Some(members) => members.iter().map(|one| one.kem.clone()).collect(),
        None => Vec::from_iter(own(holders.position)),
    };
    let upper = (1..).zip((0..holders.position).rev());
    let upper = upper.filter_map(|(usage, level)| Some((usage, own(level)?)));
    holding
        .into_iter()
        .map(|key| (0, key))
        .chain(upper)
        .collect()
}

/// Seals a tip's JSON under a fresh case key. `side` is who seals: the reporter's page, or the
/// server for a reporter without script, who has no poster's pin to check.
///
/// # Errors
/// [`Refused::Length`] if the text does not fit, [`Refused::Statement`] if the holders have no key.
pub fn seal(
    text: &[u8],
    side: Side,
    keys: &Verified,
    holders: &Holders,
    receipt: &ReceiptRoot,
    rng: &mut impl CryptoRng,
) -> Result<Submit> {
    let level = &keys.levels[holders.position];
    let (epoch, _) = level.working.as_ref().ok_or(Refused::Statement)?;
    let (deployment, organisation) = (keys.deployment, level.identity.child);
    let key = CaseKey::random(rng);
    let author = SigningKey::from_seed(&receipt.key("sign"));
    let case = case_id(&deployment, &organisation, &author.public(), &key.commit());
    let head = Head {
        kind: Kind::Tip,
        side,
        generation: 0,
        seq: 0,
        deployment,
        case,
        object: case,
        prev: [0; 32],
    };
    let preface = Preface::Tip {
        signing: author.public(),
        kem: Seed::from_bytes(receipt.key("kem"))
            .public()?
            .bytes()
            .to_vec(),
    };
    let tip = record::seal(&head, &preface, text, &author, &key, rng)?;
    let wraps = wraps(&key, &case, keys, holders, rng)?;
    let letterbox = Letterbox {
        key: (*key.bytes()).into(),
        organisation,
        root: keys.levels[0].key,
        identity: level.key,
        epoch: epoch.epoch,
        pinned: false,
    };
    let sealed_box = letterbox.seal(&receipt.key("box"), &deployment, &case, rng)?;
    let entry = [
        hash(&[&receipt.key("leaf")[..]]),
        hash(&[&receipt.key("blind")[..], &tip]),
    ];
    Ok(Submit {
        auth: *receipt.key("auth"),
        proof: [0; 72],
        log_entry: crate::bytes::array(entry.as_flattened())?,
        organisation,
        commit: key.commit(),
        letterbox: crate::bytes::array(&sealed_box)?,
        wraps,
        tip,
    })
}

fn wraps(
    key: &CaseKey,
    case: &[u8; 16],
    keys: &Verified,
    holders: &Holders,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Vec<u8>>> {
    let context = |usage| Context {
        purpose: Purpose::Case,
        deployment: keys.deployment,
        object: *case,
        generation: 0,
        usage,
        commit: key.commit(),
    };
    let recipients = recipients(keys, holders);
    recipients
        .iter()
        .map(|(usage, to)| wrap(key.bytes(), to, &context(*usage), rng))
        .collect()
}
