//! What stored order, leftover bytes and stored times tell of when a letter came: nothing.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use shudong::app::App;
use shudong::config::Config;
use shudong::jobs;
use shudong::keyring::Keyring;
use uuid::Uuid;

use crate::city::{City, Told, on_each_engine};
use crate::past::Past;

const TIPS: usize = 12;

/// Tips, each with a letter, a minute apart: the order of their arrival.
async fn arrivals(city: &mut City) -> Vec<Told> {
    let mut arrivals = Vec::new();
    for _ in 0..TIPS {
        let told = city.tip("x", None).await;
        city.submit(&told.submit).await;
        let letter = told.letter("y", &told.submit.tip, &mut city.rng);
        city.post(&told, vec![letter]).await;
        city.app.clock.advance(60);
        arrivals.push(told);
    }
    arrivals
}

fn cases(arrivals: &[Told]) -> Vec<Uuid> {
    let ids = arrivals.iter().map(|told| Uuid::from_bytes(told.case));
    ids.collect()
}

/// A column in the order in which its rows lie.
async fn lying(past: &mut Past, what: &str) -> Vec<Uuid> {
    let order = if past.is_postgres() {
        "ORDER BY ctid"
    } else {
        ""
    };
    let rows: Vec<(Uuid,)> = past.rows(&format!("SELECT {what} {order}")).await;
    rows.into_iter().map(|(id,)| id).collect()
}

#[tokio::test]
async fn rows_lie_in_the_order_of_random_ids() {
    on_each_engine(async |mut city: City| {
        let arrived = cases(&arrivals(&mut city).await);
        let past = &mut city.past().await;
        let mut by_row = HashMap::new();
        for seq in [0, 1] {
            let sql = format!("SELECT id, case_id FROM intake WHERE seq = {seq} ORDER BY id");
            let rows: Vec<(Uuid, Uuid)> = past.rows(&sql).await;
            let order: Vec<Uuid> = rows.into_iter().map(|(_, case)| case).collect();
            assert_ne!(order, arrived, "the arrival's order is another");
            by_row.insert(seq, order);
        }
        let before = lying(past, "case_id FROM intake WHERE seq = 0").await;
        // The control of the reading itself: before the tick PostgreSQL's rows lie as they came.
        assert_eq!(before == arrived, past.is_postgres());
        city.tick().await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        city.desk(Some(&teacher), "GET", "/cases", None).await;
        let mut by_id = arrived.clone();
        by_id.sort();
        // The embedded tables are trees by key; on PostgreSQL rows lie as they were written.
        let written = |seq: i32| {
            if past.is_postgres() {
                &by_row[&seq]
            } else {
                &by_id
            }
        };
        let (tips, letters) = (written(0).clone(), written(1).clone());
        assert_eq!(lying(past, "id FROM cases").await, tips);
        assert_eq!(lying(past, "case_id FROM shreds").await, tips);
        assert_eq!(lying(past, "case_id FROM records").await, letters);
        assert_eq!(
            lying(past, "case_id FROM case_audit").await,
            by_id,
            "an inbox lists by id"
        );
        let receipts = lying(past, "case_id FROM receipts").await;
        if past.is_postgres() {
            assert_eq!(receipts, tips);
        } else {
            let by_lookup = "SELECT case_id FROM receipts ORDER BY lookup";
            let by_lookup: Vec<(Uuid,)> = past.rows(by_lookup).await;
            assert_eq!(
                receipts,
                by_lookup.into_iter().map(|(id,)| id).collect::<Vec<_>>()
            );
        }
        assert_ne!(receipts, arrived);
    })
    .await;
}

