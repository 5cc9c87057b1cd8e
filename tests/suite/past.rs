//! The database read past the server, by a connection of the test's own.

use shudong::storage::Place;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, FromRow};

pub(crate) enum Past {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Past {
    pub(crate) async fn of(place: &Place) -> Self {
        match place {
            Place::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                Self::Sqlite(options.connect().await.unwrap())
            }
            Place::Postgres(url) => Self::Postgres(PgConnection::connect(url).await.unwrap()),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// All rows of a query, in the order the engine gives them.
    pub(crate) async fn rows<R>(&mut self, sql: &str) -> Vec<R>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(one) => sqlx::query_as(sql).fetch_all(one).await.unwrap(),
            Self::Postgres(one) => sqlx::query_as(sql).fetch_all(one).await.unwrap(),
        }
    }

    /// Rows whose ids are read as bytes, as only the embedded file gives them.
    pub(crate) async fn on_sqlite<R>(&mut self, sql: &'static str) -> Vec<R>
    where
        R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        match self {
            Self::Sqlite(one) => sqlx::query_as(sql).fetch_all(one).await.unwrap(),
            Self::Postgres(_) => panic!("not the embedded database"),
        }
    }

    /// The one number that a query yields.
    pub(crate) async fn count(&mut self, sql: &str) -> i64 {
        let rows: Vec<(i64,)> = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].0
    }

    /// How many rows each table of letters and cases has.
    pub(crate) async fn census(&mut self) -> Vec<(&'static str, i64)> {
        let mut census = Vec::new();
        for table in TABLES {
            census.push((
                table,
                self.count(&format!("SELECT count(*) FROM {table}")).await,
            ));
        }
        census
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(one) => drop(one.execute(sql).await.unwrap()),
            Self::Postgres(one) => drop(one.execute(sql).await.unwrap()),
        }
    }
}

const TABLES: [&str; 9] = [
    "intake",
    "receipts",
    "shreds",
    "cases",
    "records",
    "key_cache",
    "case_audit",
    "resting_chunks",
    "chunks",
];
