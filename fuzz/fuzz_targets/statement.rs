//! Statements from outside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::statement::{Epoch, Identity, Member, Roster, Statement};

fuzz_target!(|bytes: &[u8]| {
    let _ = (Identity::verify(bytes, &[1; 32]), Epoch::parse(bytes), Member::parse(bytes), Roster::parse(bytes));
});
