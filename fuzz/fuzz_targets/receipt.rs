//! What a person writes as a receipt.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::receipt::Receipt;

fuzz_target!(|bytes: &[u8]| {
    let _ = core::str::from_utf8(bytes).map(Receipt::parse);
});
