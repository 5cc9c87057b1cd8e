//! Typed ids. All are 16 bytes; a case's and a member's cannot be mistaken for each other.

use std::fmt;

use rand::{Rng, RngExt};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

        impl<Db: Database> Type<Db> for $name
        where
            Uuid: Type<Db>,
        {
            fn type_info() -> Db::TypeInfo {
                Uuid::type_info()
            }

            fn compatible(given: &Db::TypeInfo) -> bool {
                Uuid::compatible(given)
            }
        }

        impl<'q, Db: Database> Encode<'q, Db> for $name
        where
            Uuid: Encode<'q, Db>,
        {
            fn encode_by_ref(&self, buffer: &mut Db::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                self.0.encode_by_ref(buffer)
            }
        }

        impl<'r, Db: Database> Decode<'r, Db> for $name
        where
            Uuid: Decode<'r, Db>,
        {
            fn decode(value: Db::ValueRef<'r>) -> Result<Self, BoxDynError> {
                Uuid::decode(value).map(Self)
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
