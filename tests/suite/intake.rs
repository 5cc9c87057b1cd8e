//! Stories of the exchange and the intake.

use axum::body::Body;
use axum::http::{Request, header};
use shudong::keyring::{Lock, Place};
use shudong_envelope::answer::{Outcome, parse_older, parse_outcome};
use shudong_envelope::exchange::{self, EXCHANGE, Operation};
use shudong_envelope::record;
use shudong_envelope::wrap::{self, WRAP};

use crate::city::{self, City, Told, on_each_engine};

#[tokio::test]
async fn the_same_tip_is_one_case_before_and_after_the_tick() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        let first = city.submit(&told.submit).await;
        assert_eq!(first.0, Outcome::Stored);
        assert_eq!(city.submit(&told.submit).await, first);
        let mut other = city.tip("another", None).await;
        other.submit.auth = told.submit.auth;
        assert_eq!(city.submit(&other.submit).await.0, Outcome::ReceiptTaken);
        city.tick().await;
        assert_eq!(city.submit(&told.submit).await, first);
        assert_eq!(city.submit(&other.submit).await.0, Outcome::ReceiptTaken);
        let chair = city.sign_in(&city.school.people[0]).await;
        let (_, inbox) = city.desk(Some(&chair), "GET", "/cases", None).await;
        assert_eq!(inbox["cases"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn desks_see_a_tip_at_a_full_hour_and_its_reporter_at_once() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        let (_, hour) = city.submit(&told.submit).await;
        assert_eq!(hour, city.app.clock.now().hour().0 + 1);
        let fetched = city.fetch(told.submit.auth).await.unwrap();
        assert_eq!((fetched.status.case, fetched.status.stage), (told.case, 0));
        let cases = async |city: &City| {
            let teacher = city.sign_in(&city.school.people[1]).await;
            let (_, inbox) = city.desk(Some(&teacher), "GET", "/cases", None).await;
            inbox["cases"].as_array().unwrap().len()
        };
        shudong::jobs::deliver(&city.app).await.unwrap();
        assert_eq!(cases(&city).await, 0);
        city.app.clock.advance(3000);
        shudong::jobs::deliver(&city.app).await.unwrap();
        assert_eq!(cases(&city).await, 1);
    })
    .await;
}

#[tokio::test]
async fn danger_goes_through_at_once() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("now", None).await;
        city.ask(Operation::Submit(Box::new(told.submit)), true)
            .await;
        let teacher = city.sign_in(&city.school.people[1]).await;
        let (_, inbox) = city.desk(Some(&teacher), "GET", "/cases", None).await;
        assert_eq!(inbox["cases"][0]["urgent"], true);
    })
    .await;
}

#[tokio::test]
async fn letters_come_in_order_or_not_at_all() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        city.submit(&told.submit).await;
        let rng = &mut city.own_rng();
        let first = told.letter("first", &told.submit.tip, rng);
        let second = told.letter("second", &first, rng);
        let rival = told.letter("rival", &told.submit.tip, rng);
        assert_eq!(
            city.post(&told, vec![second.clone()]).await,
            Outcome::Refused,
            "a gap"
        );
        assert_eq!(city.post(&told, vec![first.clone()]).await, Outcome::Stored);
        assert_eq!(
            city.post(&told, vec![first.clone()]).await,
            Outcome::Stored,
            "again"
        );
        assert_eq!(
            city.post(&told, vec![rival.clone()]).await,
            Outcome::Refused,
            "another text"
        );
        city.tick().await;
        assert_eq!(
            city.post(&told, vec![first.clone()]).await,
            Outcome::Stored,
            "after the tick"
        );
        assert_eq!(city.post(&told, vec![rival]).await, Outcome::Refused);
        let stranger = city.tip("two", None).await;
        city.submit(&stranger.submit).await;
        assert_eq!(
            city.post(&stranger, vec![second.clone()]).await,
            Outcome::Refused,
            "cross-case"
        );
        assert_eq!(city.post(&told, vec![second]).await, Outcome::Stored);
        city.tick().await;
        assert_eq!(city.fetch(told.submit.auth).await.unwrap().records.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn earlier_letters_are_in_pages_while_they_rest() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        city.submit(&told.submit).await;
        let rng = &mut city.own_rng();
        let mut letters = vec![told.submit.tip.clone()];
        for n in 1..=9 {
            let letter = told.letter(&n.to_string(), &letters[n - 1], rng);
            assert_eq!(
                city.post(&told, vec![letter.clone()]).await,
                Outcome::Stored
            );
            letters.push(letter);
            if n == 3 {
                assert_eq!(
                    page(&mut city, &told, 9).await,
                    letters[1..],
                    "the tip rests"
                );
                city.tick().await;
            }
        }
        for when in ["some delivered", "all delivered"] {
            assert_eq!(page(&mut city, &told, 8).await, letters[1..8], "{when}");
            assert_eq!(page(&mut city, &told, 10).await, letters[3..], "{when}");
            assert_eq!(page(&mut city, &told, 3).await, letters[1..3], "{when}");
            city.tick().await;
        }
        let stranger = city.tip("two", None).await;
        assert!(page(&mut city, &stranger, 9).await.is_empty());
    })
    .await;
}

