//! One transaction on either database, and the macros that run one statement in it.

use sqlx::{Postgres, Sqlite};

use super::StorageError;
use super::held::Held;

/// An open transaction. It is an argument of every room's verb; only the handler commits.
#[derive(Debug)]
pub enum Tx {
    /// On the embedded file.
    Sqlite(Held<Sqlite>),
    /// On a server.
    Postgres(Held<Postgres>),
}

impl Tx {
    /// Resolves when everything written is durable.
    ///
    /// # Errors
    /// If the database could not make it so; then nothing was stored.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// `execute!(tx, "SQL", a, b)` → number of rows changed.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let changed: Result<u64, $crate::storage::StorageError> = match &mut *$tx {
            $crate::storage::Tx::Sqlite(tx) => sqlx::query($sql)$(.bind($value))*
                .execute(&mut **tx).await.map(|done| done.rows_affected()).map_err(Into::into),
            $crate::storage::Tx::Postgres(tx) => sqlx::query($sql)$(.bind($value))*
                .execute(&mut **tx).await.map(|done| done.rows_affected()).map_err(Into::into),
        };
        changed
    }};
}

/// `fetch_all!(tx, (A, B), "SQL", a, b)` → `Result<Vec<(A, B)>, StorageError>`.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        let rows: Result<Vec<$row>, $crate::storage::StorageError> = match &mut *$tx {
            $crate::storage::Tx::Sqlite(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_all(&mut **tx).await.map_err(Into::into),
            $crate::storage::Tx::Postgres(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_all(&mut **tx).await.map_err(Into::into),
        };
        rows
    }};
}

/// `fetch_optional!(tx, (A, B), "SQL", a, b)` → `Result<Option<(A, B)>, StorageError>`.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        let row: Result<Option<$row>, $crate::storage::StorageError> = match &mut *$tx {
            $crate::storage::Tx::Sqlite(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_optional(&mut **tx).await.map_err(Into::into),
            $crate::storage::Tx::Postgres(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($value))*
                .fetch_optional(&mut **tx).await.map_err(Into::into),
        };
        row
    }};
}

pub(crate) use {execute, fetch_all, fetch_optional};
