//! The chains' SQL.

use crate::ids::CaseId;
use crate::storage::{StorageError, Tx, execute, fetch_all};

/// Body and hash of every row, oldest first.
pub(super) async fn rows(
    tx: &mut Tx,
    case: CaseId,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StorageError> {
    fetch_all!(
        tx,
        (Vec<u8>, Vec<u8>),
        "SELECT body, hash FROM case_audit WHERE case_id = $1 ORDER BY seq",
        case
    )
}

pub(super) async fn put(
    tx: &mut Tx,
    case: CaseId,
    seq: i64,
    body: &[u8],
    hash: &[u8; 32],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO case_audit (case_id, seq, body, hash) VALUES ($1, $2, $3, $4)",
        case,
        seq,
        body,
        &hash[..]
    )?;
    Ok(())
}
