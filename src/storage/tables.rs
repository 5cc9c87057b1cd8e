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

    use sqlx::migrate::{Migration, MigrationSource, MigrationType};

    use super::{postgres, sqlite};

    /// Everything that decides whether and how a change is made.
    fn told<'a>(
        changes: impl Iterator<Item = &'a Migration>,
    ) -> Vec<(i64, String, Vec<u8>, MigrationType, bool)> {
        let one = |one: &Migration| {
            let title = one.description.to_string();
            let checksum = one.checksum.to_vec();
            (one.version, title, checksum, one.migration_type, one.no_tx)
        };
        changes.map(one).collect()
    }

    /// As the library itself reads the folder: each file there is one of ours, with the same number, title, checksum and kind.
    #[tokio::test]
    async fn every_change_in_the_folder_is_made_in_its_order() {
        for (folder, ours) in [("sqlite", sqlite()), ("postgres", postgres())] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(folder);
            let theirs = folder.as_path().resolve().await.unwrap();
            assert_eq!(told(ours.iter()), told(theirs.iter()));
            let mut other = ours.iter().cloned().collect::<Vec<_>>();
            other[0].checksum = vec![0].into();
            assert_ne!(told(other.iter()), told(theirs.iter()));
        }
    }
}
