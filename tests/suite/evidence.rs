//! Stories of photos and files: taken in by pieces, resting, shown to who holds the case.

use axum::body::Body;
use axum::http::{Request, header};
use rand::CryptoRng;
use serde_json::{Value, json};
use shudong::cases::ChunkId;
use shudong::ids::CaseId;
use shudong::keyring::{Lock, NO_SHRED, Place};
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::evidence::{self, CHUNK, SEALED_CHUNK};
use shudong_envelope::exchange::{self, CHUNK_EXCHANGE, Chunk, EXCHANGE, Operation};
use shudong_envelope::kdf::hash;
use shudong_envelope::record::{self, Chain, Head, Preface, Seen};

use crate::city::{City, SignedIn, Told, bytes, on_each_engine};
use crate::member::hex;
use crate::past::Past;

const FILE: [u8; 16] = [0xf1; 16];
const KEY: [u8; 32] = [0xf2; 32];
const CANARY: &[u8] = b"canary-photo-8842";

/// A sealed piece of the story's file.
pub(crate) fn piece(city: &mut City, told: &Told, index: u32, count: u32) -> Chunk {
    piece_of(told, index, count, &mut city.rng)
}

/// The same without a city.
pub(crate) fn piece_of(told: &Told, index: u32, count: u32, rng: &mut impl CryptoRng) -> Chunk {
    let place = evidence::Place {
        deployment: told.context.deployment,
        case: told.case,
        file: FILE,
        index,
        count,
    };
    Chunk {
        auth: told.submit.auth,
        file: FILE,
        index,
        count,
        sealed: evidence::seal_chunk(&KEY, &place, CANARY, rng).unwrap(),
    }
}

impl City {
    async fn chunk(&mut self, chunk: &Chunk) -> Outcome {
        let operation = Operation::Chunk(Box::new(chunk.clone()));
        parse_outcome(&self.ask(operation, false).await).unwrap().0
    }

    async fn told(&mut self, leave_out: Option<u8>) -> Told {
        let told = self.tip("one", leave_out).await;
        self.submit(&told.submit).await;
        told
    }
}

fn address(told: &Told, file: &[u8; 16], index: u32) -> String {
    format!(
        "/cases/{}/files/{}/chunks/{index}",
        hex(&told.case),
        hex(file)
    )
}

/// What the desk gets at a piece's address: status, and hash of the bytes.
async fn taken(city: &City, by: &SignedIn, path: &str) -> (u16, [u8; 32]) {
    let answer = city.desk_answer(Some(by), "GET", path, None).await;
    (answer.status().as_u16(), hash(&[&bytes(answer).await]))
}

fn whole(chunk: &Chunk) -> (u16, [u8; 32]) {
    (200, hash(&[&chunk.sealed]))
}

#[tokio::test]
async fn a_piece_is_taken_once_and_its_first_bytes_stay() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        let first = piece(&mut city, &told, 0, 2);
        let other = piece(&mut city, &told, 0, 2);
        assert_ne!(first.sealed, other.sealed, "sealed anew is other bytes");
        for when in ["resting", "delivered"] {
            assert_eq!(city.chunk(&first).await, Outcome::Stored, "{when}");
            assert_eq!(city.chunk(&first).await, Outcome::Stored, "{when}, again");
            assert_eq!(city.chunk(&other).await, Outcome::Refused, "{when}");
            city.tick().await;
        }
        let second = piece(&mut city, &told, 1, 2);
        assert_eq!(city.chunk(&second).await, Outcome::Stored, "resumed");
        city.tick().await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        let kept = taken(&city, &teacher, &address(&told, &FILE, 0)).await;
        assert_eq!(kept, whole(&first));
        let kept = taken(&city, &teacher, &address(&told, &FILE, 1)).await;
        assert_eq!(kept, whole(&second));
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_to_who_holds_the_case_and_the_look_is_written_down() {
    on_each_engine(async |mut city: City| {
        let told = city.told(Some(1)).await;
        let chunk = piece(&mut city, &told, 0, 1);
        city.chunk(&chunk).await;
        let record = named(&mut city, &told);
        assert_eq!(
            city.post(&told, vec![record.clone()]).await,
            Outcome::Stored
        );
        shudong::jobs::deliver(&city.app).await.unwrap();
        let teacher = city.sign_in(&city.school.people[1]).await;
        let path = address(&told, &FILE, 0);
        assert_eq!(taken(&city, &teacher, &path).await.0, 404, "it rests");
        city.tick().await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        assert_eq!(taken(&city, &teacher, &path).await, whole(&chunk));
        taken(&city, &teacher, &path).await;
        let absent = [
            address(&told, &FILE, 1),
            address(&told, &[0; 16], 0),
            format!("/cases/{}/files/x/chunks/0", hex(&told.case)),
            format!("{path}x"),
            path.replace(&hex(&told.case), &"0".repeat(32)),
        ];
        for absent in &absent {
            let (status, nothing) = taken(&city, &teacher, absent).await;
            assert_eq!(status, 404, "{absent}");
            let chair = city.sign_in(&city.school.people[0]).await;
            let hidden = taken(&city, &chair, &path).await;
            assert_eq!(hidden, (404, nothing), "left out, as if it were not there");
        }
        let case = format!("/cases/{}", hex(&told.case));
        let (_, case) = city.desk(Some(&teacher), "GET", &case, None).await;
        let looks = case["seen_by"].as_array().unwrap().iter();
        let acts: Vec<&Value> = looks.map(|look| &look["act"]).collect();
        assert_eq!(acts, ["opened", "evidence"]);
        let fetched = city.fetch(told.submit.auth).await.unwrap();
        assert_eq!(fetched.records, [record]);
    })
    .await;
}

