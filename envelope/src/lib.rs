//! Shudong's protocol: who can read what, and the bytes on the wire.
//!
//! No I/O, no async, no clock, no randomness of its own: each is a parameter. `docs/protocol.md`
//! is the norm; every module here is one of its sections. Whatever is not exactly of the stated
//! form is [`Refused`].

pub mod answer;
pub mod at_rest;
mod bytes;
pub mod case;
pub mod evidence;
pub mod exchange;
pub mod holders;
pub mod kdf;
pub mod kem;
pub mod keys_document;
pub mod letterbox;
pub mod member;
pub mod pin;
pub mod receipt;
pub mod record;
pub mod sealed;
pub mod sign;
pub mod statement;
#[cfg(test)]
mod tests_support;
pub mod tip;
pub mod wrap;

/// The protocol's version, first byte of every object.
pub const VERSION: u8 = 1;

/// Why bytes were not accepted. It says where a form was left, never what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too short, too long, or a count beyond its limit.
    #[error("wrong length")]
    Length,
    /// A version or type that is not known.
    #[error("unknown version or type")]
    Version,
    /// Bytes that must be zero are not.
    #[error("padding is not zero")]
    Padding,
    /// Does not open: wrong key, altered, or meant for another place. One opaque error.
    #[error("does not open")]
    Sealed,
    /// A key that does not belong to its commitment or hash.
    #[error("wrong key")]
    Commitment,
    /// A public key or encapsulation of small order, or no key at all.
    #[error("weak key")]
    WeakKey,
    /// A signature that does not verify.
    #[error("signature")]
    Signature,
    /// A statement that is not valid on that day, or of another deployment.
    #[error("statement")]
    Statement,
    /// A record out of its order, of another case, or by an author who may not write there.
    #[error("thread")]
    Thread,
}

/// A result of this crate.
pub type Result<T> = core::result::Result<T, Refused>;
