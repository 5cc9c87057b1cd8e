//! Chunks of files: taken in once, resting until the tick like every letter.

use rand::CryptoRng;
use shudong_envelope::answer::Outcome;
use shudong_envelope::exchange::Chunk;

use super::store::{self, RestingChunk};
use super::submit::{Taken, lookup};
use super::{Tick, TipError, intake};
use crate::cases::{self, ChunkId};
use crate::clock::{Hour, Moment};
use crate::ids::CaseId;
use crate::keyring::{Keyring, Lock, NO_SHRED, Place};
use crate::storage::Tx;

/// Chunks that one transaction of a tick moves: others who write wait no longer than for these.
const AT_ONCE: i64 = 32;

fn place(row: &[u8]) -> Place<'_> {
    Place {
        table: "resting_chunks",
        column: "body",
        row,
    }
}

/// Takes in a chunk of a file, at most `most` of one case. The first bytes in a place are kept: the
/// same again get the same answer, others are refused.
///
/// # Errors
/// If the database fails; then nothing was stored.
pub async fn chunk(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    now: Moment,
    tick: Tick,
    most: i64,
    chunk: &Chunk,
) -> Taken {
    let refused = Ok((Outcome::Refused, Hour(0)));
    let lookup = lookup(keyring, &chunk.auth);
    let Some(case) = case_of(tx, &lookup).await? else {
        return refused;
    };
    let due = tick.due(now);
    let id = ChunkId::of(keyring, case, &chunk.file, chunk.index);
    if let Some(there) = held(tx, keyring, case, &id).await? {
        return if there == chunk.sealed {
            Ok((Outcome::Stored, intake::hour(due)))
        } else {
            refused
        };
    }
    if store::chunk_count(tx, case).await? >= most {
        return refused;
    }
    let row = RestingChunk {
        id: id.bytes().to_vec(),
        case_id: case,
        due_second: due,
        body: keyring.seal(Lock::Rows, &NO_SHRED, place(id.bytes()), &chunk.sealed, rng)?,
    };
    store::put_chunk(tx, &row).await?;
    Ok((Outcome::Stored, intake::hour(due)))
}

/// The case behind a receipt, resting or delivered.
async fn case_of(tx: &mut Tx, lookup: &[u8; 32]) -> Result<Option<CaseId>, TipError> {
    // Where letters leave before where they arrive: a tick between the two looks hides nothing.
    match store::resting_case(tx, lookup).await? {
        Some(case) => Ok(Some(case)),
        None => Ok(store::case_of(tx, lookup).await?),
    }
}

async fn held(
    tx: &mut Tx,
    keyring: &Keyring,
    case: CaseId,
    id: &ChunkId,
) -> Result<Option<Vec<u8>>, TipError> {
    match store::resting_chunk(tx, id.bytes()).await? {
        Some(row) => Ok(Some(open(keyring, &row)?)),
        None => Ok(cases::kept_chunk(tx, keyring, case, id).await?),
    }
}

fn open(keyring: &Keyring, row: &RestingChunk) -> Result<Vec<u8>, TipError> {
    let opened = keyring.open(Lock::Rows, &NO_SHRED, place(&row.id), &row.body)?;
    Ok(opened.to_vec())
}

/// Delivers a few of the chunks that are due, in the order of their ids and after that of the last
/// call; returns the last one's, or nothing when all are delivered. They still rest afterwards.
///
/// # Errors
/// If the database fails or a row does not open.
pub async fn deliver_chunks(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    now: Moment,
    after: &[u8],
) -> Result<Option<Vec<u8>>, TipError> {
    let ids = store::due_chunks(tx, now.0, after, AT_ONCE).await?;
    for id in &ids {
        // On PostgreSQL two ticks may run at once; the other removes nothing that it has not delivered.
        let Some(row) = store::resting_chunk(tx, id).await? else {
            continue;
        };
        let chunk = open(keyring, &row)?;
        cases::keep_chunk(tx, keyring, rng, row.case_id, id, &chunk).await?;
    }
    Ok(ids.into_iter().next_back())
}

/// Removes the resting rows of what was delivered; tells how many. Only after all are: a chunk must
/// not fall into the place that another left, which tells when that one came in.
///
/// # Errors
/// If the database fails.
pub async fn forget_delivered_chunks(tx: &mut Tx) -> Result<u64, TipError> {
    Ok(store::remove_delivered_chunks(tx).await?)
}
