//! The pin in a poster's address.

use crate::kdf::hash16;

/// Binds the city root and the school's identity key.
pub fn pin(city_root: &[u8; 32], school: &[u8; 32]) -> [u8; 16] {
    hash16(&[b"shudong/1 pin\0", city_root, school])
}
