//! The box: what the reporter needs again, sealed under the receipt.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::{Reader, padded};
use crate::kdf::Secret;
use crate::sealed;
use crate::{Refused, Result};

/// Bytes of a sealed box.
pub const BOX: usize = 200;

/// What is inside.
#[derive(Clone)]
pub struct Letterbox {
    /// The first case key.
    pub key: Secret,
    /// The organisation that holds the case.
    pub organisation: [u8; 16],
    /// The city root's key at the time of telling.
    pub root: [u8; 32],
    /// The holder's identity key then.
    pub identity: [u8; 32],
    /// The holder's epoch then.
    pub epoch: u32,
    /// Whether a poster's pin was checked.
    pub pinned: bool,
}

fn aad(deployment: &[u8; 16], case: &[u8; 16]) -> Vec<u8> {
    [b"shudong/1 box\0", &deployment[..], case].concat()
}

impl Letterbox {
    /// Seals under the receipt's box key.
    ///
    /// # Errors
    /// None in practice: the content has one length.
    pub fn seal(
        &self,
        key: &[u8; 32],
        deployment: &[u8; 16],
        case: &[u8; 16],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>> {
        let epoch = self.epoch.to_be_bytes();
        let parts = [
            &self.key[..],
            &self.organisation,
            &self.root,
            &self.identity,
            &epoch,
            &[u8::from(self.pinned)],
        ];
        let plain = Zeroizing::new(padded(parts.concat(), BOX - sealed::OVERHEAD)?);
        Ok(sealed::seal(key, &aad(deployment, case), &plain, rng))
    }

    /// Opens a box of that case.
    ///
    /// # Errors
    /// [`Refused::Sealed`], [`Refused::Padding`], [`Refused::Length`]; [`Refused::Version`] for a
    /// flag that is neither set nor not.
    pub fn open(
        bytes: &[u8],
        key: &[u8; 32],
        deployment: &[u8; 16],
        case: &[u8; 16],
    ) -> Result<Self> {
        if bytes.len() != BOX {
            return Err(Refused::Length);
        }
        let plain = sealed::open(key, &aad(deployment, case), bytes)?;
        let mut reader = Reader::new(&plain);
        let opened = Self {
            key: Zeroizing::new(reader.array()?),
            organisation: reader.array()?,
            root: reader.array()?,
            identity: reader.array()?,
            epoch: reader.u32()?,
            pinned: reader.flag()?,
        };
        reader.zeros()?;
        Ok(opened)
    }
}
