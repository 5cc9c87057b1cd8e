//! Server sessions: a random token in a cookie, its hash in the database.

use rand::{CryptoRng, RngExt};
use shudong_envelope::kdf::{hash, kdf};

use super::{MemberError, store};
use crate::clock::Moment;
use crate::ids::MemberId;
use crate::keyring::{Keyring, Lock, NO_SHRED, Place};
use crate::storage::Tx;

/// Longest session in seconds, however busy.
const LONGEST: i64 = 12 * 3600;

/// When sessions end.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    /// Seconds without a request.
    pub idle: i64,
}

/// A session that holds.
#[derive(Clone)]
pub struct Session {
    /// Whose.
    pub member: MemberId,
    /// What every change must show: derived from the token, so it needs no column.
    pub csrf: [u8; 32],
}

fn csrf(token: &[u8; 32]) -> [u8; 32] {
    *kdf(token, "csrf")
}

/// Begins a session; the token goes into the cookie.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    member: MemberId,
    now: Moment,
    rules: SessionRules,
) -> Result<([u8; 32], Session), MemberError> {
    let token: [u8; 32] = rng.random();
    let token_hash = hash(&[&token]);
    let place = Place {
        table: "sessions",
        column: "body",
        row: &token_hash,
    };
    let body = keyring.seal(Lock::Rows, &NO_SHRED, place, &now.0.to_be_bytes(), rng)?;
    store::drop_ended(tx, now.0).await?;
    store::put_session(tx, &token_hash, member, &body, now.0 + rules.idle).await?;
    Ok((
        token,
        Session {
            member,
            csrf: csrf(&token),
        },
    ))
}

/// The session of a token, its idle time begun anew; `None` once it ended.
///
/// # Errors
/// If the database fails or the session is damaged.
pub async fn find(
    tx: &mut Tx,
    keyring: &Keyring,
    token: &[u8; 32],
    now: Moment,
    rules: SessionRules,
) -> Result<Option<Session>, MemberError> {
    let token_hash = hash(&[token]);
    let Some((member, body, until)) = store::session(tx, &token_hash).await? else {
        return Ok(None);
    };
    let place = Place {
        table: "sessions",
        column: "body",
        row: &token_hash,
    };
    let begun = keyring.open(Lock::Rows, &NO_SHRED, place, &body)?;
    let begun = i64::from_be_bytes(begun[..].try_into().map_err(|_| MemberError::Damaged)?);
    if now.0 > until || now.0 > begun + LONGEST {
        return Ok(None);
    }
    store::touch_session(tx, &token_hash, now.0 + rules.idle).await?;
    Ok(Some(Session {
        member,
        csrf: csrf(token),
    }))
}

/// Ends a session.
///
/// # Errors
/// If the database fails.
pub async fn end(tx: &mut Tx, token: &[u8; 32]) -> Result<(), MemberError> {
    Ok(store::drop_session(tx, &hash(&[token])).await?)
}
