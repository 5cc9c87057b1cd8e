//! The members' SQL.

use super::Member;
use crate::ids::{MemberId, OrganisationId};
use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional, row};

row! {
    /// A row of `members`.
    pub(super) struct MemberRow {
        pub(super) id: MemberId,
        pub(super) organisation: OrganisationId,
        pub(super) role: i64,
        pub(super) signing_key: Vec<u8>,
        pub(super) kem_key: Vec<u8>,
        pub(super) profile: Vec<u8>,
        pub(super) auth: Vec<u8>,
        pub(super) root: Vec<u8>,
    }
}

/// The sealed columns of a new row.
pub(super) struct Sealed {
    pub(super) profile: Vec<u8>,
    pub(super) auth: Vec<u8>,
    pub(super) root: Vec<u8>,
    pub(super) recovery: Vec<u8>,
}

pub(super) async fn put(
    tx: &mut Tx,
    lookup: &[u8; 32],
    member: &Member,
    sealed: &Sealed,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO members (id, organisation, account_lookup, role, signing_key, kem_key, \
         profile, auth, root, recovery) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        member.id,
        member.organisation,
        &lookup[..],
        i64::from(member.role),
        &member.signing_key,
        &member.kem_key,
        &sealed.profile,
        &sealed.auth,
        &sealed.root,
        &sealed.recovery
    )?;
    Ok(())
}

pub(super) async fn by_account(
    tx: &mut Tx,
    lookup: &[u8; 32],
) -> Result<Option<MemberRow>, StorageError> {
    fetch_optional!(
        tx,
        MemberRow,
        "SELECT * FROM members WHERE account_lookup = $1",
        &lookup[..]
    )
}

pub(super) async fn by_id(tx: &mut Tx, id: MemberId) -> Result<Option<MemberRow>, StorageError> {
    fetch_optional!(tx, MemberRow, "SELECT * FROM members WHERE id = $1", id)
}

pub(super) async fn of(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<MemberRow>, StorageError> {
    fetch_all!(
        tx,
        MemberRow,
        "SELECT * FROM members WHERE organisation = $1 ORDER BY role, id",
        organisation
    )
}

/// A session's member, sealed body and end.
pub(super) type SessionRow = (MemberId, Vec<u8>, i64);

pub(super) async fn put_session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    member: MemberId,
    body: &[u8],
    until: i64,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sessions (token_hash, member, body, until_second) VALUES ($1, $2, $3, $4)",
        &token_hash[..],
        member,
        body,
        until
    )?;
    Ok(())
}

pub(super) async fn session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<SessionRow>, StorageError> {
    fetch_optional!(
        tx,
        SessionRow,
        "SELECT member, body, until_second FROM sessions WHERE token_hash = $1",
        &token_hash[..]
    )
}

pub(super) async fn touch_session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    until: i64,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE sessions SET until_second = $2 WHERE token_hash = $1",
        &token_hash[..],
        until
    )?;
    Ok(())
}

pub(super) async fn drop_session(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM sessions WHERE token_hash = $1",
        &token_hash[..]
    )?;
    Ok(())
}

pub(super) async fn drop_ended(tx: &mut Tx, now: i64) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM sessions WHERE until_second < $1", now)?;
    Ok(())
}
