//! A case's key, its commitment and its id.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::kdf::{Secret, hash16, kdf};
use crate::{Refused, Result};

/// The key of a case or of a dossier, whose commitment was checked.
#[derive(Clone)]
pub struct CaseKey(Secret);

impl core::fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CaseKey(..)")
    }
}

impl CaseKey {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// A key that was unwrapped, if it belongs to `commit`.
    ///
    /// # Errors
    /// [`Refused::Commitment`].
    pub fn committed(key: Secret, commit: &[u8; 32]) -> Result<Self> {
        let key = Self(key);
        if bool::from(key.commit().ct_eq(commit)) {
            Ok(key)
        } else {
            Err(Refused::Commitment)
        }
    }

    /// The public commitment.
    pub fn commit(&self) -> [u8; 32] {
        *kdf(&self.0[..], "commit")
    }

    /// The bytes, to be wrapped.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key of its records.
    pub(crate) fn record_key(&self) -> Secret {
        kdf(&self.0[..], "record")
    }
}

/// The id that binds a case to its holder's organisation, its reporter and its key.
pub fn case_id(
    deployment: &[u8; 16],
    organisation: &[u8; 16],
    reporter: &[u8; 32],
    commit: &[u8; 32],
) -> [u8; 16] {
    hash16(&[
        b"shudong/1 case\0",
        deployment,
        organisation,
        reporter,
        commit,
    ])
}
