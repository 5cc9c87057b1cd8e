//! Typed ids. All are 16 bytes; a case's and a member's cannot be mistaken for each other.

use std::fmt;

use rand::{Rng, RngExt};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id, uniform: its value tells nothing of when it was made.
            pub fn random(rng: &mut impl Rng) -> Self {
                Self::from_bytes(rng.random())
            }

            /// From the 16 bytes of the wire.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of the wire.
            pub fn bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// From 32 hexadecimal digits; anything else is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                if text.len() != 32 {
                    return None;
                }
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.simple())
            }
        }
    };
}

id!(
    /// An organisation: the city, a bureau, a department or a school.
    OrganisationId
);
id!(
    /// Someone who works for an organisation.
    MemberId
);
id!(
    /// A case, derived from what the reporter sealed.
    CaseId
);
id!(
    /// A row that needs a name of its own.
    RowId
);
