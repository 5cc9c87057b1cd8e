//! Hashes and derived keys.

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A secret of 32 bytes, overwritten when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// SHA-256 over the concatenation of `parts`.
pub fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Sha256::new();
    for part in parts {
        state.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(&state.finalize());
    digest
}

/// The first 16 bytes of [`hash`]: the form of every id.
pub fn hash16(parts: &[&[u8]]) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&hash(parts)[..16]);
    id
}

/// HKDF-SHA256 without salt, info `"shudong/1 " name`, 32 bytes.
pub fn kdf(key: &[u8], name: &str) -> Secret {
    let mut out = Zeroizing::new([0; 32]);
    let info = [b"shudong/1 ", name.as_bytes()];
    // 32 bytes is far below HKDF's limit of 255 blocks, the only error there is.
    let _ = Hkdf::<Sha256>::new(None, key).expand_multi_info(&info, out.as_mut());
    out
}

/// HMAC-SHA256 over the concatenation of `parts`.
pub fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut state) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        // HMAC takes keys of any length.
        return [0; 32];
    };
    for part in parts {
        state.update(part);
    }
    let mut tag = [0; 32];
    tag.copy_from_slice(&state.finalize().into_bytes());
    tag
}

/// Argon2id: 64 MiB, 3 passes, 1 lane, 32 bytes (RFC 9106).
pub fn argon2id(secret: &[u8], salt: &[u8; 16]) -> Secret {
    let mut out = Zeroizing::new([0; 32]);
    if let Ok(params) = Params::new(65_536, 3, 1, Some(32)) {
        // Fixed parameters and lengths: there is no error left for it to return.
        let _ = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            secret,
            salt,
            out.as_mut(),
        );
    }
    out
}
