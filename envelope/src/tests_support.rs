//! A repeatable random source for this crate's own tests.

use rand::SeedableRng;
use rand::rngs::StdRng;

pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(4)
}
