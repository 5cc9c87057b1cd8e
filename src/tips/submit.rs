//! Taking in a tip or a later letter, once, however often it is sent.

use std::collections::BTreeSet;

use rand::CryptoRng;
use shudong_envelope::answer::Outcome;
use shudong_envelope::exchange::Submit;
use shudong_envelope::record::{Chain, Head, Kind};
use shudong_envelope::wrap;

use super::intake::{self, Letter};
use super::{Tick, TipError, store};
use crate::cases::{self, MOST_HOLDERS};
use crate::clock::{Hour, Moment};
use crate::directory::{self, Sealable};
use crate::ids::{CaseId, OrganisationId};
use crate::keyring::Keyring;
use crate::storage::Tx;

pub(super) type Taken = Result<(Outcome, Hour), TipError>;

/// The lookup of a receipt.
pub(super) fn lookup(keyring: &Keyring, auth: &[u8; 32]) -> [u8; 32] {
    keyring.lookup("receipt", auth)
}

/// Takes in a tip. The same tip again gets the same answer; another one under the same receipt is
/// told so.
///
/// # Errors
/// If the database fails; then nothing was stored.
pub async fn submit(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    now: Moment,
    tick: Tick,
    submit: &Submit,
    urgent: bool,
) -> Taken {
    let lookup = lookup(keyring, &submit.auth);
    if let Some(known) = known_tip(tx, keyring, &lookup).await? {
        return Ok(known.answer(submit));
    }
    let Some(case) = acceptable_tip(tx, &submit.tip).await? else {
        return Ok((Outcome::Refused, Hour(0)));
    };
    let organisation = OrganisationId::from_bytes(submit.organisation);
    let sealable = directory::sealable(tx, organisation, now.day()).await?;
    if !sealable.is_some_and(|sealable| fits(&submit.wraps, &sealable)) {
        return Ok((Outcome::KeysStale, Hour(0)));
    }
    if store::rests(tx, case).await? || cases::exists(tx, case).await? {
        // On PostgreSQL it may have come in since the first look, sent twice at one moment.
        let known = known_tip(tx, keyring, &lookup).await?;
        return Ok(known.map_or((Outcome::Refused, Hour(0)), |known| known.answer(submit)));
    }
    let body = intake::tip_body(submit, urgent)?;
    let due = tick.due_if(now, urgent);
    let letter = Letter {
        lookup: &lookup,
        case,
        seq: 0,
        due,
        body: &body,
    };
    let hour = intake::rest(tx, keyring, rng, letter).await?;
    // On PostgreSQL a tick may have delivered meanwhile what the looks above did not find; a tip
    // that rests beside a delivered one of its receipt or its case would stop every later tick.
    if store::case_of(tx, &lookup).await?.is_some() || cases::exists(tx, case).await? {
        return Err(TipError::Race);
    }
    Ok((Outcome::Stored, hour))
}

/// A tip that is there already.
struct Known {
    case: CaseId,
    tip: Vec<u8>,
    commit: Option<[u8; 32]>,
    seen: Hour,
}

impl Known {
    /// What a tip gets that is sent where this one is.
    fn answer(&self, submit: &Submit) -> (Outcome, Hour) {
        if self.tip == submit.tip && self.commit_matches(submit) {
            (Outcome::Stored, self.seen)
        } else {
            (Outcome::ReceiptTaken, Hour(0))
        }
    }

    /// The tip's bytes are unique by their nonce; where the commitment is at hand it is compared too.
    fn commit_matches(&self, submit: &Submit) -> bool {
        self.commit.is_none_or(|commit| commit == submit.commit)
    }
}

async fn known_tip(
    tx: &mut Tx,
    keyring: &Keyring,
    lookup: &[u8; 32],
) -> Result<Option<Known>, TipError> {
    // Where letters leave before where they arrive: a tick between the two looks hides nothing.
    let resting = store::resting(tx, lookup).await?;
    if let Some(case) = store::case_of(tx, lookup).await? {
        let view = cases::for_reporter(tx, keyring, case)
            .await?
            .ok_or(TipError::Damaged)?;
        return Ok(Some(Known {
            case,
            tip: view.tip,
            commit: None,
            seen: view.seen,
        }));
    }
    let Some(row) = resting.first() else {
        return Ok(None);
    };
    let arrival = intake::arrival(row, &intake::open(keyring, row)?)?;
    Ok(Some(Known {
        case: row.case_id,
        tip: arrival.tip,
        commit: Some(arrival.commit),
        seen: arrival.seen,
    }))
}

