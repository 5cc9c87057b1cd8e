//! Signed statements: who speaks for whom, and until when. Statement = body ‖ signature.

use crate::bytes::Reader;
use crate::kdf::hash;
use crate::sign::{self, SigningKey};
use crate::{Refused, Result};

/// Longest life of an epoch in days.
pub const EPOCH_DAYS: u32 = 90;

/// The words of a committee's roles, by their codes, as a tip's `exclude` names them.
pub const ROLE_WORDS: [&str; 12] = [
    "",
    "chair",
    "legal-vice-principal",
    "teacher",
    "psychology-teacher",
    "counsellor",
    "staff",
    "community",
    "parent",
    "expert",
    "youth-league",
    "student",
];

/// The code of a role's word.
pub fn role_of(word: &str) -> Option<u8> {
    let code = ROLE_WORDS.iter().skip(1).position(|role| *role == word)?;
    u8::try_from(code + 1).ok()
}

/// A kind of statement: its name, its body, its place in bytes.
pub trait Statement: Sized {
    /// The signature's label.
    const NAME: &'static str;
    /// Bytes of the body.
    const BODY: usize;
    /// Bytes with the signature.
    const SIZE: usize = Self::BODY + sign::SIGNATURE;

    /// The body's bytes.
    fn body(&self) -> Vec<u8>;

    /// Reads a body of exactly [`Self::BODY`] bytes.
    ///
    /// # Errors
    /// [`Refused::Length`].
    fn parse(body: &[u8]) -> Result<Self>;

    /// Body and signature.
    fn signed(&self, key: &SigningKey) -> Vec<u8> {
        let mut bytes = self.body();
        let signature = key.sign(Self::NAME, &bytes);
        bytes.extend(signature);
        bytes
    }

    /// What a statement says, its signature unread: for who has the signer's word for it in another way.
    ///
    /// # Errors
    /// [`Refused::Length`].
    fn claimed(bytes: &[u8]) -> Result<Self> {
        match bytes.split_at_checked(Self::BODY) {
            Some((body, signature)) if signature.len() == sign::SIGNATURE => Self::parse(body),
            _ => Err(Refused::Length),
        }
    }

    /// What a statement says, if `signer` signed it.
    ///
    /// # Errors
    /// [`Refused::Length`], [`Refused::Signature`].
    fn verify(bytes: &[u8], signer: &[u8; 32]) -> Result<Self> {
        if bytes.len() != Self::SIZE {
            return Err(Refused::Length);
        }
        let mut reader = Reader::new(bytes);
        let body = reader.take(Self::BODY)?;
        sign::verify(signer, Self::NAME, body, &reader.array()?)?;
        Self::parse(body)
    }
}

macro_rules! statement {
    ($(#[$doc:meta])* $name:ident, $label:literal, $size:literal,
     { $($(#[$field_doc:meta])* $field:ident : $type:ty = $read:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type),+
        }

        impl Statement for $name {
            const NAME: &'static str = $label;
            const BODY: usize = $size;

            fn body(&self) -> Vec<u8> {
                let mut bytes = Vec::with_capacity(Self::SIZE);
                $(Field::write(&self.$field, &mut bytes);)+
                bytes
            }

            fn parse(body: &[u8]) -> Result<Self> {
                let mut reader = Reader::new(body);
                let read = Self { $($field: reader.$read()?),+ };
                reader.end()?;
                Ok(read)
            }
        }
    };
}

trait Field {
    fn write(&self, out: &mut Vec<u8>);
}

impl Field for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
}

impl Field for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }
}

impl<const N: usize> Field for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self);
    }
}

