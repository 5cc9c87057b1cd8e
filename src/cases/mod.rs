//! A tip as its organisation works it.
//!
//! A member reaches a case only through a [`CaseAccess`], which proves that one of the case's wraps
//! is theirs and that their look stands in the audit chain of the same transaction. Nothing here
//! can read a letter.

mod access;
mod arrival;
mod at_rest;
mod due;
mod evidence;
mod reporter;
mod store;
mod thread;

use shudong_envelope::Refused;

use crate::audit::AuditError;
use crate::directory::DirectoryError;
use crate::storage::StorageError;

pub use access::{CaseAccess, Holding, Viewer, inbox};
pub use arrival::{Arrival, add_reporter_record, arrive};
pub use at_rest::HOLDER_SLOTS as MOST_HOLDERS;
pub use due::{Duty, Limits};
pub use evidence::{ChunkId, keep_chunk, kept_chunk};
pub use reporter::{ReporterView, exists, for_reporter, records_before, reporter_record};
pub use thread::{Delivered, DossierWrap, Heads, NewDossier, Written};

/// Why a case cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is stored does not open: the database was altered, or the keyring is another one.
    #[error("a case is damaged")]
    Damaged,
    /// Not acceptable: another case's, an unknown kind, a wrong stage.
    #[error("not acceptable")]
    Refused,
}

impl From<Refused> for CaseError {
    fn from(_: Refused) -> Self {
        Self::Damaged
    }
}

impl From<AuditError> for CaseError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Storage(error) => Self::Storage(error),
            AuditError::Broken => Self::Damaged,
        }
    }
}

impl From<DirectoryError> for CaseError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => Self::Storage(error),
            DirectoryError::Damaged(_) | DirectoryError::Missing => Self::Damaged,
        }
    }
}

/// Stages of a case, as stored and shown.
pub mod stage {
    /// Delivered, nobody looked.
    pub const DELIVERED: u8 = 0;
    /// Somebody looked.
    pub const SEEN: u8 = 1;
    /// The school is finding out.
    pub const INVESTIGATING: u8 = 2;
    /// Closed.
    pub const CLOSED: u8 = 5;
}
