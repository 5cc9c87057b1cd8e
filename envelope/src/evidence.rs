//! Files that a reporter adds: chunks of one size, in counts that say little.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::padded;
use crate::{Refused, Result, sealed};

/// Bytes of a chunk's plain text; a file's last ones are filled with zeros.
pub const CHUNK: usize = 262_144;
/// Bytes of a sealed chunk.
pub const SEALED_CHUNK: usize = CHUNK + sealed::OVERHEAD;
/// Bytes of the largest file, 50 MiB.
pub const LARGEST_FILE: u64 = 50 << 20;
/// Chunks of the largest file.
pub const MOST_CHUNKS: u32 = 208;

/// Up to here counts are powers of two.
const SMALL: u32 = 16;

/// The number of chunks that stands for `chunks`: 1, 2, 4, 8, 16, then Padmé.
pub fn rounded(chunks: u32) -> u32 {
    if chunks <= SMALL {
        return chunks.max(1).next_power_of_two();
    }
    // Padmé: with exponent E a number keeps its first bit and as many more as E has; the rest is
    // rounded up.
    let exponent = chunks.ilog2();
    let mask = (1 << (exponent - (exponent.ilog2() + 1))) - 1;
    chunks.saturating_add(mask) & !mask
}

/// Where a chunk belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The deployment.
    pub deployment: [u8; 16],
    /// The case.
    pub case: [u8; 16],
    /// The file, random.
    pub file: [u8; 16],
    /// Counts from 0.
    pub index: u32,
    /// How many the file has.
    pub count: u32,
}

/// Whether there can be such a chunk.
///
/// # Errors
/// [`Refused::Length`] for a count that is not rounded or too large, or an index beyond it.
pub fn check(index: u32, count: u32) -> Result<()> {
    let fits = (1..=MOST_CHUNKS).contains(&count) && rounded(count) == count && index < count;
    if fits { Ok(()) } else { Err(Refused::Length) }
}

impl Place {
    fn aad(&self) -> Vec<u8> {
        [
            &b"shudong/1 chunk\0"[..],
            &self.deployment,
            &self.case,
            &self.file,
            &self.index.to_be_bytes(),
            &self.count.to_be_bytes(),
        ]
        .concat()
    }
}

/// Seals a chunk, filled with zeros, under its file's key.
///
/// # Errors
/// [`Refused::Length`] for too many bytes or a place that cannot be.
pub fn seal_chunk(
    key: &[u8; 32],
    place: &Place,
    plain: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>> {
    check(place.index, place.count)?;
    let plain = Zeroizing::new(padded(plain.to_vec(), CHUNK)?);
    Ok(sealed::seal(key, &place.aad(), &plain, rng))
}

/// Opens a chunk; its zeros are still on it, the file's size tells how many.
///
/// # Errors
/// [`Refused::Length`], [`Refused::Sealed`].
pub fn open_chunk(key: &[u8; 32], place: &Place, chunk: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    check(place.index, place.count)?;
    if chunk.len() != SEALED_CHUNK {
        return Err(Refused::Length);
    }
    sealed::open(key, &place.aad(), chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    const PLACE: Place = Place {
        deployment: [1; 16],
        case: [2; 16],
        file: [3; 16],
        index: 1,
        count: 4,
    };

    #[test]
    fn a_count_costs_at_most_an_eighth_above_sixteen() {
        let largest = u32::try_from(LARGEST_FILE.div_ceil(262_144)).unwrap();
        assert_eq!((largest, rounded(largest)), (200, MOST_CHUNKS));
        for (chunks, count) in [
            (0, 1),
            (1, 1),
            (3, 4),
            (9, 16),
            (17, 18),
            (33, 36),
            (100, 104),
        ] {
            assert_eq!(rounded(chunks), count, "{chunks}");
        }
        for chunks in 17..=largest {
            let count = rounded(chunks);
            assert!(count >= chunks && count - chunks <= chunks / 8, "{chunks}");
            assert_eq!(rounded(count), count, "{chunks}");
        }
    }

    #[test]
    fn a_chunk_opens_in_its_place_alone() {
        let chunk = seal_chunk(&[9; 32], &PLACE, b"photo", &mut rng()).unwrap();
        assert_eq!(chunk.len(), SEALED_CHUNK);
        let opened = open_chunk(&[9; 32], &PLACE, &chunk).unwrap();
        assert_eq!((opened.len(), &opened[..6]), (CHUNK, &b"photo\0"[..]));
        let elsewhere = [
            Place {
                deployment: [0; 16],
                ..PLACE
            },
            Place {
                case: [0; 16],
                ..PLACE
            },
            Place {
                file: [0; 16],
                ..PLACE
            },
            Place { index: 2, ..PLACE },
            Place { count: 8, ..PLACE },
        ];
        for place in elsewhere {
            let refused = open_chunk(&[9; 32], &place, &chunk).err();
            assert_eq!(refused, Some(Refused::Sealed), "{place:?}");
        }
        let refused = open_chunk(&[8; 32], &PLACE, &chunk).err();
        assert_eq!(refused, Some(Refused::Sealed), "another file's key");
        let short = open_chunk(&[9; 32], &PLACE, &chunk[1..]).err();
        assert_eq!(short, Some(Refused::Length));
    }

    #[test]
    fn a_place_that_cannot_be_is_refused() {
        let long = vec![0; CHUNK + 1];
        let refused = seal_chunk(&[9; 32], &PLACE, &long, &mut rng());
        assert_eq!(refused, Err(Refused::Length));
        for (index, count) in [(0, 0), (1, 1), (0, 3), (4, 4), (0, 17), (0, 209), (0, 216)] {
            let place = Place {
                index,
                count,
                ..PLACE
            };
            let refused = seal_chunk(&[9; 32], &place, b"", &mut rng());
            assert_eq!(refused, Err(Refused::Length), "{index} of {count}");
        }
        assert_eq!(check(207, 208), Ok(()));
    }

    proptest! {
        #[test]
        fn rounding_never_falls_and_never_loses_a_chunk(chunks in 0u32..1 << 30) {
            prop_assert!(rounded(chunks) >= chunks);
            prop_assert!(rounded(chunks + 1) >= rounded(chunks));
        }
    }
}