statement!(
    /// A parent names a child organisation's identity key; the city root names itself.
    Identity, "identity", 89, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The organisation that signs.
        parent: [u8; 16] = array,
        /// The organisation named.
        child: [u8; 16] = array,
        /// 0 city, 1 county or department, 2 school.
        level: u8 = u8,
        /// Rises with each renewal.
        serial: u32 = u32,
        /// Last valid day.
        until: u32 = u32,
        /// The child's identity key.
        key: [u8; 32] = array,
    }
);
statement!(
    /// An organisation's key and members for at most 90 days.
    Epoch, "epoch", 140, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The organisation.
        organisation: [u8; 16] = array,
        /// Number of the epoch, rising.
        epoch: u32 = u32,
        /// First valid day.
        from: u32 = u32,
        /// Last valid day.
        until: u32 = u32,
        /// SHA-256 of the organisation key.
        key_hash: [u8; 32] = array,
        /// SHA-256 of all member statements in the order of ids.
        members_hash: [u8; 32] = array,
        /// SHA-256 of the previous epoch's statement, zeros for the first.
        previous: [u8; 32] = array,
    }
);
statement!(
    /// A member's keys and role, anew each epoch.
    Member, "member", 121, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The organisation.
        organisation: [u8; 16] = array,
        /// The member.
        member: [u8; 16] = array,
        /// Role code.
        role: u8 = u8,
        /// The epoch.
        epoch: u32 = u32,
        /// Last valid day.
        until: u32 = u32,
        /// Ed25519 key.
        signing: [u8; 32] = array,
        /// SHA-256 of the X-Wing key.
        kem_hash: [u8; 32] = array,
    }
);
statement!(
    /// The parent's confirmation of the list of members.
    Roster, "roster", 68, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The organisation.
        organisation: [u8; 16] = array,
        /// Last valid day.
        until: u32 = u32,
        /// [`roster_hash`].
        members_hash: [u8; 32] = array,
    }
);
statement!(
    /// An old identity key names its successor.
    Handover, "handover", 64, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The organisation.
        organisation: [u8; 16] = array,
        /// The new identity key.
        key: [u8; 32] = array,
    }
);
statement!(
    /// The city root names the service's key for a year.
    Service, "service", 56, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// The service's signing key.
        key: [u8; 32] = array,
        /// First valid day.
        from: u32 = u32,
        /// Last valid day.
        until: u32 = u32,
    }
);
statement!(
    /// The service names its weekly intake key.
    Intake, "intake", 56, {
        /// The deployment.
        deployment: [u8; 16] = array,
        /// SHA-256 of the intake X-Wing key.
        key_hash: [u8; 32] = array,
        /// First valid day.
        from: u32 = u32,
        /// Last valid day.
        until: u32 = u32,
    }
);

/// Hash over all signed member statements; the caller sorts by member id.
pub fn members_hash(statements: &[Vec<u8>]) -> [u8; 32] {
    hash(&statements.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Hash over members as a parent confirms them; the caller sorts by member id.
pub fn roster_hash(members: &[Member]) -> [u8; 32] {
    let each = |m: &Member| [&m.member[..], &[m.role], &m.signing, &m.kem_hash].concat();
    hash(&[&members.iter().flat_map(each).collect::<Vec<_>>()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_the_protocols() {
        assert_eq!(
            [
                Identity::SIZE,
                Epoch::SIZE,
                Member::SIZE,
                Roster::SIZE,
                Handover::SIZE
            ],
            [153, 204, 185, 132, 128]
        );
        assert_eq!([Service::SIZE, Intake::SIZE], [120, 120]);
    }

    proptest! {
        #[test]
        fn says_what_was_signed_and_refuses_a_flipped_bit(
            deployment: [u8; 16], key: [u8; 32], from: u32, until: u32, bit in 0usize..120 * 8,
        ) {
            let signer = SigningKey::from_seed(&[4; 32]);
            let statement = Service { deployment, key, from, until };
            let mut bytes = statement.signed(&signer);
            prop_assert_eq!(Service::verify(&bytes, &signer.public()), Ok(statement));
            // The same bytes under another name are no statement.
            prop_assert_eq!(Intake::verify(&bytes, &signer.public()), Err(Refused::Signature));
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Service::verify(&bytes, &signer.public()).is_err());
        }
    }
}
