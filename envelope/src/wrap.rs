//! A 32-byte key sealed to one recipient: use 1 ‖ recipient key id 16 ‖ enc 1,120 ‖ ciphertext 48.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::{Reader, array};
use crate::kdf::Secret;
use crate::kem::{self, ENCAPSULATION, PublicKey, Seed};
use crate::{Refused, Result};

/// Bytes of a wrap.
pub const WRAP: usize = 1185;

/// What kind of key is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// A case key.
    Case = 1,
    /// A dossier key.
    Dossier = 2,
    /// An organisation's seed of one epoch.
    OrganisationSeed = 3,
    /// An identity's seed.
    IdentitySeed = 4,
    /// A report upwards.
    Report = 5,
    /// A referral.
    Referral = 6,
    /// A new case key for the reporter.
    Reporter = 7,
}

/// Where a wrapped key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The kind of key.
    pub purpose: Purpose,
    /// The deployment.
    pub deployment: [u8; 16],
    /// The case, or the organisation for seeds.
    pub object: [u8; 16],
    /// Generation of the key; 0 until a rekey.
    pub generation: u8,
    /// 0 holder, 1 the level above, 2 the city.
    pub usage: u8,
    /// Commitment of the key inside; for seeds the hash of the public key.
    pub commit: [u8; 32],
}

impl Context {
    fn info(&self, recipient: &PublicKey) -> Vec<u8> {
        [
            b"shudong/1 wrap\0",
            &[self.purpose as u8][..],
            &recipient.hash(),
        ]
        .concat()
    }

    fn aad(&self) -> Vec<u8> {
        let numbers = [self.generation, self.usage];
        [&self.deployment[..], &self.object, &numbers, &self.commit].concat()
    }
}

/// Wraps `key` to `to`.
///
/// # Errors
/// [`Refused::WeakKey`].
pub fn wrap(
    key: &[u8; 32],
    to: &PublicKey,
    context: &Context,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>> {
    let (enc, mut sealing) = kem::sender(to, &context.info(to), rng)?;
    let ciphertext = sealing
        .seal(key, &context.aad())
        .map_err(|_| Refused::Sealed)?;
    Ok([&[context.usage][..], &to.id(), &enc, &ciphertext].concat())
}

/// Use and recipient key id of a wrap.
///
/// # Errors
/// [`Refused::Length`]; [`Refused::Version`] for an unknown use.
pub fn head(wrap: &[u8]) -> Result<(u8, [u8; 16])> {
    if wrap.len() != WRAP {
        return Err(Refused::Length);
    }
    if wrap[0] > 2 {
        return Err(Refused::Version);
    }
    Ok((wrap[0], array(&wrap[1..17])?))
}

/// Unwraps. The caller checks the key against its commitment.
///
/// # Errors
/// [`Refused::Sealed`] for anything that is not wrapped to this seed in this context.
pub fn open(wrap: &[u8], seed: &Seed, context: &Context) -> Result<Secret> {
    let (usage, recipient) = head(wrap)?;
    let public = seed.public()?;
    if usage != context.usage || recipient != public.id() {
        return Err(Refused::Sealed);
    }
    let mut reader = Reader::new(&wrap[17..]);
    let mut opening = kem::receiver(seed, reader.take(ENCAPSULATION)?, &context.info(&public))?;
    let plain = opening
        .open(reader.take(48)?, &context.aad())
        .map_err(|_| Refused::Sealed)?;
    Ok(Zeroizing::new(array(&Zeroizing::new(plain))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;

    #[test]
    fn opens_only_for_its_recipient_in_its_context() {
        let rng = &mut rng();
        let (seed, other) = (Seed::random(rng), Seed::random(rng));
        let context = Context {
            purpose: Purpose::Case,
            deployment: [1; 16],
            object: [2; 16],
            generation: 0,
            usage: 0,
            commit: [3; 32],
        };
        let wrapped = wrap(&[9; 32], &seed.public().unwrap(), &context, rng).unwrap();
        assert_eq!(wrapped.len(), WRAP);
        assert_eq!(*open(&wrapped, &seed, &context).unwrap(), [9; 32]);
        assert_eq!(
            open(&wrapped, &other, &context).err(),
            Some(Refused::Sealed)
        );
        for wrong in [
            Context {
                purpose: Purpose::Dossier,
                ..context
            },
            Context {
                deployment: [0; 16],
                ..context
            },
            Context {
                object: [0; 16],
                ..context
            },
            Context {
                generation: 1,
                ..context
            },
            Context {
                usage: 1,
                ..context
            },
            Context {
                commit: [0; 32],
                ..context
            },
        ] {
            assert_eq!(open(&wrapped, &seed, &wrong).err(), Some(Refused::Sealed));
        }
    }
}
