//! HPKE base mode over X-Wing: keys, wrapping, and the refusal of weak shares.

use core::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::array;
use crate::kdf::{Secret, hash, hash16};
use crate::{Refused, Result};

/// Bytes of a public key.
pub const PUBLIC_KEY: usize = 1216;
/// Bytes of an encapsulation.
pub const ENCAPSULATION: usize = 1120;

type Sender = hpke::aead::AeadCtxS<ChaCha20Poly1305, HkdfSha256, XWing>;
type Receiver = hpke::aead::AeadCtxR<ChaCha20Poly1305, HkdfSha256, XWing>;

/// The seven X25519 u-coordinates of small order, bit 255 cleared (RFC 7748 §6.1; the list of
/// <https://cr.yp.to/ecdh.html#validate>, with their forms above the prime).
const SMALL_ORDER: [[u8; 32]; 7] = {
    let mut points = [[0u8; 32]; 7];
    points[1][0] = 1;
    points[2] = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ];
    points[3] = [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ];
    let mut i = 4;
    while i < 7 {
        points[i] = [0xff; 32];
        points[i][0] = 0xec + (i as u8 - 4);
        points[i][31] = 0x7f;
        i += 1;
    }
    points
};

/// Refuses the 14 encodings of a point of small order: with such a share the classical half of
/// the hybrid contributes nothing.
fn strong(bytes: &[u8]) -> Result<()> {
    let mut share: [u8; 32] = array(&bytes[bytes.len().checked_sub(32).ok_or(Refused::Length)?..])?;
    share[31] &= 0x7f;
    if SMALL_ORDER.contains(&share) {
        Err(Refused::WeakKey)
    } else {
        Ok(())
    }
}

/// A public key that may be sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Box<[u8; PUBLIC_KEY]>);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:02x?}..)", &self.hash()[..4])
    }
}

impl PublicKey {
    /// From its 1,216 bytes.
    ///
    /// # Errors
    /// [`Refused::WeakKey`] for a small-order share, [`Refused::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let bytes: [u8; PUBLIC_KEY] = array(bytes)?;
        strong(&bytes)?;
        <XWing as Kem>::PublicKey::from_bytes(&bytes).map_err(|_| Refused::WeakKey)?;
        Ok(Self(Box::new(bytes)))
    }

    /// The 1,216 bytes.
    pub fn bytes(&self) -> &[u8; PUBLIC_KEY] {
        &self.0
    }

    /// SHA-256 of the key.
    pub fn hash(&self) -> [u8; 32] {
        hash(&[&self.0[..]])
    }

    /// The first 16 bytes of the hash.
    pub fn id(&self) -> [u8; 16] {
        hash16(&[&self.0[..]])
    }

    fn parsed(&self) -> Result<<XWing as Kem>::PublicKey> {
        <XWing as Kem>::PublicKey::from_bytes(&self.0[..]).map_err(|_| Refused::WeakKey)
    }
}

/// A private key: its 32-byte seed.
#[derive(Clone)]
pub struct Seed(Secret);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Seed {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self(seed)
    }

    /// From stored bytes.
    pub fn from_bytes(seed: Secret) -> Self {
        Self(seed)
    }

    /// The bytes, to be wrapped or sealed.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key.
    ///
    /// # Errors
    /// [`Refused::WeakKey`], which does not happen for a random seed.
    pub fn public(&self) -> Result<PublicKey> {
        let bytes = XWing::sk_to_pk(&self.parsed()?).to_bytes();
        PublicKey::from_bytes(&bytes)
    }

    fn parsed(&self) -> Result<<XWing as Kem>::PrivateKey> {
        <XWing as Kem>::PrivateKey::from_bytes(&self.0[..]).map_err(|_| Refused::WeakKey)
    }
}

/// Opens a sealing context to `to`; returns the encapsulation too. With `dyn`, here and in whatever
/// seals in such a context, HPKE is compiled once and not again in each crate that brings a generator.
pub(crate) fn sender(
    to: &PublicKey,
    info: &[u8],
    mut rng: &mut dyn CryptoRng,
) -> Result<([u8; ENCAPSULATION], Sender)> {
    let (enc, context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &to.parsed()?,
        info,
        &mut rng,
    )
    .map_err(|_| Refused::WeakKey)?;
    Ok((array(&enc.to_bytes())?, context))
}

/// Opens a receiving context.
pub(crate) fn receiver(seed: &Seed, enc: &[u8], info: &[u8]) -> Result<Receiver> {
    strong(enc)?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| Refused::Sealed)?;
    hpke::setup_receiver(&OpModeR::Base, &seed.parsed()?, &enc, info).map_err(|_| Refused::Sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;

    #[test]
    fn all_fourteen_small_order_shares_are_refused() {
        let good = *Seed::random(&mut rng()).public().unwrap().bytes();
        assert!(PublicKey::from_bytes(&good).is_ok());
        for point in SMALL_ORDER {
            for high in [0, 0x80] {
                let mut bad = good;
                bad[PUBLIC_KEY - 32..].copy_from_slice(&point);
                bad[PUBLIC_KEY - 1] |= high;
                assert_eq!(PublicKey::from_bytes(&bad), Err(Refused::WeakKey));
                let mut enc = [7; ENCAPSULATION];
                enc[ENCAPSULATION - 32..].copy_from_slice(&bad[PUBLIC_KEY - 32..]);
                let refused = receiver(&Seed::random(&mut rng()), &enc, b"").err();
                assert_eq!(refused, Some(Refused::WeakKey));
            }
        }
    }
}