/// The reporter's records before a number.
async fn page(city: &mut City, told: &Told, before: u32) -> Vec<Vec<u8>> {
    let (auth, side) = (told.submit.auth, 0);
    let answer = city
        .ask(Operation::Older { auth, side, before }, false)
        .await;
    parse_older(&answer).unwrap()
}

#[tokio::test]
async fn what_is_not_an_exchange_is_refused_and_leaves_nothing() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        let keys = city.keys(&city.school.organisation.code.clone()).await;
        let operation = Operation::Submit(Box::new(told.submit.clone()));
        let request = exchange::Request {
            urgent: false,
            operation,
        };
        let (good, _) = exchange::seal(&request, &keys.intake, &mut city.rng).unwrap();
        for wrong in [&good[..EXCHANGE - 1], &[&good[..], b"x"].concat(), b""] {
            assert_eq!(city.exchange(wrong.to_vec()).await.0, 400);
        }
        let json = Request::post("/x").header(header::CONTENT_TYPE, "application/json");
        let json = city
            .send(json.body(Body::from(good.clone())).unwrap())
            .await;
        assert_eq!(json.status(), 400);
        for at in [0, 1, 15, 16, 1000, 1136, EXCHANGE - 1] {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            let (status, answer) = city.exchange(flipped.clone()).await;
            assert_eq!((status, answer.len()), (200, EXCHANGE));
            assert_ne!(
                answer,
                city.exchange(flipped).await.1,
                "noise, not an answer"
            );
        }
        assert!(city.fetch(told.submit.auth).await.is_none());
        assert_eq!(city.exchange(good).await.0, 200);
        assert!(
            city.fetch(told.submit.auth).await.is_some(),
            "the unaltered one is stored"
        );
    })
    .await;
}

