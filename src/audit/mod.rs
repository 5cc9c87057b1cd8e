//! Append-only chains: who did what in a case, one row after the other.
//!
//! Rows are sealed under the case's shred key; each row's hash covers the one before, so that a row
//! cannot be taken out unseen. Knows nothing of what a case holds.

mod store;

use rand::CryptoRng;
use shudong_envelope::Refused;
use shudong_envelope::kdf::hash;

use crate::clock::Day;
use crate::ids::{CaseId, MemberId};
use crate::keyring::{Keyring, Lock, Place};
use crate::storage::{StorageError, Tx};

/// What was done. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Act {
    /// The letter was delivered to an inbox.
    Listed = 1,
    /// The case was opened.
    Opened = 2,
    /// A letter to the reporter was written.
    Replied = 3,
    /// An internal note was written.
    Noted = 4,
    /// The stage was set.
    Stage = 5,
    /// The dossier was begun.
    Dossier = 6,
    /// A piece of a file was taken to be shown.
    Evidence = 7,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 7] = [
        Self::Listed,
        Self::Opened,
        Self::Replied,
        Self::Noted,
        Self::Stage,
        Self::Dossier,
        Self::Evidence,
    ];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Opened => "opened",
            Self::Replied => "replied",
            Self::Noted => "noted",
            Self::Stage => "stage",
            Self::Dossier => "dossier",
            Self::Evidence => "evidence",
        }
    }

    pub(crate) fn parse(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|act| *act as u8 == code)
    }
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day it was done.
    pub day: Day,
    /// Who did it.
    pub member: MemberId,
    /// What.
    pub act: Act,
}

/// Why a chain cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The chain is broken: a row was altered or taken out.
    #[error("an audit chain is broken")]
    Broken,
}

impl From<Refused> for AuditError {
    fn from(_: Refused) -> Self {
        Self::Broken
    }
}

impl Entry {
    fn bytes(&self) -> Vec<u8> {
        [
            &self.day.0.to_be_bytes()[..],
            &self.member.bytes(),
            &[self.act as u8],
        ]
        .concat()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let day = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
        let member = bytes.get(4..20)?.try_into().ok()?;
        let act = Act::parse(*bytes.get(20)?)?;
        Some(Self {
            day: Day(day),
            member: MemberId::from_bytes(member),
            act,
        })
    }
}

fn row(case: CaseId, seq: i64) -> Vec<u8> {
    [&case.bytes()[..], &seq.to_be_bytes()].concat()
}

fn place(row: &[u8]) -> Place<'_> {
    Place {
        table: "case_audit",
        column: "body",
        row,
    }
}

/// Appends a row unless this member did the same that day: stored times are days, and repetitions
/// would only tell how often a desk asks for news.
///
/// # Errors
/// If the database fails or the chain is broken.
pub async fn append(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    case: CaseId,
    shred: &[u8; 32],
    entry: Entry,
) -> Result<(), AuditError> {
    let rows = store::rows(tx, case).await?;
    if read(keyring, case, shred, &rows)?.contains(&entry) {
        return Ok(());
    }
    let seq = i64::try_from(rows.len()).map_err(|_| AuditError::Broken)?;
    let row = row(case, seq);
    let body = keyring.seal(Lock::Rows, shred, place(&row), &entry.bytes(), rng)?;
    let before = rows.last().map_or(&[][..], |(_, hash)| hash);
    store::put(tx, case, seq, &body, &hash(&[before, &body])).await?;
    Ok(())
}

/// A case's whole chain, checked.
///
/// # Errors
/// If the database fails or the chain is broken.
pub async fn entries(
    tx: &mut Tx,
    keyring: &Keyring,
    case: CaseId,
    shred: &[u8; 32],
) -> Result<Vec<Entry>, AuditError> {
    read(keyring, case, shred, &store::rows(tx, case).await?)
}

fn read(
    keyring: &Keyring,
    case: CaseId,
    shred: &[u8; 32],
    rows: &[(Vec<u8>, Vec<u8>)],
) -> Result<Vec<Entry>, AuditError> {
    let mut before: &[u8] = &[];
    let mut entries = Vec::with_capacity(rows.len());
    for ((body, stored), seq) in rows.iter().zip(0..) {
        if hash(&[before, body])[..] != stored[..] {
            return Err(AuditError::Broken);
        }
        before = stored;
        let plain = keyring.open(Lock::Rows, shred, place(&row(case, seq)), body)?;
        entries.push(Entry::parse(&plain).ok_or(AuditError::Broken)?);
    }
    Ok(entries)
}
