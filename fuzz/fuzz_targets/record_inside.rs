//! What a holder of the case key may have written: head and content are free, the seal is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::case::CaseKey;
use shudong_envelope::kdf::kdf;
use shudong_envelope::record::{self, HEAD};
use shudong_envelope::sealed;

/// Lengths of what is inside a letter and inside a tip.
const INSIDE: [usize; 2] = [4096, 11_264];

fuzz_target!(|bytes: &[u8]| {
    let Some((head, rest)) = bytes.split_at_checked(HEAD) else { return };
    let rng = &mut StdRng::seed_from_u64(9);
    let key = CaseKey::random(rng);
    for length in INSIDE {
        let mut plain = rest.to_vec();
        plain.resize(length, 0);
        let body = sealed::seal(&kdf(key.bytes(), "record"), head, &plain, rng);
        let _ = record::open(&[head, &body].concat(), &key);
    }
});
