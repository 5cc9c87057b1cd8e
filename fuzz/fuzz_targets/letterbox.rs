//! What a box may hold: its content is sealed here, so that the parser behind the seal is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::sealed;

fuzz_target!(|plain: &[u8]| {
    let aad = [&b"shudong/1 box\0"[..], &[1; 16], &[2; 16]].concat();
    let sealed = sealed::seal(&[3; 32], &aad, plain, &mut StdRng::seed_from_u64(9));
    let _ = Letterbox::open(&sealed, &[3; 32], &[1; 16], &[2; 16]);
});
