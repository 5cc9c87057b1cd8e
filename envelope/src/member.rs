//! A member's root secret, what it yields, and how a passphrase guards it.

use rand_core::CryptoRng;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Result;
use crate::bytes::array;
use crate::kdf::{Secret, argon2id, kdf};
use crate::kem::Seed;
use crate::sealed;
use crate::sign::SigningKey;

/// The secret from which a member's keys follow.
#[derive(Clone)]
pub struct MemberRoot(Secret);

impl core::fmt::Debug for MemberRoot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MemberRoot(..)")
    }
}

/// Whose root is sealed.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// The deployment.
    pub deployment: [u8; 16],
    /// The member.
    pub member: [u8; 16],
}

impl Whose {
    fn aad(&self, label: &str) -> Vec<u8> {
        [label.as_bytes(), &[0], &self.deployment, &self.member].concat()
    }
}

const BY_PASSPHRASE: &str = "shudong/1 member root";
const BY_RECOVERY: &str = "shudong/1 member recovery";

impl MemberRoot {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut root = Zeroizing::new([0; 32]);
        rng.fill_bytes(root.as_mut());
        Self(root)
    }

    /// The member's X-Wing seed.
    pub fn kem(&self) -> Seed {
        Seed::from_bytes(kdf(&self.0[..], "member kem"))
    }

    /// The member's signing key.
    pub fn signing(&self) -> SigningKey {
        SigningKey::from_seed(&kdf(&self.0[..], "member sign"))
    }

    /// Sealed under a passphrase.
    pub fn seal(&self, unlock: &Unlock, whose: &Whose, rng: &mut impl CryptoRng) -> Vec<u8> {
        sealed::seal(
            &unlock.key("member kek"),
            &whose.aad(BY_PASSPHRASE),
            &self.0[..],
            rng,
        )
    }

    /// Opened with a passphrase.
    ///
    /// # Errors
    /// [`crate::Refused::Sealed`].
    pub fn open(bytes: &[u8], unlock: &Unlock, whose: &Whose) -> Result<Self> {
        let plain = sealed::open(&unlock.key("member kek"), &whose.aad(BY_PASSPHRASE), bytes)?;
        Ok(Self(Zeroizing::new(array(&plain)?)))
    }

    /// Sealed under the 128-bit recovery code.
    pub fn seal_recovery(
        &self,
        code: &[u8; 16],
        whose: &Whose,
        rng: &mut impl CryptoRng,
    ) -> Vec<u8> {
        sealed::seal(
            &kdf(code, "member recovery"),
            &whose.aad(BY_RECOVERY),
            &self.0[..],
            rng,
        )
    }

    /// Opened with the recovery code.
    ///
    /// # Errors
    /// [`crate::Refused::Sealed`].
    pub fn open_recovery(bytes: &[u8], code: &[u8; 16], whose: &Whose) -> Result<Self> {
        let plain = sealed::open(
            &kdf(code, "member recovery"),
            &whose.aad(BY_RECOVERY),
            bytes,
        )?;
        Ok(Self(Zeroizing::new(array(&plain)?)))
    }
}

/// What Argon2 made of a passphrase.
pub struct Unlock(Secret);

impl Unlock {
    /// One Argon2 run over the NFKC form of the passphrase.
    pub fn new(passphrase: &str, salt: &[u8; 16]) -> Self {
        let text = Zeroizing::new(passphrase.nfkc().collect::<String>());
        Self(argon2id(text.as_bytes(), salt))
    }

    /// What is shown to the server, which keeps its hash.
    pub fn auth(&self) -> Secret {
        self.key("member auth")
    }

    fn key(&self, name: &str) -> Secret {
        kdf(&self.0[..], name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;

    #[test]
    fn passphrase_and_recovery_open_for_their_member_only() {
        let rng = &mut rng();
        let root = MemberRoot::random(rng);
        let whose = Whose {
            deployment: [1; 16],
            member: [2; 16],
        };
        let other = Whose {
            member: [3; 16],
            ..whose
        };
        // Full-width and half-width forms of one passphrase are one passphrase.
        let unlock = Unlock::new("ＡＢＣ 树洞", &[7; 16]);
        let same = Unlock::new("ABC 树洞", &[7; 16]);
        let sealed = root.seal(&unlock, &whose, rng);
        assert_eq!(
            *MemberRoot::open(&sealed, &same, &whose).unwrap().0,
            *root.0
        );
        assert!(MemberRoot::open(&sealed, &same, &other).is_err());
        let recovery = root.seal_recovery(&[5; 16], &whose, rng);
        assert!(MemberRoot::open_recovery(&recovery, &[5; 16], &whose).is_ok());
        assert!(MemberRoot::open_recovery(&recovery, &[6; 16], &whose).is_err());
    }
}
