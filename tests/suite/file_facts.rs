//! What the files say to whoever may look into the folder, or takes a copy: modes, sizes, times.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use shudong::files::{own_folder, refuse_open};
use shudong::storage::{Place, Store};

use crate::city::City;

/// Mode, and the second of the last change, of each file in a folder.
fn facts(folder: &Path) -> BTreeMap<String, (u32, i64)> {
    let entries = fs::read_dir(folder).unwrap().map(|one| one.unwrap());
    let facts = entries.map(|one| {
        let facts = one.metadata().unwrap();
        let name = one.file_name().into_string().unwrap();
        (name, (facts.mode() & 0o777, facts.mtime()))
    });
    facts.collect()
}

#[tokio::test]
async fn after_a_turn_the_times_of_the_files_say_the_hour_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut city = City::on_disk(folder.path()).await;
    let told = city.tip("one", None).await;
    city.submit(&told.submit).await;
    let hour = city.app.clock.now().hour();
    let full = i64::from(hour.0) * 3600;
    let before = facts(city.folder.path());
    assert!(before.len() >= 2, "{before:?}");
    // The control: left alone, they say the second.
    assert!(
        before
            .values()
            .any(|(_, time)| time % 3600 != 0 && *time != full)
    );
    city.app.store.coarsen_times(hour).unwrap();
    for (name, (mode, time)) in facts(city.folder.path()) {
        assert_eq!(time, full, "{name}");
        assert_eq!(mode & 0o077, 0, "{name} is for its owner alone: {mode:o}");
    }
}

#[tokio::test]
async fn what_others_may_read_is_refused_and_the_command_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let place = Place::Sqlite(file.clone());
    Store::open(&place).await.unwrap().close().await;
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let set =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&file, 0o644);
    let refused = Store::open(&place).await.unwrap_err().to_string();
    assert!(
        refused.contains("chmod 600") && refused.contains("x.db"),
        "{refused}"
    );
    set(&file, 0o600);
    set(folder.path(), 0o777);
    let refused = Store::open(&place).await.unwrap_err().to_string();
    assert!(refused.contains("chmod 700"), "{refused}");
    own_folder(folder.path()).unwrap();
    // The controls: closed again it opens, and a file that is not there is no reason.
    Store::open(&place).await.unwrap().close().await;
    assert!(refuse_open(&folder.path().join("none")).is_ok());
}