/// The numbers PostgreSQL gives to transactions count up; all of a tick share one.
#[tokio::test]
async fn a_tick_is_one_transaction() {
    on_each_engine(async |mut city: City| {
        let past = &mut city.past().await;
        if !past.is_postgres() {
            return;
        }
        arrivals(&mut city).await;
        let distinct = "SELECT count(DISTINCT xmin::text) FROM";
        let resting = past.count(&format!("{distinct} intake")).await;
        assert_eq!(
            resting,
            2 * i64::try_from(TIPS).unwrap(),
            "the control: one each"
        );
        city.tick().await;
        for table in ["cases", "receipts", "shreds", "records"] {
            assert_eq!(
                past.count(&format!("{distinct} {table}")).await,
                1,
                "{table}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_resting_row_stores_no_time_but_when_it_is_due() {
    on_each_engine(async |mut city: City| {
        arrivals(&mut city).await;
        let past = &mut city.past().await;
        let columns = if past.is_postgres() {
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'intake'"
        } else {
            "SELECT name FROM pragma_table_info('intake')"
        };
        let mut columns: Vec<(String,)> = past.rows(columns).await;
        columns.sort();
        let columns: Vec<_> = columns.iter().map(|(name,)| &name[..]).collect();
        assert_eq!(
            columns,
            ["body", "case_id", "due_second", "id", "lookup", "seq"]
        );
        let due: Vec<(i64, i64)> = past
            .rows("SELECT due_second, count(*) FROM intake GROUP BY due_second")
            .await;
        assert_eq!(due.len(), 1, "minutes apart, due together: {due:?}");
        assert_eq!(
            (due[0].0 % 3600, due[0].1),
            (0, 2 * i64::try_from(TIPS).unwrap())
        );
    })
    .await;
}

/// The embedded file and its journal, as a thief copies them.
fn copied(folder: &Path) -> Vec<u8> {
    let files = ["shudong.db", "shudong.db-wal"].map(|name| fs::read(folder.join(name)));
    files.map(Result::unwrap_or_default).concat()
}

/// Where a piece of a long value lies, past the beginning that stands in the tree itself; a page's
/// end may cut through one of the two.
fn found(within: &[u8], value: &[u8]) -> Option<usize> {
    let pieces = [5000, 5100].map(|at| &value[at..at + 32]);
    let place = |piece: &[u8]| {
        let starts = within
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == piece[0]);
        let mut starts = starts.map(|(at, _)| at);
        starts.find(|at| within[*at..].starts_with(piece))
    };
    pieces.into_iter().find_map(place)
}

/// The embedded file's own bytes: cases lie in the order of random ids, and neither the journal nor
/// a free page holds what rested.
#[tokio::test]
async fn after_the_tick_the_file_holds_nothing_of_what_rested() {
    let mut city = City::on_sqlite().await;
    let arrivals = arrivals(&mut city).await;
    let arrived = cases(&arrivals);
    let mut past = city.past().await;
    past.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let sql = "SELECT case_id, body, id FROM intake WHERE seq = 0 ORDER BY id";
    let rows: Vec<(Uuid, Vec<u8>, Vec<u8>)> = past.on_sqlite(sql).await;
    let tips: HashMap<Uuid, &[u8]> = arrivals
        .iter()
        .map(|told| (Uuid::from_bytes(told.case), &told.submit.tip[..]))
        .collect();
    let file = copied(city.folder.path());
    let id = |file: &[u8], id: &[u8]| file.windows(16).any(|bytes| bytes == id);
    let mut resting: Vec<(Option<usize>, Uuid)> = rows
        .iter()
        .map(|(case, body, _)| (found(&file, body), *case))
        .collect();
    resting.sort();
    assert!(
        resting.iter().all(|(at, _)| at.is_some()),
        "the search finds what rests"
    );
    assert!(id(&file, &rows[0].2));
    let order: Vec<Uuid> = resting.into_iter().map(|(_, case)| case).collect();
    assert_eq!(order, arrived, "the control: resting rows lie as they came");
    city.tick().await;
    assert_eq!(
        fs::metadata(city.folder.path().join("shudong.db-wal"))
            .unwrap()
            .len(),
        0
    );
    let file = copied(city.folder.path());
    for (_, body, row) in &rows {
        assert_eq!(found(&file, body), None);
        assert!(!id(&file, row));
    }
    let mut lying: Vec<_> = tips
        .iter()
        .map(|(case, tip)| (found(&file, tip), *case))
        .collect();
    lying.sort();
    assert!(
        lying.iter().all(|(at, _)| at.is_some()),
        "the search finds what was delivered"
    );
    let lying: Vec<Uuid> = lying.into_iter().map(|(_, case)| case).collect();
    let by_row: Vec<Uuid> = rows.iter().map(|(case, ..)| *case).collect();
    assert_eq!(lying, by_row, "as their random ids said");
    assert_ne!(lying, arrived);
}

/// A reader that keeps the journal delays the forgetting; the next turn makes up for it, though
/// nothing new came in. So does a process that was killed between the two.
#[tokio::test]
async fn what_a_reader_kept_is_forgotten_at_the_next_turn() {
    let mut city = City::on_sqlite().await;
    arrivals(&mut city).await;
    let mut past = city.past().await;
    let sql = "SELECT case_id, body, id FROM intake WHERE seq = 0";
    let rows: Vec<(Uuid, Vec<u8>, Vec<u8>)> = past.on_sqlite(sql).await;
    let rests = |city: &City| found(&copied(city.folder.path()), &rows[0].1).is_some();
    past.run("BEGIN; SELECT count(*) FROM intake").await;
    city.tick().await;
    assert!(rests(&city), "the control: the reader keeps it");
    past.run("ROLLBACK").await;
    jobs::deliver(&city.app).await.unwrap();
    assert!(!rests(&city));
    assert!(!city.app.history_owed.load(Ordering::SeqCst));
    let anew = App::new(
        city.app.store.clone(),
        city.app.clock.clone(),
        Keyring::random(&mut city.rng),
        Config::clone(&city.app.config),
    );
    assert!(
        anew.history_owed.load(Ordering::SeqCst),
        "a new process owes it"
    );
}

/// PostgreSQL gives the pages of what rested back.
#[tokio::test]
async fn after_the_tick_the_intake_has_no_pages() {
    on_each_engine(async |mut city: City| {
        let past = &mut city.past().await;
        if !past.is_postgres() {
            return;
        }
        arrivals(&mut city).await;
        let pages = "SELECT pg_relation_size(oid) + pg_relation_size(reltoastrelid) \
                     FROM pg_class WHERE relname = 'intake'";
        assert!(past.count(pages).await > 0, "the control");
        city.tick().await;
        assert_eq!(past.count(pages).await, 0);
    })
    .await;
}
