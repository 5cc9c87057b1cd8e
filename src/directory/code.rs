//! Permanent public codes: eight characters without look-alikes, the last a check.

use rand::{Rng, RngExt};

/// Without 0, 1, i, l and o: 31 characters, a prime, so that the weighted sum finds every slip.
const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Characters of a code.
pub const LENGTH: usize = 8;

/// A fresh code.
pub fn random(rng: &mut impl Rng) -> String {
    let places: Vec<usize> = (0..LENGTH - 1)
        .map(|_| rng.random_range(0..ALPHABET.len()))
        .collect();
    let check = sum(&places);
    places
        .into_iter()
        .chain([check])
        .map(|place| char::from(ALPHABET[place]))
        .collect()
}

/// Whether `code` has the form of a code and its check character fits.
pub fn is_valid(code: &str) -> bool {
    let place = |byte: u8| ALPHABET.iter().position(|&letter| letter == byte);
    let places: Option<Vec<usize>> = code.bytes().map(place).collect();
    places.is_some_and(|places| {
        places.len() == LENGTH && sum(&places[..LENGTH - 1]) == places[LENGTH - 1]
    })
}

/// Σ p·(i+1) mod 31.
fn sum(places: &[usize]) -> usize {
    places
        .iter()
        .enumerate()
        .map(|(i, place)| place * (i + 1))
        .sum::<usize>()
        % ALPHABET.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn every_slip_and_swap_is_found() {
        let code = random(&mut StdRng::seed_from_u64(1));
        assert!(is_valid(&code), "{code}");
        for i in 0..LENGTH {
            for &letter in ALPHABET {
                let mut slip = code.clone().into_bytes();
                slip[i] = letter;
                let slip = String::from_utf8(slip).unwrap();
                assert_eq!(is_valid(&slip), slip == code);
            }
        }
        assert!(!is_valid("") && !is_valid("abcdefg") && !is_valid("ABCDEFGH"));
    }
}