/// The reporter's record that names the file.
fn named(city: &mut City, told: &Told) -> Vec<u8> {
    let chain = Chain::after(&told.submit.tip).unwrap();
    let head = Head {
        kind: record::Kind::Files,
        seq: chain.next(),
        prev: chain.prev(),
        ..Head::of(&told.submit.tip).unwrap()
    };
    let preface = Preface::Reporter(Seen::NOTHING);
    let json = json!({ "v": 1, "id": hex(&FILE), "key": hex(&KEY) }).to_string();
    let (author, key) = (&told.reporter, &told.key);
    record::seal(&head, &preface, json.as_bytes(), author, key, &mut city.rng).unwrap()
}

#[tokio::test]
async fn a_receipt_adds_to_its_own_case_alone() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        let stranger = city.told(None).await;
        let mut chunk = piece(&mut city, &told, 0, 1);
        chunk.auth = [0; 32];
        let unknown = Operation::Chunk(Box::new(chunk.clone()));
        let unknown = city.ask(unknown, false).await;
        let mut full = piece(&mut city, &told, 0, 1);
        assert_eq!(city.chunk(&full).await, Outcome::Stored);
        full.sealed[0] ^= 1;
        let refused = city.ask(Operation::Chunk(Box::new(full)), false).await;
        assert_eq!(
            unknown, refused,
            "an unknown receipt is refused like any piece"
        );
        chunk.auth = stranger.submit.auth;
        assert_eq!(
            city.chunk(&chunk).await,
            Outcome::Stored,
            "the stranger's own"
        );
        city.tick().await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        let own = taken(&city, &teacher, &address(&told, &FILE, 0)).await;
        let strange = taken(&city, &teacher, &address(&stranger, &FILE, 0)).await;
        assert_ne!(own, whole(&chunk), "nothing of the first case was replaced");
        assert_eq!(strange, whole(&chunk));
    })
    .await;
}

/// Room for four pieces.
fn one_mib_a_case(city: &mut City) {
    city.set(|config| config.letters.evidence_mib = 1);
}

#[tokio::test]
async fn a_case_takes_so_many_pieces_and_no_more() {
    on_each_engine(async |mut city: City| {
        one_mib_a_case(&mut city);
        let told = city.told(None).await;
        for index in 0..4 {
            let chunk = piece(&mut city, &told, index, 8);
            assert_eq!(city.chunk(&chunk).await, Outcome::Stored);
            if index == 1 {
                city.tick().await;
            }
        }
        let more = piece(&mut city, &told, 4, 8);
        assert_eq!(city.chunk(&more).await, Outcome::Refused);
        city.tick().await;
        assert_eq!(city.chunk(&more).await, Outcome::Refused);
        let another = city.told(None).await;
        let chunk = piece(&mut city, &another, 0, 8);
        assert_eq!(city.chunk(&chunk).await, Outcome::Stored, "another case's");
    })
    .await;
}

