//! The tables, and how those of an older service become ours.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A change of the tables: its file's name without `.sql`, and the SQL.
type Change = (&'static str, &'static str);

macro_rules! changes {
    ($database:literal) => {
        changes!($database, "0001_foundation", "0002_one_tip_a_receipt", "0003_evidence")
    };
    ($database:literal, $($name:literal),*) => {
        &[$((
            $name,
            include_str!(concat!("../../migrations/", $database, "/", $name, ".sql")),
        )),*]
    };
}

const SQLITE: &[Change] = changes!("sqlite");
const POSTGRES: &[Change] = changes!("postgres");

/// What brings an SQLite file up to date. A change that has run anywhere is never edited again: the
/// database knows its checksum.
pub(super) fn sqlite() -> Migrator {
    migrator(SQLITE)
}

/// The same for PostgreSQL.
pub(super) fn postgres() -> Migrator {
    migrator(POSTGRES)
}

/// The changes stand in their order, and a change's number is its place.
fn migrator(changes: &[Change]) -> Migrator {
    let numbered = (1..).zip(changes);
    let migrations = numbered.map(|(number, (name, sql))| {
        let title = name.trim_start_matches(|one: char| one.is_ascii_digit());
        let title = title.replace('_', " ").trim().to_owned();
        let kind = MigrationType::Simple;
        Migration::new(number, title.into(), kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::migrate::MigrationSource;

    use super::{migrator, postgres, sqlite};

    /// As the library itself reads the folder: each file there is one of ours, with the same number, title and checksum.
    #[tokio::test]
    async fn every_change_in_the_folder_is_made_in_its_order() {
        for (folder, ours) in [("sqlite", sqlite()), ("postgres", postgres())] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(folder);
            let theirs = folder.as_path().resolve().await.unwrap();
            let told = |one: &sqlx::migrate::Migration| {
                (
                    one.version,
                    one.description.to_string(),
                    one.checksum.to_vec(),
                )
            };
            assert_eq!(
                ours.iter().map(told).collect::<Vec<_>>(),
                theirs.iter().map(told).collect::<Vec<_>>()
            );
            let fewer = migrator(&[("0001_foundation", "")]);
            assert_ne!(fewer.iter().count(), theirs.len());
        }
    }
}
