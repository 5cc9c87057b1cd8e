//! The database after a process was killed at any moment: no half case.

use std::path::Path;

use serde_json::Value;
use shudong::keyring::{self, Lock};
use shudong::storage;
use uuid::Uuid;

use crate::past::Past;

/// What half a case would look like, as a query that counts it.
const HALVES: [(&str, &str); 7] = [
    (
        "a case without its shred key",
        "cases WHERE id NOT IN (SELECT case_id FROM shreds)",
    ),
    (
        "a case without its receipt",
        "cases WHERE id NOT IN (SELECT case_id FROM receipts)",
    ),
    (
        "a receipt without its case",
        "receipts WHERE case_id NOT IN (SELECT id FROM cases)",
    ),
    (
        "a shred key without its case",
        "shreds WHERE case_id NOT IN (SELECT id FROM cases)",
    ),
    (
        "a record without its case",
        "records WHERE case_id NOT IN (SELECT id FROM cases)",
    ),
    (
        "a case that still rests",
        "intake WHERE seq = 0 AND case_id IN (SELECT id FROM cases)",
    ),
    (
        "a case under two receipts",
        "receipts a JOIN receipts b ON a.case_id = b.case_id WHERE a.lookup < b.lookup",
    ),
];

async fn halves(past: &mut Past) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (what, from) in HALVES {
        if past.count(&format!("SELECT count(*) FROM {from}")).await > 0 {
            found.push(what);
        }
    }
    found
}

/// id, shred, fields, box, holders, upper
type Row = (Uuid, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

/// The database of a described city.
async fn past(described: &Value) -> Past {
    let database = described["database"].as_str().unwrap();
    let place = match database.strip_prefix("sqlite://") {
        Some(path) => storage::Place::Sqlite(path.into()),
        None => storage::Place::Postgres(database.to_owned()),
    };
    Past::of(&place).await
}

/// How many tips are there, resting or delivered.
pub(crate) async fn tips(described: &Value) -> i64 {
    let past = &mut past(described).await;
    let resting = past
        .count("SELECT count(*) FROM intake WHERE seq = 0")
        .await;
    resting + past.count("SELECT count(*) FROM cases").await
}

/// The database itself, after the kills: no half case, and every column of every case opens.
pub(crate) async fn whole_or_not_at_all(described: &Value, shown: usize) {
    let past = &mut past(described).await;
    assert_eq!(halves(past).await, [] as [&str; 0]);
    let keyring = keyring::load(Path::new(described["keyring"].as_str().unwrap())).unwrap();
    let rows: Vec<Row> = past
        .rows(
            "SELECT c.id, s.shred, c.fields, c.box, c.holders, c.upper \
             FROM cases c JOIN shreds s ON s.case_id = c.id",
        )
        .await;
    for (id, shred, fields, letterbox, holders, upper) in &rows {
        let (row, shred) = (id.as_bytes(), shred[..].try_into().unwrap());
        let open = |lock, column, bytes: &[u8]| {
            let place = keyring::Place {
                table: "cases",
                column,
                row,
            };
            keyring.open(lock, &shred, place, bytes).unwrap()
        };
        assert_eq!(open(Lock::Rows, "fields", fields)[0], 0, "not urgent");
        assert_eq!(open(Lock::Rows, "box", letterbox).len(), 200);
        assert_eq!(open(Lock::Rows, "holders", holders)[0], 1);
        assert_eq!(open(Lock::Release, "upper", upper)[0], 2);
    }
    let resting = past.count("SELECT count(*) FROM intake").await;
    let stored = rows.len() + usize::try_from(resting).unwrap();
    assert!(!rows.is_empty() && stored >= shown, "{stored} of {}", shown);
    planted_halves_are_seen(past).await;
}

/// The control: each half, made on purpose, is found.
async fn planted_halves_are_seen(past: &mut Past) {
    let some = "(SELECT lookup FROM receipts ORDER BY lookup LIMIT 1)";
    past.run(&format!(
        "DELETE FROM shreds WHERE case_id = (SELECT case_id FROM receipts WHERE lookup = {some})"
    ))
    .await;
    assert_eq!(halves(past).await, [HALVES[0].0]);
    let intake = if past.is_postgres() {
        "gen_random_uuid(), sha256('x'), case_id, 0, 0, sha256('y')"
    } else {
        "randomblob(16), randomblob(32), case_id, 0, 0, x'00'"
    };
    past.run(&format!(
        "INSERT INTO intake SELECT {intake} FROM receipts WHERE lookup = {some}"
    ))
    .await;
    let twice = if past.is_postgres() {
        "sha256('z')"
    } else {
        "randomblob(32)"
    };
    past.run(&format!(
        "INSERT INTO receipts SELECT {twice}, case_id FROM receipts WHERE lookup = {some}"
    ))
    .await;
    assert_eq!(halves(past).await, [HALVES[0].0, HALVES[5].0, HALVES[6].0]);
    past.run("DELETE FROM receipts").await;
    past.run("DELETE FROM intake").await;
    assert_eq!(halves(past).await, [HALVES[0].0, HALVES[1].0]);
    let (case, receipt) = if past.is_postgres() {
        ("gen_random_uuid()", "sha256('x'), gen_random_uuid()")
    } else {
        ("randomblob(16)", "randomblob(32), randomblob(16)")
    };
    past.run(&format!(
        "INSERT INTO shreds SELECT {case}, shred FROM shreds LIMIT 1"
    ))
    .await;
    past.run(&format!("INSERT INTO receipts SELECT {receipt}"))
        .await;
    let planted = [0, 1, 2, 3].map(|n: usize| HALVES[n].0);
    assert_eq!(halves(past).await, planted);
}
