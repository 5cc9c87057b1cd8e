//! The store: two databases behind one kind of transaction.
//!
//! Rooms write one SQL text with `$n` placeholders and run it through `execute!`, `fetch_all!` and
//! `fetch_optional!`; the macros repeat the statement for either database. Nothing here
//! knows what is stored.

mod held;
mod row;
mod sqlite;
mod tables;
mod tx;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::SqlitePool;

use crate::clock::Hour;
use held::Held;
pub(crate) use row::row;
pub use tx::Tx;
pub(crate) use tx::{execute, fetch_all, fetch_optional};

/// Any failure of the database. Its text is for the operator's log, never for a visitor.
#[derive(Debug, thiserror::Error)]
#[error("storage: {0}")]
pub struct StorageError(#[source] pub(crate) sqlx::Error);

impl StorageError {
    /// Whether a row with that key was there already. The only distinction a room may make.
    pub fn is_duplicate(&self) -> bool {
        self.0
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl From<sqlx::migrate::MigrateError> for StorageError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(error.into())
    }
}

/// Which database to open.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// The embedded SQLite file at this path.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// An open database, its migrations applied.
#[derive(Clone, Debug)]
pub enum Store {
    /// One writing connection, several that only read.
    Sqlite {
        /// Holds exactly one connection: SQLite has one writer, and waiting here is fair.
        write: SqlitePool,
        /// Connections that cannot write.
        read: SqlitePool,
        /// The file.
        file: PathBuf,
    },
    /// A pool.
    Postgres(PgPool),
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be reached or a migration fails.
    pub async fn open(place: &Place) -> Result<Self, StorageError> {
        match place {
            Place::Sqlite(path) => sqlite::open(path).await,
            Place::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                let pool = PgPoolOptions::new()
                    .max_connections(16)
                    .acquire_timeout(Duration::from_secs(5))
                    // A line on a statement that took long has a time: a letter's, to the second.
                    .connect_with(options.disable_statement_logging())
                    .await?;
                tables::postgres().run(&pool).await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// Begins a transaction that may write. Dropped without [`Tx::commit`], it rolls back.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            // A deferred transaction that reads and then writes fails with code 517.
            Self::Sqlite { write, .. } => {
                Tx::Sqlite(Held::begin(write.acquire().await?, "BEGIN IMMEDIATE").await?)
            }
            Self::Postgres(pool) => {
                Tx::Postgres(Held::begin(pool.acquire().await?, "BEGIN").await?)
            }
        })
    }

    /// Begins a transaction that only reads and waits for no writer.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn read(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            Self::Sqlite { read, .. } => {
                Tx::Sqlite(Held::begin(read.acquire().await?, "BEGIN").await?)
            }
            Self::Postgres(pool) => {
                Tx::Postgres(Held::begin(pool.acquire().await?, "BEGIN READ ONLY").await?)
            }
        })
    }

    /// Whether more than `floor` MiB are free where the database lies. A full disk would end the desks' work too, and
    /// the service's own clearing up. Of a server's disk nothing is known here.
    pub fn has_room(&self, floor: u64) -> bool {
        const MIB: u64 = 1024 * 1024;
        match self {
            Self::Sqlite { file, .. } => rustix::fs::statvfs(file)
                .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) / MIB >= floor),
            Self::Postgres(_) => true,
        }
    }

    /// Writes a row that says nothing, durably: the proof that a letter could be stored.
    ///
    /// # Errors
    /// If the database does not answer, or cannot be written.
    pub async fn prove_writable(&self) -> Result<(), StorageError> {
        let mut tx = self.begin().await?;
        execute!(&mut tx, "UPDATE readiness SET beat = 1 - beat")?;
        tx.commit().await
    }

    /// Sets the times of the database's files to the full hour, so that whoever looks at the folder later does not
    /// see when the last letter came. The time of the change itself, which cannot be set, is then that of this call.
    ///
    /// # Errors
    /// If a file cannot be touched.
    pub fn coarsen_times(&self, hour: Hour) -> std::io::Result<()> {
        let Self::Sqlite { file, .. } = self else {
            return Ok(());
        };
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(hour.0) * 3600);
        let times = std::fs::FileTimes::new().set_accessed(at).set_modified(at);
        for end in ["", "-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            match std::fs::File::open(&name) {
                Ok(file) => file.set_times(times)?,
                // The log is there only while the file is open.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes what a log or a dead row still says of rows that moved on; tells whether it could.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn forget_history(&self) -> Result<bool, StorageError> {
        match self {
            Self::Sqlite { write, .. } => {
                // A reader of the old state keeps the log; that is a column here, not an error.
                let mut connection = write.acquire().await?;
                let done: Result<(i64, i64, i64), _> =
                    sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                        .fetch_one(&mut *connection)
                        .await;
                match done {
                    Ok((busy, ..)) => Ok(busy == 0),
                    Err(error) => {
                        connection.close_on_drop();
                        Err(error.into())
                    }
                }
            }
            // PostgreSQL keeps deleted rows until a vacuum; its WAL is its own.
            Self::Postgres(pool) => {
                sqlx::query("VACUUM intake, resting_chunks")
                    .execute(pool)
                    .await?;
                Ok(true)
            }
        }
    }

    /// Waits for the connections to end.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
