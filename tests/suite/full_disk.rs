//! A disk that is full and given back, a database that may not be written, a server that ends its sessions: letters
//! are refused while it lasts, and the service comes back by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use shudong::storage::{Place, Store};
use shudong_envelope::answer::Outcome;
use shudong_envelope::exchange::{self, Operation};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, Executor};

use crate::city::{City, bytes, on_each_engine};

/// A small disk of the test's own; it goes with the value.
struct Disk(PathBuf);

impl Disk {
    /// Nothing where this user may not mount one, which is said.
    fn new(mib: u32) -> Option<Self> {
        let path = tempfile::tempdir().unwrap().keep();
        let size = format!("size={mib}m");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(&path)
            .output();
        if mount.is_ok_and(|done| done.status.success()) {
            return Some(Self(path));
        }
        eprintln!("not tried: only root may mount a small disk");
        fs::remove_dir(&path).unwrap();
        None
    }

    /// Takes what is free; removing the file gives it back.
    fn fill(&self) -> PathBuf {
        let file = self.0.join("filler");
        let mut size = 4 * 1024 * 1024;
        let mut content = Vec::new();
        while size > 0 {
            // What was written counts, although the last write fails.
            content.resize(content.len() + size, 0xaa);
            if fs::write(&file, &content).is_err() {
                content.truncate(content.len() - size);
                size /= 4;
            }
        }
        file
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(done.unwrap().success());
        fs::remove_dir(&self.0).unwrap();
    }
}

/// Status of an exchange that brings a letter, and what became of it if it was answered.
async fn letter(city: &mut City) -> (u16, Option<Outcome>) {
    let told = city.tip("one", None).await;
    let operation = Operation::Submit(Box::new(told.submit));
    exchange(city, operation).await
}

async fn exchange(city: &mut City, operation: Operation) -> (u16, Option<Outcome>) {
    let keys = city.keys(&city.school.organisation.code.clone()).await;
    let request = exchange::Request {
        urgent: false,
        operation,
    };
    let (body, key) = exchange::seal(&request, &keys.intake, &mut city.rng).unwrap();
    let (status, answer) = city.exchange(body).await;
    let opened = exchange::open_answer(&answer, &key).ok();
    let outcome = opened.and_then(|plain| shudong_envelope::answer::parse_outcome(&plain).ok());
    (status, outcome.map(|(outcome, _)| outcome))
}

async fn ready(city: &City) -> (u16, String) {
    let request = axum::http::Request::get("/readyz").body(axum::body::Body::empty());
    let answer = city.send(request.unwrap()).await;
    let status = answer.status().as_u16();
    (status, String::from_utf8(bytes(answer).await).unwrap())
}

/// Readiness is proved once a second.
async fn later() {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
}

#[tokio::test]
async fn a_full_disk_is_no_outage_once_it_is_given_back() {
    let Some(disk) = Disk::new(24) else { return };
    let mut city = City::on_disk(&disk.0).await;
    city.set(|config| config.storage.floor_mib = 0);
    assert_eq!(letter(&mut city).await, (200, Some(Outcome::Stored)));
    let filler = disk.fill();
    let mut refused = 0;
    for _ in 0..40 {
        match letter(&mut city).await {
            (503, None) => refused += 1,
            // What the log still had room for.
            (status, outcome) => assert_eq!((status, outcome), (200, Some(Outcome::Stored))),
        }
    }
    assert!(refused > 20, "the disk was full: {refused}");
    assert_eq!(ready(&city).await.0, 503);
    fs::remove_file(filler).unwrap();
    for _ in 0..20 {
        assert_eq!(letter(&mut city).await, (200, Some(Outcome::Stored)));
    }
    later().await;
    assert_eq!(ready(&city).await, (200, "ready\n".to_owned()));
}

