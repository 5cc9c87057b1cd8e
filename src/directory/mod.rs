//! Organisations: the tree, their codes, statements and keys, and who reads whose letters.
//!
//! Knows nothing of members beyond what an epoch names, and nothing of cases.

pub mod code;
mod founding;
mod intake_keys;
mod published;
mod search;
mod store;

use shudong_envelope::Refused;

use crate::ids::OrganisationId;
use crate::storage::StorageError;

pub use founding::{
    Colleague, Epoch, Founder, NewOrganisation, add_organisation, begin_epoch, confirm_roster,
    found, hand_identity_to, name_identity,
};
pub use intake_keys::{keep_current, opened_by};
pub use published::{Sealable, current_key, keys_document, path, sealable, working_holder};
pub use search::find;
pub use store::{
    Deployment, EpochKey, city, colleagues, deployment, epochs, identity_chain, organisation,
};

/// Why the directory could not do it.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is stored is not of its form: the database was altered.
    #[error("a stored statement or key is damaged")]
    Damaged(#[from] Refused),
    /// There is no deployment, or no such organisation.
    #[error("not founded")]
    Missing,
}

/// What an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    City,
    County,
    Department,
    School,
}

impl Kind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::County => "county",
            Self::Department => "department",
            Self::School => "school",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::City, Self::County, Self::Department, Self::School]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// The level in statements: 0 city, 1 county or department, 2 school.
    pub fn level(self) -> u8 {
        match self {
            Self::City => 0,
            Self::County | Self::Department => 1,
            Self::School => 2,
        }
    }
}

/// One organisation of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its id in statements.
    pub id: OrganisationId,
    /// The organisation above; none for the city.
    pub parent: Option<OrganisationId>,
    /// Its permanent public code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}
