//! Keys at rest: a keyring apart from the data, a shred key for each case, values bound to rows.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::array;
use crate::kdf::{Secret, hmac, kdf};
use crate::sealed;
use crate::sign::SigningKey;
use crate::{Refused, Result};

/// A shred key that stands where no case exists yet.
pub const NO_SHRED: [u8; 32] = [0; 32];

/// One family of keys; the newest seals, all open.
#[derive(Clone)]
struct Family(Vec<Secret>);

impl Family {
    fn random(rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        Self(vec![key])
    }

    fn newest(&self) -> Result<(u8, &Secret)> {
        let index = self.0.len().checked_sub(1).ok_or(Refused::Length)?;
        Ok((
            u8::try_from(index).map_err(|_| Refused::Length)?,
            &self.0[index],
        ))
    }

    fn key(&self, generation: u8) -> Result<&Secret> {
        self.0.get(usize::from(generation)).ok_or(Refused::Sealed)
    }
}

/// The keys that a database is useless without.
#[derive(Clone)]
pub struct Keyring {
    rows: Family,
    lookup: Family,
    release: Family,
    service: SigningKey,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

/// The place of a sealed value: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's key.
    pub row: &'a [u8],
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        let prefixed = |part: &[u8]| {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes();
            [&length[..], part].concat()
        };
        [self.table.as_bytes(), self.column.as_bytes(), self.row]
            .map(prefixed)
            .concat()
    }
}

/// Which family seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Ordinary rows.
    Rows,
    /// Wraps that only a rule releases.
    Release,
}

impl Keyring {
    /// A fresh keyring of one generation.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self {
            rows: Family::random(rng),
            lookup: Family::random(rng),
            release: Family::random(rng),
            service: SigningKey::from_seed(&seed),
        }
    }

    /// The file's text: one key a line, `name hex`.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        let mut line = |name: &str, key: &[u8; 32]| {
            text.push_str(name);
            text.push(' ');
            for byte in key {
                text.push_str(&format!("{byte:02x}"));
            }
            text.push('\n');
        };
        for (name, family) in [
            ("rows", &self.rows),
            ("lookup", &self.lookup),
            ("release", &self.release),
        ] {
            family.0.iter().for_each(|key| line(name, key));
        }
        line("service", &self.service.seed());
        text
    }

    /// Reads [`Keyring::to_text`].
    ///
    /// # Errors
    /// [`Refused::Version`] for an unknown name, [`Refused::Length`] for a key of another length
    /// or a missing one.
    pub fn from_text(text: &str) -> Result<Self> {
        let [mut rows, mut lookup, mut release, mut service] = [const { Vec::new() }; 4];
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (name, hex) = line.trim().split_once(' ').ok_or(Refused::Length)?;
            let family = match name {
                "rows" => &mut rows,
                "lookup" => &mut lookup,
                "release" => &mut release,
                "service" => &mut service,
                _ => return Err(Refused::Version),
            };
            family.push(parse_hex(hex)?);
        }
        let [seed] = &service[..] else {
            return Err(Refused::Length);
        };
        let service = SigningKey::from_seed(seed);
        if rows.is_empty() || lookup.is_empty() || release.is_empty() {
            return Err(Refused::Length);
        }
        Ok(Self {
            rows: Family(rows),
            lookup: Family(lookup),
            release: Family(release),
            service,
        })
    }

    /// The key that signs intake keys.
    pub fn service(&self) -> &SigningKey {
        &self.service
    }

    /// A lookup value that says nothing of its input.
    pub fn lookup(&self, name: &str, value: &[u8]) -> [u8; 32] {
        // One generation looks up: rotating it means writing every lookup anew.
        hmac(&self.lookup.0[0], &[name.as_bytes(), &[0], value])
    }

    /// Seals a value for its place. The first byte names the key's generation.
    ///
    /// # Errors
    /// None in practice: a keyring holds at most 256 generations.
    pub fn seal(
        &self,
        lock: Lock,
        shred: &[u8; 32],
        place: Place<'_>,
        plain: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>> {
        let (generation, key) = self.family(lock).newest()?;
        let key = row_key(lock, key, shred);
        Ok([
            vec![generation],
            sealed::seal(&key, &place.aad(), plain, rng),
        ]
        .concat())
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`Refused::Sealed`].
    pub fn open(
        &self,
        lock: Lock,
        shred: &[u8; 32],
        place: Place<'_>,
        bytes: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        let (generation, sealed) = bytes.split_first().ok_or(Refused::Sealed)?;
        let key = row_key(lock, self.family(lock).key(*generation)?, shred);
        sealed::open(&key, &place.aad(), sealed)
    }

    fn family(&self, lock: Lock) -> &Family {
        match lock {
            Lock::Rows => &self.rows,
            Lock::Release => &self.release,
        }
    }
}