/// The control: with the library's own transactions the same disk is an outage for good.
#[tokio::test]
async fn a_transaction_that_is_counted_by_a_library_does_not_come_back() {
    let Some(disk) = Disk::new(2) else { return };
    let options = SqliteConnectOptions::new()
        .filename(disk.0.join("x.db"))
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    pool.execute("CREATE TABLE t (x BLOB)").await.unwrap();
    let filler = disk.fill();
    let mut failed = false;
    for _ in 0..8 {
        let Ok(mut tx) = pool.begin_with("BEGIN IMMEDIATE").await else {
            break;
        };
        let put = sqlx::query("INSERT INTO t VALUES (zeroblob(1000000))")
            .execute(&mut *tx)
            .await;
        failed |= put.is_err();
        drop(tx);
    }
    assert!(failed);
    fs::remove_file(filler).unwrap();
    let again = pool.begin_with("BEGIN IMMEDIATE").await;
    assert!(again.is_err(), "then held.rs could go");
    pool.close().await;
}

#[tokio::test]
async fn below_the_floor_letters_wait_and_desks_go_on() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        assert_eq!(city.submit(&told.submit).await.0, Outcome::Stored);
        city.tick().await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        city.set(|config| config.storage.floor_mib = 1_048_576 * 1024);
        let on_disk = matches!(city.place, Place::Sqlite(_));
        let expected = if on_disk {
            Outcome::NoRoom
        } else {
            Outcome::Stored
        };
        assert_eq!(letter(&mut city).await, (200, Some(expected)));
        let auth = told.submit.auth;
        let post = Operation::Post {
            auth,
            records: Vec::new(),
        };
        let expected = if on_disk {
            Outcome::NoRoom
        } else {
            Outcome::Stored
        };
        assert_eq!(exchange(&mut city, post).await, (200, Some(expected)));
        assert_eq!(ready(&city).await.0, if on_disk { 503 } else { 200 });
        // Replies are read and desks work as before.
        assert!(city.fetch(auth).await.is_some());
        let (status, inbox) = city.desk(Some(&teacher), "GET", "/cases", None).await;
        assert_eq!((status, inbox["cases"].as_array().unwrap().len()), (200, 1));
        city.set(|config| config.storage.floor_mib = 0);
        assert_eq!(letter(&mut city).await, (200, Some(Outcome::Stored)));
    })
    .await;
}

/// Whoever waits for a statement when the session ends, and whoever comes next.
#[tokio::test]
async fn a_server_that_ends_its_sessions_is_met_again() {
    let Ok(server) = std::env::var("SHUDONG_TEST_POSTGRES") else {
        return;
    };
    let url = crate::city::own_database(&server).await;
    let store = Store::open(&Place::Postgres(url.clone())).await.unwrap();
    let mut other = sqlx::PgConnection::connect(&server).await.unwrap();
    let name = url.rsplit_once('/').unwrap().1.to_owned();
    for round in 0..6 {
        let open = store.begin().await.unwrap();
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        sqlx::query(ended)
            .bind(&name)
            .execute(&mut other)
            .await
            .unwrap();
        // In the middle of a transaction, and between two.
        if round % 2 == 0 {
            assert!(
                open.commit().await.is_err(),
                "what was not durable is not acknowledged"
            );
        } else {
            drop(open);
        }
        store.prove_writable().await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_may_not_be_written_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let store = Store::open(&Place::Sqlite(path.clone())).await.unwrap();
    store.prove_writable().await.unwrap();
    let Store::Sqlite { write, .. } = &store else {
        panic!()
    };
    write.execute("PRAGMA query_only = ON").await.unwrap();
    assert!(store.prove_writable().await.is_err());
    assert!(
        store.begin().await.unwrap().commit().await.is_ok(),
        "the control: begin and commit alone see nothing"
    );
    write.execute("PRAGMA query_only = OFF").await.unwrap();
    store.prove_writable().await.unwrap();
    assert!(Path::exists(&path));
}
