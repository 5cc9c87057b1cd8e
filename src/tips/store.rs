//! The intake's and the receipts' SQL.

use crate::ids::{CaseId, RowId};
use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional, row};

row! {
    /// A resting letter.
    pub(super) struct IntakeRow {
        pub(super) id: RowId,
        pub(super) lookup: Vec<u8>,
        pub(super) case_id: CaseId,
        pub(super) seq: i64,
        pub(super) due_second: i64,
        pub(super) body: Vec<u8>,
    }
}

pub(super) async fn put(tx: &mut Tx, row: &IntakeRow) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO intake (id, lookup, case_id, seq, due_second, body) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id,
        &row.lookup,
        row.case_id,
        row.seq,
        row.due_second,
        &row.body
    )?;
    Ok(())
}

/// What rests under a receipt, the tip first.
pub(super) async fn resting(
    tx: &mut Tx,
    lookup: &[u8; 32],
) -> Result<Vec<IntakeRow>, StorageError> {
    fetch_all!(
        tx,
        IntakeRow,
        "SELECT * FROM intake WHERE lookup = $1 ORDER BY seq",
        &lookup[..]
    )
}

/// Whether a tip of that case rests, under whatever receipt.
pub(super) async fn rests(tx: &mut Tx, case: CaseId) -> Result<bool, StorageError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT seq FROM intake WHERE case_id = $1 AND seq = 0",
        case
    )?;
    Ok(row.is_some())
}

pub(super) async fn case_of(
    tx: &mut Tx,
    lookup: &[u8; 32],
) -> Result<Option<CaseId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (CaseId,),
        "SELECT case_id FROM receipts WHERE lookup = $1",
        &lookup[..]
    )?;
    Ok(row.map(|(case,)| case))
}

pub(super) async fn put_receipt(
    tx: &mut Tx,
    lookup: &[u8],
    case: CaseId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO receipts (lookup, case_id) VALUES ($1, $2)",
        lookup,
        case
    )?;
    Ok(())
}

/// Keeps others from adding to the intake while it is emptied.
pub(super) async fn lock(tx: &mut Tx) -> Result<(), StorageError> {
    match tx {
        // There is one writer.
        Tx::Sqlite(_) => Ok(()),
        // Writers insert here first and look at `records` after, so that none slips through.
        Tx::Postgres(tx) => {
            sqlx::query("LOCK TABLE intake IN EXCLUSIVE MODE")
                .execute(&mut **tx)
                .await?;
            Ok(())
        }
    }
}

/// What is due, in the order of random ids: stored order then tells nothing.
pub(super) async fn due(tx: &mut Tx, second: i64) -> Result<Vec<IntakeRow>, StorageError> {
    fetch_all!(
        tx,
        IntakeRow,
        "SELECT * FROM intake WHERE due_second <= $1 ORDER BY id",
        second
    )
}

pub(super) async fn remove(tx: &mut Tx, id: RowId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM intake WHERE id = $1", id)?;
    Ok(())
}

row! {
    /// A chunk that rests until the tick.
    pub(super) struct RestingChunk {
        pub(super) id: Vec<u8>,
        pub(super) case_id: CaseId,
        pub(super) due_second: i64,
        pub(super) body: Vec<u8>,
    }
}

pub(super) async fn put_chunk(tx: &mut Tx, row: &RestingChunk) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO resting_chunks (id, case_id, due_second, body) VALUES ($1, $2, $3, $4)",
        &row.id,
        row.case_id,
        row.due_second,
        &row.body
    )?;
    Ok(())
}

pub(super) async fn resting_chunk(
    tx: &mut Tx,
    id: &[u8],
) -> Result<Option<RestingChunk>, StorageError> {
    fetch_optional!(
        tx,
        RestingChunk,
        "SELECT * FROM resting_chunks WHERE id = $1",
        id
    )
}

/// Chunks of a case, resting or delivered. What a tick has delivered rests until all is: it counts once.
pub(super) async fn chunk_count(tx: &mut Tx, case: CaseId) -> Result<i64, StorageError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT count(*) FROM (SELECT id FROM resting_chunks WHERE case_id = $1 \
         UNION SELECT id FROM chunks WHERE case_id = $1) AS pieces",
        case
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The case of a tip that rests.
pub(super) async fn resting_case(
    tx: &mut Tx,
    lookup: &[u8; 32],
) -> Result<Option<CaseId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (CaseId,),
        "SELECT case_id FROM intake WHERE lookup = $1 AND seq = 0",
        &lookup[..]
    )?;
    Ok(row.map(|(case,)| case))
}

/// Ids of chunks that are due and whose case is there, in the order of ids.
pub(super) async fn due_chunks(
    tx: &mut Tx,
    second: i64,
    after: &[u8],
    most: i64,
) -> Result<Vec<Vec<u8>>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Vec<u8>,),
        "SELECT id FROM resting_chunks WHERE due_second <= $1 AND id > $2 \
         AND EXISTS (SELECT 1 FROM cases WHERE cases.id = resting_chunks.case_id) \
         ORDER BY id LIMIT $3",
        second,
        after,
        most
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn remove_delivered_chunks(tx: &mut Tx) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM resting_chunks \
         WHERE EXISTS (SELECT 1 FROM chunks WHERE chunks.id = resting_chunks.id)"
    )
}
