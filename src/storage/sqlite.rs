//! Opening the embedded database so that what is deleted is gone and what is committed is durable.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{StorageError, Store, tables};
use crate::files::refuse_open;

/// Longest wait for a connection, and then for another process's lock: a child who sends a tip to
/// a database that does not move learns of it in at most twice that.
const PATIENCE: Duration = Duration::from_secs(4);

/// Opens or makes the file at `path`.
pub(super) async fn open(path: &Path) -> Result<Store, StorageError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let log = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    for ours in [folder, path, &log("-wal"), &log("-shm")] {
        refuse_open(ours).map_err(|open| sqlx::Error::Configuration(open.into()))?;
    }
    // Made by ourselves, so that its mode is ours; its log takes the same.
    if !path.exists() {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        made.map_err(sqlx::Error::Io)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(16_384)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // Between two ticks the file itself does not change: when it did would tell of letters. The log is cut off at
        // the tick, or here if it grows beyond 64 MiB.
        .pragma("wal_autocheckpoint", "4096")
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        // A line on a statement that took long has a time: a letter's, to the second.
        .disable_statement_logging();
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_with(options.clone())
        .await?;
    tables::sqlite().run(&write).await?;
    let read = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await?;
    Ok(Store::Sqlite {
        write,
        read,
        file: path.to_owned(),
    })
}
