//! Stories of the exchange and the intake.

use axum::body::Body;
use axum::http::{Request, header};
use shudong::keyring::{Lock, Place};
use shudong_envelope::answer::Outcome;
use shudong_envelope::exchange::{self, EXCHANGE, Operation};
use shudong_envelope::record;
use shudong_envelope::wrap::{self, Purpose, WRAP};

use crate::city::{City, on_each_engine};

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

/// Read outside the server: every private key of the city against every wrap of the case.
#[tokio::test]
async fn a_case_opens_with_exactly_its_holders_keys() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        assert_eq!(city.submit(&told.submit).await.0, Outcome::Stored);
        let holders: Vec<&Vec<u8>> = told
            .submit
            .wraps
            .iter()
            .filter(|wrap| wrap[0] == 0)
            .collect();
        assert_eq!(holders.len(), 4);
        let everybody = [&city.city, &city.county, &city.school, &city.other];
        let mut opened = Vec::new();
        for person in everybody.iter().flat_map(|place| &place.people) {
            let seed = person.root.kem();
            // Whoever tries may claim any use and relabel the wrap as their own.
            let id = seed.public().unwrap().id();
            for wrapped in &told.submit.wraps {
                let mut relabelled = wrapped.clone();
                relabelled[1..17].copy_from_slice(&id);
                if wrap::open(&relabelled, &seed, &told.context).is_ok() {
                    opened.push((person.account.clone(), person.role));
                }
            }
        }
        opened.sort();
        let roles: Vec<u8> = opened.iter().map(|(_, role)| *role).collect();
        assert_eq!(
            roles,
            [3, 3, 5, 8],
            "the chair and the bureaus open nothing: {opened:?}"
        );
        assert_eq!(told.context.purpose, Purpose::Case);
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
        let resting = city
            .one_row("SELECT length(body), body, id FROM intake")
            .await;
        city.tick().await;
        let row = city
            .one_row("SELECT length(holders), holders, id FROM cases")
            .await;
        lengths.push((resting.0, row.0));
        let shred = city
            .one_row("SELECT length(shred), shred, case_id FROM shreds")
            .await
            .1;
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
