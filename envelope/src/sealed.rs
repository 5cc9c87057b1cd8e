//! XChaCha20-Poly1305: nonce 24 ‖ ciphertext ‖ tag 16.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::Reader;
use crate::{Refused, Result};

/// Bytes that sealing adds.
pub const OVERHEAD: usize = 40;

/// Seals under a random nonce.
pub fn seal(key: &[u8; 32], aad: &[u8], plain: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut nonce = [0; 24];
    rng.fill_bytes(&mut nonce);
    under(key, nonce, aad, plain)
}

/// Without the generator, so that the cipher is compiled once and not again in each crate that brings one.
fn under(key: &[u8; 32], nonce: [u8; 24], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad };
    let cipher = XChaCha20Poly1305::new(key.into());
    let mut out = nonce.to_vec();
    // The only error is a plain text beyond 256 GiB.
    out.extend(
        cipher
            .encrypt(&XNonce::from(nonce), payload)
            .unwrap_or_default(),
    );
    out
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Refused::Sealed`], for whatever reason.
pub fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut reader = Reader::new(sealed);
    let nonce: [u8; 24] = reader.array().map_err(|_| Refused::Sealed)?;
    let payload = Payload {
        msg: &sealed[24..],
        aad,
    };
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher
        .decrypt(&XNonce::from(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| Refused::Sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn opens_what_it_sealed_and_no_flipped_bit(plain: Vec<u8>, key: [u8; 32], bit: usize) {
            let mut sealed = seal(&key, b"here", &plain, &mut rng());
            prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            prop_assert_eq!(&*open(&key, b"here", &sealed).unwrap(), &plain);
            prop_assert_eq!(open(&key, b"there", &sealed), Err(Refused::Sealed));
            let bit = bit % (sealed.len() * 8);
            sealed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(open(&key, b"here", &sealed), Err(Refused::Sealed));
        }
    }
}
