//! Opening the embedded database so that what is deleted is gone and what is committed is durable.

use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{StorageError, Store, tables};

/// Longest wait for a connection, and then for another process's lock: a child who sends a tip to
/// a database that does not move learns of it in at most twice that.
const PATIENCE: Duration = Duration::from_secs(4);

/// Opens or makes the file at `path`.
pub(super) async fn open(path: &Path) -> Result<Store, StorageError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(16_384)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
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
        folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
    })
}
