//! The keys document as a phone receives it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::keys_document::{Items, KEYS, verify};

fuzz_target!(|bytes: &[u8]| {
    let mut document = bytes.to_vec();
    document.resize(KEYS, 0);
    if let Ok(items) = Items::parse(&document) {
        let _ = verify(&items, None);
    }
});