#[tokio::test]
async fn a_piece_has_its_own_length_and_what_is_none_leaves_nothing() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        let chunk = piece(&mut city, &told, 0, 1);
        let keys = city.keys(&city.school.organisation.code.clone()).await;
        let request = exchange::Request {
            urgent: false,
            operation: Operation::Chunk(Box::new(chunk)),
        };
        let (good, key) = exchange::seal(&request, &keys.intake, &mut city.rng).unwrap();
        assert_eq!(good.len(), CHUNK_EXCHANGE);
        for wrong in [&good[1..], &[&good[..], b"x"].concat()] {
            assert_eq!(city.exchange(wrong.to_vec()).await.0, 400);
        }
        let large = Request::post("/x").header(header::CONTENT_TYPE, "application/octet-stream");
        let large = large.body(Body::from(vec![1; 400_000])).unwrap();
        assert_eq!(city.send(large).await.status(), 413);
        for at in [0, 20, 2000, CHUNK_EXCHANGE - 1] {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            let (status, answer) = city.exchange(flipped).await;
            assert_eq!((status, answer.len()), (200, EXCHANGE));
            assert!(exchange::open_answer(&answer, &key).is_err(), "noise");
        }
        let resting = "SELECT count(*) FROM resting_chunks";
        assert_eq!(city.past().await.count(resting).await, 0);
        let (status, answer) = city.exchange(good).await;
        assert_eq!((status, answer.len()), (200, EXCHANGE));
        assert_eq!(
            city.past().await.count(resting).await,
            1,
            "the unaltered one"
        );
    })
    .await;
}

type Row = (Vec<u8>, Vec<u8>);

fn holds(within: &[u8], needle: &[u8]) -> bool {
    within.windows(needle.len()).any(|part| part == needle)
}

/// Every stored byte of the two tables: what the page sealed is sealed again, and no row tells its
/// file, its number or its neighbours; with the keyring and the shred key it opens.
#[tokio::test]
async fn the_database_alone_tells_nothing_of_a_file() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        let chunk = piece(&mut city, &told, 0, 1);
        city.chunk(&chunk).await;
        let keyring = city.app.keyring.clone();
        let id = ChunkId::of(&keyring, CaseId::from_bytes(told.case), &FILE, 0);
        for table in ["resting_chunks", "chunks"] {
            let past = &mut city.past().await;
            let sql = format!("SELECT id, body FROM {table}");
            let rows: Vec<Row> = past.rows(&sql).await;
            let [(row, body)] = &rows[..] else {
                panic!("{table}: {}", rows.len())
            };
            assert_eq!(row[..], id.bytes()[..], "the keyring finds it");
            let shred: [u8; 32] = match table {
                "chunks" => {
                    let [(shred,)] = &past.rows::<(Vec<u8>,)>("SELECT shred FROM shreds").await[..]
                    else {
                        panic!("one case")
                    };
                    shred[..].try_into().unwrap()
                }
                _ => NO_SHRED,
            };
            let column = "body";
            let place = Place { table, column, row };
            let opened = keyring.open(Lock::Rows, &shred, place, body).unwrap();
            assert_eq!(opened[..], chunk.sealed[..], "the control: it is there");
            assert!(
                keyring.open(Lock::Rows, &[9; 32], place, body).is_err(),
                "shredded"
            );
            let stored = [&row[..], body].concat();
            for needle in [
                CANARY,
                &FILE,
                &KEY[..],
                &chunk.sealed[..32],
                &chunk.sealed[9000..9032],
            ] {
                assert!(!holds(&stored, needle), "{table}");
            }
            city.tick().await;
        }
        assert!(
            holds(&chunk.sealed, &chunk.sealed[9000..9032]),
            "the search itself"
        );
        assert_eq!(
            city.past()
                .await
                .count("SELECT count(*) FROM resting_chunks")
                .await,
            0
        );
    })
    .await;
}

async fn lying(past: &mut Past, table: &str) -> Vec<Vec<u8>> {
    let order = if past.is_postgres() {
        "ORDER BY ctid"
    } else {
        ""
    };
    let rows: Vec<(Vec<u8>,)> = past.rows(&format!("SELECT id FROM {table} {order}")).await;
    rows.into_iter().map(|(id,)| id).collect()
}

/// More pieces than one transaction moves; the order in which they came is lost.
#[tokio::test]
async fn pieces_lie_in_the_order_of_their_names() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        for index in 0..40 {
            let chunk = piece(&mut city, &told, index, 40);
            assert_eq!(city.chunk(&chunk).await, Outcome::Stored);
        }
        let past = &mut city.past().await;
        let arrived = lying(past, "resting_chunks").await;
        let mut sorted = arrived.clone();
        sorted.sort();
        assert_eq!(arrived != sorted, past.is_postgres(), "the control");
        city.tick().await;
        assert_eq!(lying(past, "chunks").await, sorted);
        assert_eq!(past.count("SELECT count(*) FROM resting_chunks").await, 0);
    })
    .await;
}

