//! What stands inside an opened request of a chunk's length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shudong_envelope::evidence::{SEALED_CHUNK, check};
use shudong_envelope::exchange::{Operation, parse};

fuzz_target!(|bytes: &[u8]| {
    let mut inside = bytes.to_vec();
    inside.resize(263_040, 0);
    if let Ok(request) = parse(&inside)
        && let Operation::Chunk(chunk) = request.operation
    {
        assert_eq!(chunk.sealed.len(), SEALED_CHUNK);
        assert!(check(chunk.index, chunk.count).is_ok());
    }
});