fn row_key(lock: Lock, key: &[u8; 32], shred: &[u8; 32]) -> Secret {
    let both = Zeroizing::new([&key[..], shred].concat());
    kdf(
        &both,
        match lock {
            Lock::Rows => "row",
            Lock::Release => "release",
        },
    )
}

fn parse_hex(hex: &str) -> Result<Secret> {
    let digits = hex.as_bytes();
    let nibble = |digit: u8| char::from(digit).to_digit(16).ok_or(Refused::Length);
    let mut bytes = Zeroizing::new(Vec::with_capacity(32));
    for pair in digits.chunks(2) {
        let &[high, low] = pair else {
            return Err(Refused::Length);
        };
        let byte = nibble(high)? * 16 + nibble(low)?;
        bytes.push(u8::try_from(byte).map_err(|_| Refused::Length)?);
    }
    Ok(Zeroizing::new(array(&bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    const PLACE: Place<'static> = Place {
        table: "cases",
        column: "box",
        row: b"1",
    };

    #[test]
    fn a_value_opens_in_its_place_with_its_keys_only() {
        let rng = &mut rng();
        let keyring = Keyring::random(rng);
        let sealed = keyring
            .seal(Lock::Rows, &[1; 32], PLACE, b"x", rng)
            .unwrap();
        let again = Keyring::from_text(&keyring.to_text()).unwrap();
        assert_eq!(
            &*again.open(Lock::Rows, &[1; 32], PLACE, &sealed).unwrap(),
            b"x"
        );
        for place in [
            Place {
                table: "case",
                ..PLACE
            },
            Place {
                column: "bo",
                row: b"x1",
                ..PLACE
            },
            Place { row: b"2", ..PLACE },
        ] {
            assert!(keyring.open(Lock::Rows, &[1; 32], place, &sealed).is_err());
        }
        assert!(
            keyring.open(Lock::Rows, &[2; 32], PLACE, &sealed).is_err(),
            "shredded"
        );
        assert!(
            keyring
                .open(Lock::Release, &[1; 32], PLACE, &sealed)
                .is_err()
        );
        let other = Keyring::random(rng);
        assert!(other.open(Lock::Rows, &[1; 32], PLACE, &sealed).is_err());
    }

    #[test]
    fn an_older_generation_still_opens() {
        let rng = &mut rng();
        let old = Keyring::random(rng);
        let sealed = old.seal(Lock::Rows, &NO_SHRED, PLACE, b"x", rng).unwrap();
        let rotated = format!("{}rows {}\n", *old.to_text(), "5a".repeat(32));
        let rotated = Keyring::from_text(&rotated).unwrap();
        assert!(rotated.open(Lock::Rows, &NO_SHRED, PLACE, &sealed).is_ok());
        let newer = rotated
            .seal(Lock::Rows, &NO_SHRED, PLACE, b"x", rng)
            .unwrap();
        assert_eq!(newer[0], 1);
        assert!(old.open(Lock::Rows, &NO_SHRED, PLACE, &newer).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_keyring_or_refused(text: String) {
            let _ = Keyring::from_text(&text);
        }
    }
}
