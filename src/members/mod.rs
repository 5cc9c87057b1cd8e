//! People who work for an organisation: accounts, sign-in, sessions.
//!
//! Sees a hash of what a passphrase yields, never a passphrase; keeps a member's sealed root and
//! cannot open it.

mod session;
mod store;

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use shudong_envelope::Refused;
use shudong_envelope::kdf::hash;
use subtle::ConstantTimeEq;

use crate::ids::{MemberId, OrganisationId};
use crate::keyring::{Keyring, Lock, NO_SHRED, Place};
use crate::storage::{StorageError, Tx};

pub use session::{Session, SessionRules, begin, end, find};

/// Why the members' room could not do it.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is stored does not open.
    #[error("a stored member is damaged")]
    Damaged,
}

impl From<Refused> for MemberError {
    fn from(_: Refused) -> Self {
        Self::Damaged
    }
}

/// What a member is called; sealed at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What they sign in as.
    pub account: String,
    /// What colleagues and reporters read.
    pub name: String,
}

/// A member as colleagues and statements know them.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// Where.
    pub organisation: OrganisationId,
    /// Role code.
    pub role: u8,
    /// Ed25519 key, 32 bytes.
    pub signing_key: Vec<u8>,
    /// X-Wing key, 1,216 bytes.
    pub kem_key: Vec<u8>,
    /// Names.
    pub profile: Profile,
    /// The root, sealed under the passphrase.
    pub sealed_root: Vec<u8>,
}

/// A member to be added; all secrets are sealed or hashed already.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Who, where, and with which keys.
    pub member: Member,
    /// What the passphrase yields for the server.
    pub auth: [u8; 32],
    /// The root, sealed under the recovery code.
    pub recovery: Vec<u8>,
}

fn account_lookup(keyring: &Keyring, account: &str) -> [u8; 32] {
    keyring.lookup("account", account.as_bytes())
}

/// The salt of an account, whether it exists or not.
pub fn salt(keyring: &Keyring, account: &str) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&keyring.lookup("salt", account.as_bytes())[..16]);
    salt
}

fn place<'a>(column: &'a str, row: &'a [u8; 16]) -> Place<'a> {
    Place {
        table: "members",
        column,
        row,
    }
}

/// Adds a member.
///
/// # Errors
/// If the account exists or the database fails.
pub async fn add(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    new: &NewMember,
) -> Result<(), MemberError> {
    let row = new.member.id.bytes();
    let profile = serde_json::to_vec(&new.member.profile).map_err(|_| MemberError::Damaged)?;
    let mut seal = |column: &str, plain: &[u8]| {
        keyring.seal(Lock::Rows, &NO_SHRED, place(column, &row), plain, rng)
    };
    let sealed = store::Sealed {
        profile: seal("profile", &profile)?,
        auth: seal("auth", &hash(&[&new.auth]))?,
        root: seal("root", &new.member.sealed_root)?,
        recovery: seal("recovery", &new.recovery)?,
    };
    let lookup = account_lookup(keyring, &new.member.profile.account);
    Ok(store::put(tx, &lookup, &new.member, &sealed).await?)
}

fn open(keyring: &Keyring, row: store::MemberRow) -> Result<(Member, Vec<u8>), MemberError> {
    let id = row.id.bytes();
    let open =
        |column: &str, bytes: &[u8]| keyring.open(Lock::Rows, &NO_SHRED, place(column, &id), bytes);
    let profile = serde_json::from_slice(&open("profile", &row.profile)?);
    let auth = open("auth", &row.auth)?.to_vec();
    let member = Member {
        profile: profile.map_err(|_| MemberError::Damaged)?,
        sealed_root: open("root", &row.root)?.to_vec(),
        id: row.id,
        organisation: row.organisation,
        role: u8::try_from(row.role).map_err(|_| MemberError::Damaged)?,
        signing_key: row.signing_key,
        kem_key: row.kem_key,
    };
    Ok((member, auth))
}

/// The member of an account, if `auth` is what their passphrase yields. A wrong account and a wrong
/// passphrase are one answer.
///
/// # Errors
/// If the database fails or the member is damaged.
pub async fn sign_in(
    tx: &mut Tx,
    keyring: &Keyring,
    account: &str,
    auth: &[u8; 32],
) -> Result<Option<Member>, MemberError> {
    let row = store::by_account(tx, &account_lookup(keyring, account)).await?;
    let Some(row) = row else { return Ok(None) };
    let (member, stored) = open(keyring, row)?;
    let right = bool::from(hash(&[auth])[..].ct_eq(&stored));
    Ok(right.then_some(member))
}

/// A member by id.
///
/// # Errors
/// If the database fails or the member is damaged.
pub async fn member(
    tx: &mut Tx,
    keyring: &Keyring,
    id: MemberId,
) -> Result<Option<Member>, MemberError> {
    let row = store::by_id(tx, id).await?;
    Ok(row
        .map(|row| open(keyring, row))
        .transpose()?
        .map(|(member, _)| member))
}

/// All members of an organisation, by role and id.
///
/// # Errors
/// If the database fails or a member is damaged.
pub async fn colleagues(
    tx: &mut Tx,
    keyring: &Keyring,
    organisation: OrganisationId,
) -> Result<Vec<Member>, MemberError> {
    let rows = store::of(tx, organisation).await?;
    rows.into_iter()
        .map(|row| Ok(open(keyring, row)?.0))
        .collect()
}
