//! The keyring's file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::at_rest::Keyring;

fuzz_target!(|bytes: &[u8]| {
    let _ = core::str::from_utf8(bytes).map(Keyring::from_text);
});