/// A tick that delivers, and ends before it has removed what rested.
async fn half_a_tick(city: &mut City) {
    city.app.clock.advance(2 * 3600);
    let (app, rng) = (city.app.clone(), &mut city.own_rng());
    let (keyring, now) = (&app.keyring, app.clock.now());
    let mut tx = app.store.begin().await.unwrap();
    shudong::tips::tick(&mut tx, keyring, rng, now)
        .await
        .unwrap();
    let last = shudong::tips::deliver_chunks(&mut tx, keyring, rng, now, &[]).await;
    assert!(last.unwrap().is_some());
    tx.commit().await.unwrap();
}

/// A tick that ends half-way (a kill, a full disk) leaves both rows; the next one makes it whole.
#[tokio::test]
async fn a_tick_that_ended_half_way_loses_and_doubles_nothing() {
    on_each_engine(async |mut city: City| {
        let told = city.told(None).await;
        let chunk = piece(&mut city, &told, 0, 1);
        city.chunk(&chunk).await;
        half_a_tick(&mut city).await;
        let count = async |city: &City| {
            let past = &mut city.past().await;
            let resting = past.count("SELECT count(*) FROM resting_chunks").await;
            (resting, past.count("SELECT count(*) FROM chunks").await)
        };
        assert_eq!(count(&city).await, (1, 1));
        assert_eq!(city.chunk(&chunk).await, Outcome::Stored);
        shudong::jobs::deliver(&city.app).await.unwrap();
        assert_eq!(count(&city).await, (0, 1));
        let teacher = city.sign_in(&city.school.people[1]).await;
        let kept = taken(&city, &teacher, &address(&told, &FILE, 0)).await;
        assert_eq!(kept, whole(&chunk));
    })
    .await;
}

#[tokio::test]
async fn half_way_through_a_tick_a_piece_counts_once() {
    on_each_engine(async |mut city: City| {
        one_mib_a_case(&mut city);
        let told = city.told(None).await;
        for index in 0..3 {
            let chunk = piece(&mut city, &told, index, 8);
            assert_eq!(city.chunk(&chunk).await, Outcome::Stored);
        }
        half_a_tick(&mut city).await;
        for (index, outcome) in [(3, Outcome::Stored), (4, Outcome::Refused)] {
            let chunk = piece(&mut city, &told, index, 8);
            assert_eq!(city.chunk(&chunk).await, outcome, "{index}");
        }
    })
    .await;
}

/// On PostgreSQL an urgent letter's tick may meet the hour's: what the other has taken away is done.
#[tokio::test]
async fn a_tick_passes_over_what_another_delivered_meanwhile() {
    on_each_engine(async |mut city: City| {
        let (mut other, mut watcher) = (city.past().await, city.past().await);
        if !other.is_postgres() {
            return;
        }
        let told = city.told(None).await;
        city.tick().await;
        for index in 0..3 {
            let chunk = piece(&mut city, &told, index, 4);
            assert_eq!(city.chunk(&chunk).await, Outcome::Stored);
        }
        city.app.clock.advance(2 * 3600);
        other.run("BEGIN").await;
        other
            .run("INSERT INTO chunks SELECT id, case_id, body FROM resting_chunks")
            .await;
        other.run("DELETE FROM resting_chunks").await;
        let app = city.app.clone();
        let tick = tokio::spawn(async move {
            let done = shudong::jobs::deliver(&app).await;
            done.map_err(|error| error.to_string())
        });
        let waits = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while watcher.count(waits).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        other.run("COMMIT").await;
        assert_eq!(tick.await.unwrap(), Ok(()));
        assert_eq!(other.count("SELECT count(*) FROM chunks").await, 3);
    })
    .await;
}

#[test]
fn the_numbers_of_the_norm() {
    assert_eq!(
        (CHUNK, SEALED_CHUNK, CHUNK_EXCHANGE),
        (262_144, 262_184, 264_192)
    );
}

/// A picture in the browser's memory may be shown at the desk, and drawn on the visitor's page; nowhere else.
#[tokio::test]
async fn pages_with_pictures_alone_may_show_what_has_no_address() {
    on_each_engine(async |city: City| {
        for (path, allowed) in [
            ("/desk", true),
            ("/desk/cases/0", true),
            ("/", true),
            ("/return", true),
            ("/s/jp4d6qkz/plain", false),
            ("/assets/none", false),
            ("/desk/api/v1/session", false),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = city.send(request).await;
            let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap();
            assert_eq!(policy.contains("img-src 'self' blob:;"), allowed, "{path}");
            assert_eq!(policy.matches("blob:").count(), usize::from(allowed));
        }
    })
    .await;
}
