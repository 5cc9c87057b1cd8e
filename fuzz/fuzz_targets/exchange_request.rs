//! What stands inside an opened request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::exchange::parse;

fuzz_target!(|bytes: &[u8]| {
    let mut inside = bytes.to_vec();
    inside.resize(31_616, 0);
    let _ = (parse(&inside), parse(bytes));
});
