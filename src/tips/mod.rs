//! The reporter's side: what an opened exchange asks, the intake and its tick.
//!
//! Sees sealed bytes, receipts' lookups and coarse hours. Knows neither who asks nor from where.

mod answers;
mod evidence;
mod intake;
mod store;
mod submit;

use shudong_envelope::Refused;

use crate::cases::CaseError;
use crate::clock::Moment;
use crate::directory::DirectoryError;
use crate::storage::StorageError;

pub use answers::{fetch, older};
pub use evidence::{chunk, deliver_chunks, forget_delivered_chunks};
pub use intake::tick;
pub use submit::{post, submit};

/// When letters reach the desks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Seconds from one tick to the next.
    pub every: i64,
    /// Least age in seconds.
    pub least_age: i64,
}

impl Tick {
    /// Second of the first tick at which a letter of `now` is old enough.
    pub fn due(&self, now: Moment) -> i64 {
        let earliest = now.0 + self.least_age;
        earliest + (-earliest).rem_euclid(self.every)
    }
}

/// Why an exchange was not done.
#[derive(Debug, thiserror::Error)]
pub enum TipError {
    /// The database failed; nothing was stored.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A tick or another writer came between two looks; nothing was stored.
    #[error("somebody else wrote there at that moment")]
    Race,
    /// What is stored does not open.
    #[error("a stored tip is damaged")]
    Damaged,
}

impl TipError {
    /// Whether somebody wrote the same row at the same moment: worth another try.
    pub fn is_race(&self) -> bool {
        match self {
            Self::Race => true,
            Self::Storage(error) => error.is_duplicate(),
            Self::Damaged => false,
        }
    }
}

impl From<Refused> for TipError {
    fn from(_: Refused) -> Self {
        Self::Damaged
    }
}

impl From<CaseError> for TipError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Storage(error) => Self::Storage(error),
            CaseError::Damaged | CaseError::Refused => Self::Damaged,
        }
    }
}

impl From<DirectoryError> for TipError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => Self::Storage(error),
            DirectoryError::Damaged(_) | DirectoryError::Missing => Self::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_due_at_full_ticks_and_old_enough() {
        let hourly = Tick {
            every: 3600,
            least_age: 1800,
        };
        assert_eq!(hourly.due(Moment(7200)), 10_800);
        assert_eq!(hourly.due(Moment(9000)), 10_800);
        assert_eq!(hourly.due(Moment(9001)), 14_400);
        assert_eq!(
            Tick {
                every: 2,
                least_age: 0
            }
            .due(Moment(8)),
            8
        );
    }
}
