//! Files of the service: for its own user alone, whatever the umask and however they came there.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

/// What others may do with a file: nothing.
const OTHERS: u32 = 0o077;
/// What they may not do with a folder: put another file into a place of ours. A folder that can be looked into shows
/// names, sizes and times, which say nothing of letters; whoever runs a service often shares it with a proxy.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder, as a system's own for temporary files, nobody replaces what is another's.
const STICKY: u32 = 0o1000;

/// A file that others may read or change, or a folder in which they may.
#[derive(Debug, thiserror::Error)]
#[error("{path} is open to others (mode {mode:04o}); it is nobody else's: chmod {wanted} {path}",
    path = path.display())]
pub struct Open {
    path: PathBuf,
    mode: u32,
    wanted: &'static str,
}

/// From now on nothing that this process makes can be read by others, a library's files included.
pub fn keep_to_ourselves() {
    rustix::process::umask(Mode::from_raw_mode(OTHERS));
}

/// Refuses a file that others can look into, and a folder in which they can replace one. One that does not exist is fine: we shall make it.
///
/// # Errors
/// [`Open`], with the command that mends it.
pub fn refuse_open(path: &Path) -> Result<(), Open> {
    let Ok(facts) = fs::metadata(path) else {
        return Ok(());
    };
    let mode = facts.permissions().mode() & 0o7777;
    let closed = match facts.is_dir() {
        true => mode & OTHERS_WRITE == 0 || mode & STICKY != 0,
        false => mode & OTHERS == 0,
    };
    if closed {
        return Ok(());
    }
    Err(Open {
        path: path.to_owned(),
        mode,
        wanted: if facts.is_dir() { "700" } else { "600" },
    })
}

/// Makes a folder of ours, or closes one that is there.
///
/// # Errors
/// If it cannot be made, or is another user's.
pub fn own_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}
