//! A record's clear head.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::record::{Chain, Head};

fuzz_target!(|bytes: &[u8]| {
    let _ = (Head::of(bytes), Chain::after(bytes));
});
