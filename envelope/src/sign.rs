//! Ed25519 over a named body, verified strictly.

use core::fmt;

use ed25519_dalek::{Signature, Signer};
use zeroize::Zeroizing;

use crate::{Refused, Result};

/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// A secret signing key.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    /// From its 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The seed.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs `"shudong/1 " name 00 body`.
    pub fn sign(&self, name: &str, body: &[u8]) -> [u8; SIGNATURE] {
        self.0.sign(&message(name, body)).to_bytes()
    }
}

/// Checks a signature made by [`SigningKey::sign`].
///
/// # Errors
/// [`Refused::Signature`].
pub fn verify(public: &[u8; 32], name: &str, body: &[u8], signature: &[u8; 64]) -> Result<()> {
    ed25519_dalek::VerifyingKey::from_bytes(public)
        .and_then(|key| key.verify_strict(&message(name, body), &Signature::from_bytes(signature)))
        .map_err(|_| Refused::Signature)
}

fn message(name: &str, body: &[u8]) -> Vec<u8> {
    [b"shudong/1 ", name.as_bytes(), &[0], body].concat()
}
