//! The cases' SQL.

use crate::clock::{Day, Hour};
use crate::ids::{CaseId, OrganisationId};
use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional, row};

row! {
    /// A row of `cases`, sealed columns as stored.
    pub(super) struct CaseRow {
        pub(super) id: CaseId,
        pub(super) organisation: OrganisationId,
        pub(super) seen_hour: i64,
        pub(super) stage: i64,
        pub(super) fields: Vec<u8>,
        pub(super) r#box: Vec<u8>,
        pub(super) holders: Vec<u8>,
        pub(super) upper: Vec<u8>,
        pub(super) tip: Vec<u8>,
        pub(super) dossier: Option<Vec<u8>>,
    }
}

pub(super) async fn put_case(tx: &mut Tx, row: CaseRow) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO cases (id, organisation, seen_hour, stage, fields, box, holders, upper, tip) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        row.organisation,
        row.seen_hour,
        row.stage,
        &row.fields,
        &row.r#box,
        &row.holders,
        &row.upper,
        &row.tip
    )?;
    Ok(())
}

pub(super) async fn case(tx: &mut Tx, id: CaseId) -> Result<Option<CaseRow>, StorageError> {
    fetch_optional!(tx, CaseRow, "SELECT * FROM cases WHERE id = $1", id)
}

/// Keeps a case for this transaction: what is read of it afterwards is the newest, and whoever wants
/// to write in it waits. Two members who open a case at one moment both append to its chain.
pub(super) async fn hold(tx: &mut Tx, id: CaseId) -> Result<(), StorageError> {
    match tx {
        // There is one writer.
        Tx::Sqlite(_) => Ok(()),
        // Weaker than FOR UPDATE: a tick that adds a letter's record does not wait.
        Tx::Postgres(tx) => {
            sqlx::query("SELECT id FROM cases WHERE id = $1 FOR NO KEY UPDATE")
                .bind(id)
                .execute(&mut **tx)
                .await?;
            Ok(())
        }
    }
}

pub(super) async fn cases_of(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<CaseRow>, StorageError> {
    fetch_all!(
        tx,
        CaseRow,
        "SELECT * FROM cases WHERE organisation = $1 ORDER BY id",
        organisation
    )
}

pub(super) async fn put_shred(
    tx: &mut Tx,
    case: CaseId,
    shred: &[u8; 32],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO shreds (case_id, shred) VALUES ($1, $2)",
        case,
        &shred[..]
    )?;
    Ok(())
}

pub(super) async fn shred(tx: &mut Tx, case: CaseId) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT shred FROM shreds WHERE case_id = $1",
        case
    )?;
    Ok(row.map(|(shred,)| shred))
}

/// Stage and coded fields change together.
pub(super) async fn set_stage(
    tx: &mut Tx,
    case: CaseId,
    stage: u8,
    fields: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE cases SET stage = $2, fields = $3 WHERE id = $1",
        case,
        i64::from(stage),
        fields
    )?;
    Ok(())
}

/// Sets the dossier's wraps if nobody did; tells whether it was set now.
pub(super) async fn put_dossier(
    tx: &mut Tx,
    case: CaseId,
    dossier: &[u8],
) -> Result<bool, StorageError> {
    let changed = execute!(
        tx,
        "UPDATE cases SET dossier = $2 WHERE id = $1 AND dossier IS NULL",
        case,
        dossier
    )?;
    Ok(changed == 1)
}

pub(super) async fn put_record(
    tx: &mut Tx,
    case: CaseId,
    side: u8,
    seq: u32,
    day: Day,
    body: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO records (case_id, side, seq, day, body) VALUES ($1, $2, $3, $4, $5)",
        case,
        i64::from(side),
        i64::from(seq),
        i64::from(day.0),
        body
    )?;
    Ok(())
}

/// Side, seq, day, bytes.
pub(super) type RecordRow = (i64, i64, i64, Vec<u8>);

pub(super) async fn records(tx: &mut Tx, case: CaseId) -> Result<Vec<RecordRow>, StorageError> {
    fetch_all!(
        tx,
        RecordRow,
        "SELECT side, seq, day, body FROM records WHERE case_id = $1 ORDER BY side, seq",
        case
    )
}

pub(super) async fn record(
    tx: &mut Tx,
    case: CaseId,
    side: u8,
    seq: u32,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT body FROM records WHERE case_id = $1 AND side = $2 AND seq = $3",
        case,
        i64::from(side),
        i64::from(seq)
    )?;
    Ok(row.map(|(body,)| body))
}

/// The newest records of a side before `before`, ascending.
pub(super) async fn newest(
    tx: &mut Tx,
    case: CaseId,
    side: u8,
    before: u32,
    most: u8,
) -> Result<Vec<Vec<u8>>, StorageError> {
    let mut rows = fetch_all!(
        tx,
        (Vec<u8>,),
        "SELECT body FROM records WHERE case_id = $1 AND side = $2 AND seq < $3 \
         ORDER BY seq DESC LIMIT $4",
        case,
        i64::from(side),
        i64::from(before),
        i64::from(most)
    )?;
    rows.reverse();
    Ok(rows.into_iter().map(|(body,)| body).collect())
}

/// Newest seq of a side, without its bytes.
pub(super) async fn last_seq(
    tx: &mut Tx,
    case: CaseId,
    side: u8,
) -> Result<Option<u32>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Option<i64>,),
        "SELECT max(seq) FROM records WHERE case_id = $1 AND side = $2",
        case,
        i64::from(side)
    )?;
    Ok(row
        .and_then(|(seq,)| seq)
        .and_then(|seq| u32::try_from(seq).ok()))
}

pub(super) async fn put_cache(
    tx: &mut Tx,
    case: CaseId,
    row: &[u8],
    body: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO key_cache (case_id, row_id, body) VALUES ($1, $2, $3) \
         ON CONFLICT (case_id, row_id) DO UPDATE SET body = $3",
        case,
        row,
        body
    )?;
    Ok(())
}

pub(super) async fn cache(
    tx: &mut Tx,
    case: CaseId,
    row: &[u8],
) -> Result<Option<Vec<u8>>, StorageError> {
    let found = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT body FROM key_cache WHERE case_id = $1 AND row_id = $2",
        case,
        row
    )?;
    Ok(found.map(|(body,)| body))
}

/// Keeps a chunk; the first of its name stays.
pub(super) async fn put_chunk(
    tx: &mut Tx,
    case: CaseId,
    id: &[u8],
    body: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO chunks (id, case_id, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        id,
        case,
        body
    )?;
    Ok(())
}

pub(super) async fn chunk(
    tx: &mut Tx,
    case: CaseId,
    id: &[u8; 32],
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT body FROM chunks WHERE id = $1 AND case_id = $2",
        &id[..],
        case
    )?;
    Ok(row.map(|(body,)| body))
}

/// The hour column as a typed hour.
pub(super) fn hour(row: &CaseRow) -> Hour {
    Hour(u32::try_from(row.seen_hour).unwrap_or(0))
}

/// The stage column as a code.
pub(super) fn stage(row: &CaseRow) -> u8 {
    u8::try_from(row.stage).unwrap_or(0)
}
