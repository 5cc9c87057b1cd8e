//! Answers as a phone opens them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::answer::{Fetched, parse_older, parse_outcome};

fuzz_target!(|bytes: &[u8]| {
    let _ = (Fetched::parse(bytes), parse_older(bytes), parse_outcome(bytes));
});
