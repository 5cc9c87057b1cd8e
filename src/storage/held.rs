//! A connection that is in a transaction, and never goes back to its pool in a state that nobody knows.
//!
//! A database may end a transaction by itself: SQLite does when its disk is full, PostgreSQL when an operator ends the
//! session. A library that counts transactions on its own then goes on counting the one that is gone, and the
//! connection is of no use ever after. So nothing is counted here: we say BEGIN, COMMIT and ROLLBACK ourselves, and a
//! connection on which one of them failed is closed.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Postgres, Sqlite};

/// Longest wait for a connection to say goodbye.
const LONGEST_CLOSE: Duration = Duration::from_secs(1);

/// What of a database is asked here.
pub trait Engine: Database {
    /// Runs a statement that returns nothing.
    fn say(
        connection: &mut Self::Connection,
        sql: &'static str,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

impl Engine for Sqlite {
    async fn say(connection: &mut Self::Connection, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(sql).execute(connection).await.map(drop)
    }
}

impl Engine for Postgres {
    async fn say(connection: &mut Self::Connection, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(sql).execute(connection).await.map(drop)
    }
}

/// A connection in a transaction. Dropped, it is rolled back before anybody else gets it.
#[derive(Debug)]
pub struct Held<E: Engine>(Option<PoolConnection<E>>);

impl<E: Engine> Held<E> {
    /// Begins a transaction with `begin` on a connection of a pool.
    pub(super) async fn begin(
        connection: PoolConnection<E>,
        begin: &'static str,
    ) -> Result<Self, sqlx::Error> {
        // Held from now on: whoever is dropped while they wait for the answer must not leave half a transaction.
        let mut held = Self(Some(connection));
        match E::say(&mut held, begin).await {
            Ok(()) => Ok(held),
            Err(error) => {
                held.close().await;
                Err(error)
            }
        }
    }

    /// Resolves when what was written is durable; otherwise nothing was stored.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let done = E::say(&mut self, "COMMIT").await;
        match done {
            Ok(()) => drop(self.0.take()),
            Err(_) => self.close().await,
        }
        done
    }

    async fn close(&mut self) {
        if let Some(connection) = self.0.take() {
            // Its place in the pool is free when it is closed, or when its other end does not answer. How that
            // went helps nobody: the connection is given up either way.
            drop(tokio::time::timeout(LONGEST_CLOSE, connection.close()).await);
        }
    }
}

impl<E: Engine> Deref for Held<E> {
    type Target = E::Connection;

    #[expect(
        clippy::expect_used,
        reason = "it is there until commit or drop, which take the whole"
    )]
    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect("a connection")
    }
}

impl<E: Engine> DerefMut for Held<E> {
    #[expect(
        clippy::expect_used,
        reason = "it is there until commit or drop, which take the whole"
    )]
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_mut().expect("a connection")
    }
}

impl<E: Engine> Drop for Held<E> {
    fn drop(&mut self) {
        let Some(connection) = self.0.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    let mut held = Self(Some(connection));
                    match E::say(&mut held, "ROLLBACK").await {
                        Ok(()) => drop(held.0.take()),
                        // Also when there was nothing to roll back: then the database ended it by itself.
                        Err(_) => held.close().await,
                    }
                });
            }
            // Outside of a runtime nobody can be asked; a connection that is let go ends with its transaction.
            Err(_) => drop(connection.detach()),
        }
    }
}
