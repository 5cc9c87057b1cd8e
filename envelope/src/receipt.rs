//! The receipt: 19 uniform digits and a Damm check digit, and the keys it yields.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::kdf::{Secret, argon2id, hash16, kdf};
use crate::{Refused, Result};

/// The quasigroup of order 10 of H. M. Damm's thesis (2004).
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Twenty ASCII digits, the last a check.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(Zeroizing<[u8; 20]>);

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(..)")
    }
}

impl Receipt {
    /// A fresh receipt; digits are drawn without bias.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut digits = Zeroizing::new([b'0'; 20]);
        let mut filled = 0;
        while filled < 19 {
            let mut byte = [0];
            rng.fill_bytes(&mut byte);
            // 250 is the largest multiple of ten a byte holds.
            if byte[0] < 250 {
                digits[filled] = b'0' + byte[0] % 10;
                filled += 1;
            }
        }
        digits[19] = b'0' + check(&digits[..19]);
        Self(digits)
    }

    /// From what a person wrote; spaces may stand anywhere.
    ///
    /// # Errors
    /// [`Refused::Length`] if it is not twenty digits, [`Refused::Commitment`] if the check digit
    /// does not match.
    pub fn parse(text: &str) -> Result<Self> {
        let mut digits = Zeroizing::new([0; 20]);
        let mut written = text.bytes().filter(|byte| *byte != b' ');
        for digit in digits.iter_mut() {
            *digit = written
                .next()
                .filter(u8::is_ascii_digit)
                .ok_or(Refused::Length)?;
        }
        if written.next().is_some() {
            return Err(Refused::Length);
        }
        if check(&digits[..]) == 0 {
            Ok(Self(digits))
        } else {
            Err(Refused::Commitment)
        }
    }

    /// The twenty digits.
    pub fn digits(&self) -> &str {
        core::str::from_utf8(&self.0[..]).unwrap_or_default()
    }

    /// The root of its keys: one Argon2 run.
    pub fn root(&self, deployment: &[u8; 16]) -> ReceiptRoot {
        let salt = hash16(&[b"shudong/1 salt\0", deployment]);
        ReceiptRoot(argon2id(&self.0[..19], &salt))
    }
}

/// Interim digit over ASCII digits; zero over a number with its check digit.
fn check(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |interim, digit| {
        DAMM[usize::from(interim)][usize::from(digit - b'0')]
    })
}

/// What Argon2 made of a receipt.
#[derive(Clone)]
pub struct ReceiptRoot(Secret);

impl fmt::Debug for ReceiptRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptRoot(..)")
    }
}

impl ReceiptRoot {
    /// One of `auth`, `box`, `sign`, `kem`, `leaf`, `blind`.
    pub fn key(&self, name: &str) -> Secret {
        kdf(&self.0[..], &format!("receipt {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    #[test]
    fn damm_finds_every_single_slip_and_swap() {
        let receipt = Receipt::random(&mut rng());
        let good: Vec<char> = receipt.digits().chars().collect();
        assert_eq!(check(b"5724"), 0);
        for i in 0..20 {
            for digit in '0'..='9' {
                let mut slip = good.clone();
                slip[i] = digit;
                let parsed = Receipt::parse(&slip.iter().collect::<String>());
                assert_eq!(parsed.is_ok(), slip == good);
            }
            if i > 0 {
                let mut swapped = good.clone();
                swapped.swap(i - 1, i);
                let parsed = Receipt::parse(&swapped.iter().collect::<String>());
                assert_eq!(parsed.is_ok(), swapped == good);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text: String) {
            let _ = Receipt::parse(&text);
        }
    }
}