/// The case id of a well-formed tip record of this deployment.
async fn acceptable_tip(tx: &mut Tx, tip: &[u8]) -> Result<Option<CaseId>, TipError> {
    let deployment = directory::deployment(tx).await?.ok_or(TipError::Damaged)?;
    let Ok(head) = Head::of(tip) else {
        return Ok(None);
    };
    let fits = head.kind == Kind::Tip
        && head.side.is_reporters()
        && head.generation == 0
        && head.seq == 0
        && head.deployment == deployment.id
        && head.object == head.case
        && head.prev == [0; 32];
    Ok(fits.then(|| CaseId::from_bytes(head.case)))
}

/// Whether a tip is wrapped to current keys: one organisation key or members singly, and exactly
/// the levels above that can open letters.
fn fits(wraps: &[Vec<u8>], to: &Sealable) -> bool {
    let heads: Result<Vec<_>, _> = wraps.iter().map(|wrap| wrap::head(wrap)).collect();
    let Ok(heads) = heads else { return false };
    let (holders, upper): (Vec<_>, Vec<_>) = heads.into_iter().partition(|(usage, _)| *usage == 0);
    let holders: Vec<[u8; 16]> = holders.into_iter().map(|(_, id)| id).collect();
    let distinct: BTreeSet<_> = holders.iter().collect();
    // A row with more holders than a case has slots for would stop every tick.
    let singly = (1..=MOST_HOLDERS).contains(&holders.len())
        && distinct.len() == holders.len()
        && holders.iter().all(|id| to.members.contains(id));
    upper == to.upper && (holders == [to.organisation] || singly)
}

/// Takes in further records of the reporter, in order, all or none.
///
/// # Errors
/// If the database fails; then nothing was stored.
pub async fn post(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    now: Moment,
    tick: Tick,
    auth: &[u8; 32],
    records: &[Vec<u8>],
) -> Taken {
    let lookup = lookup(keyring, auth);
    let Some(known) = known_tip(tx, keyring, &lookup).await? else {
        return Ok((Outcome::Refused, Hour(0)));
    };
    let due = tick.due(now);
    for record in records {
        let Ok(head) = Head::of(record) else {
            return Ok((Outcome::Refused, Hour(0)));
        };
        let fits = head.case == known.case.bytes()
            && head.side.is_reporters()
            && matches!(head.kind, Kind::Message | Kind::Files)
            && head.generation == 0
            && head.object == head.case;
        if !fits || head.seq == 0 {
            return Ok((Outcome::Refused, Hour(0)));
        }
        match own_record(tx, keyring, &lookup, known.case, head.seq).await? {
            Some(there) if there == *record => {}
            Some(_) => return Ok((Outcome::Refused, Hour(0))),
            None => {
                let before = head.seq - 1;
                let previous = match before {
                    0 => Some(known.tip.clone()),
                    _ => own_record(tx, keyring, &lookup, known.case, before).await?,
                };
                let Some(previous) = previous else {
                    return Ok((Outcome::Refused, Hour(0)));
                };
                if Chain::after(&previous)?.take(record).is_err() {
                    return Ok((Outcome::Refused, Hour(0)));
                }
                let letter = Letter {
                    lookup: &lookup,
                    case: known.case,
                    seq: head.seq,
                    due,
                    body: record,
                };
                intake::rest(tx, keyring, rng, letter).await?;
                // On PostgreSQL a tick may have delivered this number meanwhile.
                if cases::reporter_record(tx, known.case, head.seq)
                    .await?
                    .is_some()
                {
                    return Ok((Outcome::Refused, Hour(0)));
                }
            }
        }
    }
    Ok((Outcome::Stored, intake::hour(due)))
}

/// One of the reporter's later records, resting or delivered.
async fn own_record(
    tx: &mut Tx,
    keyring: &Keyring,
    lookup: &[u8; 32],
    case: CaseId,
    seq: u32,
) -> Result<Option<Vec<u8>>, TipError> {
    for row in store::resting(tx, lookup).await? {
        if row.seq == i64::from(seq) {
            return Ok(Some(intake::open(keyring, &row)?.to_vec()));
        }
    }
    Ok(cases::reporter_record(tx, case, seq).await?)
}
