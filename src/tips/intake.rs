//! Letters at rest until the tick: sealed rows that store only when they are due.

use rand::CryptoRng;
use shudong_envelope::exchange::{MOST_WRAPS, Submit};
use shudong_envelope::letterbox::BOX;
use shudong_envelope::wrap::WRAP;
use zeroize::Zeroizing;

use super::store::{self, IntakeRow};
use super::{Tick, TipError};
use crate::cases::{self, Arrival};
use crate::clock::{Hour, Moment};
use crate::ids::{CaseId, OrganisationId, RowId};
use crate::keyring::{Keyring, Lock, NO_SHRED, Place};
use crate::storage::Tx;

/// Length of the fixed part of a resting tip.
const FIXED: usize = 16 + 32 + BOX + 2;

/// The hour of a second.
pub(super) fn hour(second: i64) -> Hour {
    Moment(second).hour()
}

/// Puts one letter to rest; returns the hour at which desks see it.
pub(super) async fn rest(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    letter: Letter<'_>,
) -> Result<Hour, TipError> {
    let id = RowId::random(rng);
    let row = id.bytes();
    let place = Place {
        table: "intake",
        column: "body",
        row: &row,
    };
    let row = IntakeRow {
        id,
        lookup: letter.lookup.to_vec(),
        case_id: letter.case,
        seq: i64::from(letter.seq),
        due_second: letter.due,
        body: keyring.seal(Lock::Rows, &NO_SHRED, place, letter.body, rng)?,
    };
    store::put(tx, &row).await?;
    Ok(hour(letter.due))
}

/// A letter to be put to rest.
pub(super) struct Letter<'a> {
    pub(super) lookup: &'a [u8; 32],
    pub(super) case: CaseId,
    pub(super) seq: u32,
    pub(super) due: i64,
    pub(super) body: &'a [u8],
}

/// What a resting row holds.
pub(super) fn open(keyring: &Keyring, row: &IntakeRow) -> Result<Zeroizing<Vec<u8>>, TipError> {
    let id = row.id.bytes();
    let place = Place {
        table: "intake",
        column: "body",
        row: &id,
    };
    Ok(keyring.open(Lock::Rows, &NO_SHRED, place, &row.body)?)
}

/// The body of a resting tip. Its length is the same for every number of wraps.
pub(super) fn tip_body(submit: &Submit, urgent: bool) -> Result<Vec<u8>, TipError> {
    let count = u8::try_from(submit.wraps.len()).map_err(|_| TipError::Damaged)?;
    let mut wraps = submit.wraps.concat();
    wraps.resize(MOST_WRAPS * WRAP, 0);
    let flags = [u8::from(urgent), count];
    let parts = [
        &submit.organisation[..],
        &submit.commit,
        &submit.letterbox,
        &flags,
        &wraps,
        &submit.tip,
    ];
    Ok(parts.concat())
}

/// Reads [`tip_body`].
pub(super) fn arrival(row: &IntakeRow, body: &[u8]) -> Result<Arrival, TipError> {
    let (fixed, rest) = body.split_at_checked(FIXED).ok_or(TipError::Damaged)?;
    let (wraps, tip) = rest
        .split_at_checked(MOST_WRAPS * WRAP)
        .ok_or(TipError::Damaged)?;
    let array = |range: std::ops::Range<usize>| fixed[range].try_into();
    let organisation: [u8; 16] = array(0..16).map_err(|_| TipError::Damaged)?;
    let count = usize::from(fixed[FIXED - 1]);
    Ok(Arrival {
        id: row.case_id,
        organisation: OrganisationId::from_bytes(organisation),
        commit: fixed[16..48].try_into().map_err(|_| TipError::Damaged)?,
        letterbox: fixed[48..48 + BOX]
            .try_into()
            .map_err(|_| TipError::Damaged)?,
        wraps: wraps
            .chunks_exact(WRAP)
            .take(count)
            .map(<[u8]>::to_vec)
            .collect(),
        tip: tip.to_vec(),
        urgent: fixed[FIXED - 2] == 1,
        seen: hour(row.due_second),
    })
}

/// Delivers what is due; returns how many letters. One transaction, in an order that says nothing.
///
/// # Errors
/// If the database fails or a row does not open.
pub async fn tick(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    now: Moment,
) -> Result<usize, TipError> {
    store::lock(tx).await?;
    let due = store::due(tx, now.0).await?;
    let (tips, letters): (Vec<_>, Vec<_>) = due.iter().partition(|row| row.seq == 0);
    // Nothing is removed before all have arrived: a case must not fall into the place that the one
    // before it left, which tells when that one came in.
    let mut moved = Vec::with_capacity(due.len());
    for row in tips {
        let arrival = arrival(row, &open(keyring, row)?)?;
        cases::arrive(tx, keyring, rng, &arrival).await?;
        store::put_receipt(tx, &row.lookup, row.case_id).await?;
        moved.push(row.id);
    }
    for row in letters {
        // A letter whose tip still rests waits with it.
        if cases::exists(tx, row.case_id).await? {
            let seq = u32::try_from(row.seq).map_err(|_| TipError::Damaged)?;
            let bytes = open(keyring, row)?;
            let day = hour(row.due_second).day();
            cases::add_reporter_record(tx, row.case_id, seq, day, &bytes).await?;
            moved.push(row.id);
        }
    }
    for id in &moved {
        store::remove(tx, *id).await?;
    }
    Ok(moved.len())
}

impl Tick {
    /// When a letter is delivered: at once if somebody is in danger.
    pub(super) fn due_if(&self, now: Moment, urgent: bool) -> i64 {
        if urgent { now.0 } else { self.due(now) }
    }
}