#[tokio::test]
async fn a_tip_must_be_sealed_to_current_keys() {
    on_each_engine(async |mut city: City| {
        let mut told = city.tip("one", None).await;
        let whole = told.submit.wraps.clone();
        for wraps in [vec![], whole[..2].to_vec(), whole[1..].to_vec()] {
            told.submit.wraps = wraps;
            assert_eq!(city.submit(&told.submit).await.0, Outcome::KeysStale);
        }
        told.submit.wraps = whole;
        told.submit.organisation = [9; 16];
        assert_eq!(city.submit(&told.submit).await.0, Outcome::KeysStale);
        let mut told = city.tip("two", None).await;
        told.submit.tip[1] = 2;
        assert_eq!(city.submit(&told.submit).await.0, Outcome::Refused);
        assert!(city.fetch(told.submit.auth).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_lapsed_epoch_reads_nothing_and_an_old_intake_key_is_destroyed() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        let keys = city.keys(&city.school.organisation.code.clone()).await;
        assert_eq!(keys.holder(), Some(2));
        let request = exchange::Request {
            urgent: false,
            operation: Operation::Cover,
        };
        let (sealed, key) = exchange::seal(&request, &keys.intake, &mut city.rng).unwrap();
        city.app.clock.advance(9 * 86_400);
        shudong::jobs::keep_intake_key(&city.app).await.unwrap();
        let (status, answer) = city.exchange(sealed).await;
        assert_eq!(status, 200);
        assert!(exchange::open_answer(&answer, &key).is_err());
        assert_eq!(
            city.submit(&told.submit).await.0,
            Outcome::Stored,
            "under the new one"
        );
        city.app.clock.advance(90 * 86_400);
        let keys = city.keys(&city.school.organisation.code.clone()).await;
        assert_eq!(keys.holder(), None);
        let late = told.submit.clone();
        assert_eq!(
            city.submit(&late).await.0,
            Outcome::Stored,
            "an accepted tip stays accepted"
        );
    })
    .await;
}

/// Stored bytes hide how many hold a case, and open with the keyring alone.
#[tokio::test]
async fn holders_are_sealed_in_a_constant_form() {
    let mut lengths = Vec::new();
    for leave_out in [None, Some(1)] {
        let mut city = City::on_sqlite().await;
        let told = city.tip("one", leave_out).await;
        city.submit(&told.submit).await;
        let mut past = city.past().await;
        let resting = past.count("SELECT length(body) FROM intake").await;
        city.tick().await;
        let sql = "SELECT length(holders), holders, id FROM cases";
        let [row]: [(i64, Vec<u8>, Vec<u8>); 1] = past.on_sqlite(sql).await.try_into().unwrap();
        lengths.push((resting, row.0));
        let [(shred,)]: [(Vec<u8>,); 1] = past
            .on_sqlite("SELECT shred FROM shreds")
            .await
            .try_into()
            .unwrap();
        let shred: [u8; 32] = shred.try_into().unwrap();
        let place = Place {
            table: "cases",
            column: "holders",
            row: &row.2,
        };
        let opened = city
            .app
            .keyring
            .open(Lock::Rows, &shred, place, &row.1)
            .unwrap();
        assert_eq!(opened.len(), 1 + 14 * WRAP);
        let stranger = shudong::keyring::Keyring::random(&mut city.rng);
        assert!(stranger.open(Lock::Rows, &shred, place, &row.1).is_err());
        assert!(
            city.app
                .keyring
                .open(Lock::Rows, &[0; 32], place, &row.1)
                .is_err(),
            "shredded"
        );
        assert!(
            !row.1
                .windows(16)
                .any(|bytes| told.submit.wraps[0][1..17] == *bytes)
        );
        assert!(
            opened
                .windows(16)
                .any(|bytes| told.submit.wraps[0][1..17] == *bytes)
        );
        assert!(record::Head::of(&told.submit.tip).is_ok());
    }
    assert_eq!(lengths[0], lengths[1]);
}

/// What a tip may not hold, because the tick could not deliver it, nor anything beside it.
#[tokio::test]
async fn more_holders_than_a_case_has_slots_for_are_refused() {
    on_each_engine(async |mut city: City| {
        let honest = city.tip("one", None).await;
        city.submit(&honest.submit).await;
        let code = city.county.organisation.code.clone();
        let keys = city.keys(&code).await;
        let mut told = city::seal_tip(&keys, &mut city.rng, "many", None);
        let upper: Vec<_> = told.submit.wraps.drain(1..).collect();
        let clerk = city.county.people[1].root.kem().public().unwrap();
        let context = told.context;
        let rng = &mut city.own_rng();
        for (count, outcome) in [
            (15, Outcome::KeysStale),
            (2, Outcome::KeysStale),
            (1, Outcome::Stored),
        ] {
            let to_clerk = || wrap::wrap(told.key.bytes(), &clerk, &context, rng).unwrap();
            let holders = std::iter::repeat_with(to_clerk).take(count);
            told.submit.wraps = holders.chain(upper.clone()).collect();
            let submit = told.submit.clone();
            let operation = Operation::Submit(Box::new(submit));
            let (body, key) = exchange::seal(
                &exchange::Request {
                    urgent: false,
                    operation,
                },
                &keys.intake,
                &mut city.rng,
            )
            .unwrap();
            let answer = city.exchange(body).await.1;
            let plain = exchange::open_answer(&answer, &key).unwrap();
            assert_eq!(parse_outcome(&plain).unwrap().0, outcome, "{count}");
        }
        city.tick().await;
        let past = &mut city.past().await;
        assert_eq!(past.count("SELECT count(*) FROM cases").await, 2);
    })
    .await;
}

/// Both orders end well: whoever is second learns it, and the tick goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_one_moment_a_tip_is_taken_once_and_a_receipt_once() {
    on_each_engine(async |mut city: City| {
        for round in 0..8 {
            let told = city.tip("same", None).await;
            let keys = city.keys(&city.school.organisation.code.clone()).await;
            let mut rival = city.tip("another", None).await;
            rival.submit.auth = told.submit.auth;
            let mut sealed = |told: &Told| {
                let operation = Operation::Submit(Box::new(told.submit.clone()));
                let request = exchange::Request {
                    urgent: round % 2 == 1,
                    operation,
                };
                exchange::seal(&request, &keys.intake, &mut city.rng).unwrap()
            };
            let all: Vec<_> = [&told, &told, &told, &rival, &rival]
                .map(&mut sealed)
                .into();
            let tasks: Vec<_> = all
                .into_iter()
                .map(|(body, key)| {
                    let router = city.router.clone();
                    tokio::spawn(async move { (city::exchange(router, body).await, key) })
                })
                .collect();
            let mut outcomes = Vec::new();
            for task in tasks {
                let ((status, answer), key) = task.await.unwrap();
                assert_eq!(status, 200);
                let plain = exchange::open_answer(&answer, &key).unwrap();
                outcomes.push(parse_outcome(&plain).unwrap());
            }
            let (same, other) = outcomes.split_at(3);
            assert!(same.iter().all(|one| *one == same[0]), "{outcomes:?}");
            assert!(other.iter().all(|one| *one == other[0]), "{outcomes:?}");
            let mut codes = [same[0].0, other[0].0].map(|outcome| outcome as u8);
            codes.sort_unstable();
            assert_eq!(codes, [Outcome::Stored as u8, Outcome::ReceiptTaken as u8]);
            city.tick().await;
            let past = &mut city.past().await;
            let cases = past.count("SELECT count(*) FROM cases").await;
            assert_eq!(cases, round + 1, "one case a receipt, and the tick went on");
        }
    })
    .await;
}
