//! A wrap: its head, and opening it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::kem::Seed;
use shudong_envelope::wrap::{Context, Purpose, head, open};
use zeroize::Zeroizing;

fuzz_target!(|bytes: &[u8]| {
    let seed = Seed::from_bytes(Zeroizing::new([4; 32]));
    let context = Context {
        purpose: Purpose::Case,
        deployment: [1; 16],
        object: [2; 16],
        generation: 0,
        usage: 0,
        commit: [3; 32],
    };
    let _ = head(bytes);
    assert!(open(bytes, &seed, &context).is_err(), "nobody wrapped this");
});
