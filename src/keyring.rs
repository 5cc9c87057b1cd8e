//! The keyring's file: made once, readable by the service alone, kept apart from the data.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rand::CryptoRng;
pub use shudong_envelope::at_rest::{Keyring, Lock, NO_SHRED, Place};
use zeroize::Zeroizing;

/// Why there is no keyring.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file cannot be read or made.
    #[error("keyring: {0}")]
    File(#[from] std::io::Error),
    /// Others may read the file.
    #[error("keyring: {0}")]
    Open(#[from] crate::files::Open),
    /// The file is not a keyring.
    #[error("keyring: the file is damaged")]
    Damaged,
}

/// Reads a keyring.
///
/// # Errors
/// If the file is missing, open to others, or damaged.
pub fn load(path: &Path) -> Result<Keyring, KeyringError> {
    crate::files::refuse_open(path)?;
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    Keyring::from_text(&text).map_err(|_| KeyringError::Damaged)
}

/// Makes a keyring with mode 0600; an existing file is never overwritten, its data would be lost.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn make(path: &Path, rng: &mut impl CryptoRng) -> Result<Keyring, KeyringError> {
    let keyring = Keyring::random(rng);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(keyring.to_text().as_bytes())?;
    file.sync_all()?;
    Ok(keyring)
}
