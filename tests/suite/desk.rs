//! What members write: signed records through the API, once, in order, and nobody's twice.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use governor::Quota;
use serde_json::{Value, json};
use shudong::app::Guesses;
use shudong::audit::{self, Act};
use shudong::cases::{CaseAccess, Viewer};
use shudong::ids::CaseId;
use shudong::{jobs, server};
use shudong_envelope::case::CaseKey;
use shudong_envelope::record::{self, Head, Kind, Side};
use tokio::sync::watch;
use tower::ServiceExt;
use uuid::Uuid;

use crate::city::{City, Told, on_each_engine};
use crate::member::{Member, base64, from_base64, hex};

/// A delivered case, and two of its holders at their desks.
async fn delivered(city: &mut City) -> (Told, Member, Member) {
    let told = city.tip("one", Some(1)).await;
    city.submit(&told.submit).await;
    city.tick().await;
    let teacher = city.at_desk(&city.school.people[1]).await;
    let colleague = city.at_desk(&city.school.people[2]).await;
    (told, teacher, colleague)
}

fn acts(case: &Value) -> Vec<String> {
    let looks = case["seen_by"].as_array().unwrap();
    looks
        .iter()
        .map(|look| {
            format!(
                "{} {}",
                look["name"].as_str().unwrap(),
                look["act"].as_str().unwrap()
            )
        })
        .collect()
}

#[tokio::test]
async fn what_members_write_is_stored_as_they_sealed_it() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, colleague) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        let first = teacher.reply(&told, None, rng);
        let second = colleague.reply(&told, Some(&first), rng);
        assert_eq!(teacher.write(&city, &told, &[&first]).await, 201);
        assert_eq!(colleague.write(&city, &told, &[&second]).await, 201);
        let dossier = teacher.dossier(&city, &told, rng).await;
        assert_eq!(teacher.begin(&city, &told, &dossier).await, 201);
        let own = (Side::Dossier, Kind::Note);
        let note = colleague.record(&told, own, Some(&dossier.first), &dossier.key, rng);
        assert_eq!(colleague.write(&city, &told, &[&note]).await, 201);
        let step = (Side::Dossier, Kind::Step);
        let step = teacher.record(&told, step, Some(&note), &dossier.key, rng);
        assert_eq!(teacher.set_stage(&city, &told, 2, &step).await, 201);
        let case = colleague.open(&city, &told).await;
        let stored = case["records"].as_array().unwrap();
        let stored: Vec<_> = stored
            .iter()
            .map(|one| from_base64(&one["bytes"]))
            .collect();
        let written = [&first, &second, &dossier.first, &note, &step];
        assert_eq!(stored.iter().collect::<Vec<_>>(), written);
        assert_eq!(case["summary"]["stage"], 2);
        assert_eq!(
            from_base64(&case["dossier"]["commit"]),
            dossier.key.commit()
        );
        let wanted = [
            "school-1 opened",
            "school-1 replied",
            "school-2 opened",
            "school-2 replied",
            "school-1 dossier",
            "school-2 noted",
            "school-1 stage",
        ];
        assert_eq!(acts(&case), wanted);
        let fetched = city.fetch(told.submit.auth).await.unwrap();
        assert_eq!(
            fetched.records,
            [first, second],
            "the dossier is not the reporter's"
        );
        assert_eq!(fetched.status.stage, 2);
    })
    .await;
}

#[tokio::test]
async fn the_loser_of_a_race_seals_anew() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, colleague) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        let winner = teacher.reply(&told, None, rng);
        let loser = colleague.reply(&told, None, rng);
        assert_eq!(teacher.write(&city, &told, &[&winner]).await, 201);
        assert_eq!(colleague.write(&city, &told, &[&loser]).await, 409);
        assert_eq!(
            teacher.write(&city, &told, &[&winner]).await,
            201,
            "again, the same answer"
        );
        let anew = colleague.reply(&told, Some(&winner), rng);
        let before = city.past().await.census().await;
        let pair = [&loser[..], &anew];
        assert_eq!(
            colleague.write(&city, &told, &pair).await,
            409,
            "all or none"
        );
        assert_eq!(city.past().await.census().await, before);
        assert_eq!(colleague.write(&city, &told, &[&anew]).await, 201);
        assert_eq!(
            teacher.open(&city, &told).await["records"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
    })
    .await;
}

/// Real concurrency: every writer sees its answer, none an outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_one_moment_one_of_many_wins_and_the_others_learn_it() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, colleague) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        let mut newest: Option<Vec<u8>> = None;
        for round in 1..=6 {
            let offers: Vec<(&Member, Vec<u8>)> = [&teacher, &colleague, &teacher, &colleague]
                .map(|member| (member, member.reply(&told, newest.as_deref(), rng)))
                .into();
            let offer = async |n: usize| {
                let (member, record): &(&Member, Vec<u8>) = &offers[n];
                member.write(&city, &told, &[record]).await
            };
            let (a, b, c, d) = tokio::join!(offer(0), offer(1), offer(2), offer(3));
            let mut answers = [a, b, c, d];
            answers.sort_unstable();
            assert_eq!(answers, [201, 409, 409, 409]);
            let case = teacher.open(&city, &told).await;
            let records = case["records"].as_array().unwrap();
            assert_eq!(records.len(), round);
            newest = Some(from_base64(&records[round - 1]["bytes"]));
            assert!(
                offers
                    .iter()
                    .any(|(_, bytes)| Some(bytes) == newest.as_ref())
            );
        }
    })
    .await;
}

/// All members look at new cases at once, each in its own session: every look is in the chain, and
/// nobody is sent away.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_holders_may_open_a_case_at_one_moment() {
    on_each_engine(async |mut city: City| {
        let mut tips = Vec::new();
        for _ in 0..5 {
            let told = city.tip("one", Some(1)).await;
            city.submit(&told.submit).await;
            tips.push(told);
        }
        city.tick().await;
        let mut holders = Vec::new();
        for person in &city.school.people[1..] {
            holders.push(city.sign_in(person).await);
        }
        for told in &tips {
            let path = format!("/desk/api/v1/cases/{}", hex(&told.case));
            let paths = [path.as_str(), "/desk/api/v1/cases"];
            let tasks: Vec<_> = holders
                .iter()
                .flat_map(|holder| paths.map(|path| (holder, path)))
                .map(|(holder, path)| {
                    let request = Request::get(path).header(header::COOKIE, &holder.cookie);
                    let request = request.body(Body::empty()).unwrap();
                    tokio::spawn(city.router.clone().oneshot(request))
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap().status(), 200);
            }
        }
        let teacher = city.at_desk(&city.school.people[1]).await;
        for told in &tips {
            let mut seen = acts(&teacher.open(&city, told).await);
            seen.sort();
            let wanted =
                [1, 2, 3, 4].map(|n| ["listed", "opened"].map(|act| format!("school-{n} {act}")));
            assert_eq!(seen, wanted.concat());
        }
    })
    .await;
}

#[tokio::test]
async fn a_step_sent_again_does_not_bring_its_stage_back() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, colleague) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        let dossier = teacher.dossier(&city, &told, rng).await;
        teacher.begin(&city, &told, &dossier).await;
        let kind = (Side::Dossier, Kind::Step);
        let two = teacher.record(&told, kind, Some(&dossier.first), &dossier.key, rng);
        let three = colleague.record(&told, kind, Some(&two), &dossier.key, rng);
        assert_eq!(teacher.set_stage(&city, &told, 2, &two).await, 201);
        assert_eq!(colleague.set_stage(&city, &told, 3, &three).await, 201);
        assert_eq!(
            teacher.set_stage(&city, &told, 2, &two).await,
            201,
            "the same answer"
        );
        assert_eq!(teacher.open(&city, &told).await["summary"]["stage"], 3);
    })
    .await;
}

/// Every way a record can be wrong, made from a good head.
fn wrong_heads(told: &Told, foreign: &Told) -> Vec<(&'static str, Head, u16)> {
    let good = Head {
        kind: Kind::Message,
        side: Side::Committee,
        ..Head::of(&told.submit.tip).unwrap()
    };
    let other = Head::of(&foreign.submit.tip).unwrap();
    vec![
        (
            "another case's",
            Head {
                case: other.case,
                object: other.object,
                ..good
            },
            400,
        ),
        (
            "about another object",
            Head {
                object: other.object,
                ..good
            },
            400,
        ),
        (
            "another deployment's",
            Head {
                deployment: [7; 16],
                ..good
            },
            400,
        ),
        ("a gap", Head { seq: 1, ..good }, 409),
        (
            "a false link",
            Head {
                prev: [1; 32],
                ..good
            },
            409,
        ),
        (
            "a generation that was never made",
            Head {
                generation: 1,
                ..good
            },
            400,
        ),
        (
            "the reporter's side",
            Head {
                side: Side::Reporter,
                ..good
            },
            400,
        ),
        (
            "a note to the reporter",
            Head {
                kind: Kind::Note,
                ..good
            },
            400,
        ),
        (
            "a step to the reporter",
            Head {
                kind: Kind::Step,
                ..good
            },
            400,
        ),
        (
            "an appeal",
            Head {
                kind: Kind::Appeal,
                ..good
            },
            400,
        ),
        (
            "a key beside the dossier",
            Head {
                kind: Kind::Key,
                ..good
            },
            400,
        ),
        (
            "a dossier without a key",
            Head {
                kind: Kind::Note,
                side: Side::Dossier,
                ..good
            },
            400,
        ),
        (
            "a key without a dossier",
            Head {
                kind: Kind::Key,
                side: Side::Dossier,
                ..good
            },
            400,
        ),
        (
            "a message in the dossier",
            Head {
                side: Side::Dossier,
                ..good
            },
            400,
        ),
    ]
}

#[tokio::test]
async fn a_record_that_is_not_the_next_of_its_side_is_refused() {
    on_each_engine(async |mut city: City| {
        let foreign = city.tip("another", Some(1)).await;
        city.submit(&foreign.submit).await;
        let (told, teacher, _) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        teacher.open(&city, &told).await;
        let text = serde_json::json!({ "v": 1 });
        let before = city.past().await.census().await;
        for (what, head, status) in wrong_heads(&told, &foreign) {
            let record = teacher.sealed(&head, &text, &told.key, rng);
            assert_eq!(
                teacher.write(&city, &told, &[&record]).await,
                status,
                "{what}"
            );
            assert_eq!(
                city.past().await.census().await,
                before,
                "{what} left something"
            );
        }
        let good = teacher.reply(&told, None, rng);
        let longer = [&good[..], &[0]].concat();
        for wrong in [&good[..4223], &longer, &[], &told.submit.tip] {
            assert_eq!(teacher.write(&city, &told, &[wrong]).await, 400);
        }
        assert_eq!(teacher.write(&city, &told, &[]).await, 400);
        let many = vec![&good[..]; 17];
        assert_eq!(teacher.write(&city, &told, &many).await, 400);
        let step = teacher.record(&told, (Side::Dossier, Kind::Step), None, &told.key, rng);
        assert_eq!(
            teacher.set_stage(&city, &told, 2, &step).await,
            400,
            "no dossier yet"
        );
        assert_eq!(city.past().await.census().await, before);
        assert_eq!(
            teacher.write(&city, &told, &[&good]).await,
            201,
            "the good one is taken"
        );
        assert_ne!(city.past().await.census().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_case_has_one_dossier_for_exactly_its_holders() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, colleague) = delivered(&mut city).await;
        let rng = &mut city.own_rng();
        teacher.open(&city, &told).await;
        let mut first = teacher.dossier(&city, &told, rng).await;
        let second = colleague.dossier(&city, &told, rng).await;
        colleague.open(&city, &told).await;
        let before = city.past().await.census().await;
        let whole = first.body["wraps"].clone();
        let wraps = whole.as_array().unwrap();
        let twice = [&wraps[..1], wraps].concat();
        for wrong in [&wraps[1..], &twice, &[]] {
            first.body["wraps"] = wrong.into();
            assert_eq!(teacher.begin(&city, &told, &first).await, 400);
        }
        first.body["wraps"] = whole;
        for stage in [0, 6, 255] {
            let step = teacher.record(&told, (Side::Dossier, Kind::Step), None, &told.key, rng);
            assert_eq!(teacher.set_stage(&city, &told, stage, &step).await, 400);
        }
        assert_eq!(city.past().await.census().await, before);
        assert_eq!(teacher.begin(&city, &told, &first).await, 201);
        let begun = city.past().await.census().await;
        assert_ne!(begun, before);
        assert_eq!(colleague.begin(&city, &told, &second).await, 409);
        assert_eq!(city.past().await.census().await, begun);
        let adopted = colleague.open(&city, &told).await;
        let commit = from_base64(&adopted["dossier"]["commit"]);
        assert_eq!(
            commit,
            first.key.commit(),
            "who came second adopts what is there"
        );
        let key = (Side::Dossier, Kind::Key);
        let key = colleague.record(&told, key, Some(&first.first), &second.key, rng);
        assert_eq!(
            colleague.write(&city, &told, &[&key]).await,
            400,
            "a second key"
        );
        let foreign = (Side::Dossier, Kind::Note);
        let note = colleague.record(&told, foreign, Some(&first.first), &first.key, rng);
        assert_eq!(colleague.write(&city, &told, &[&note]).await, 201);
        assert!(record::open(&note, &first.key).is_ok());
        assert!(record::open(&note, &CaseKey::random(rng)).is_err());
    })
    .await;
}

/// Whoever holds the proof of an opening has its row in the same transaction; without the commit
/// neither is there.
#[tokio::test]
async fn a_look_and_its_row_are_one_transaction() {
    on_each_engine(async |mut city: City| {
        let (told, teacher, _) = delivered(&mut city).await;
        let case = CaseId::from_bytes(told.case);
        let rng = &mut city.own_rng();
        let person = &city.school.people[1];
        let own = person.root.kem().public().unwrap();
        let none = std::iter::empty();
        let viewer = Viewer::new(person.id, city.school.organisation.id, own.bytes(), none);
        let today = city.app.clock.now().day();
        let audits = "SELECT count(*) FROM case_audit";
        for kept in [false, true] {
            let mut tx = city.app.store.begin().await.unwrap();
            let keyring = &city.app.keyring;
            let access = CaseAccess::open(&mut tx, keyring, rng, &viewer, case, today).await;
            let looks = access.unwrap().unwrap().looks(&mut tx).await.unwrap();
            assert_eq!(looks.len(), 1);
            assert_eq!((looks[0].member, looks[0].act), (person.id, Act::Opened));
            if kept {
                tx.commit().await.unwrap();
            } else {
                drop(tx);
            }
            let mut past = city.past().await;
            assert_eq!(past.count(audits).await, i64::from(kept));
            let stage = past.count("SELECT stage FROM cases").await;
            assert_eq!(stage, i64::from(kept), "the stage goes with it");
        }
        // The row that is there is the one that the desk shows, and taking it out is seen.
        assert_eq!(acts(&teacher.open(&city, &told).await), ["school-1 opened"]);
        chain_is_checked(&city, case).await;
    })
    .await;
}

async fn chain_is_checked(city: &City, case: CaseId) {
    let mut past = city.past().await;
    let [(id, shred)]: [(Uuid, Vec<u8>); 1] = past
        .rows("SELECT case_id, shred FROM shreds")
        .await
        .try_into()
        .unwrap();
    assert_eq!(id.into_bytes(), case.bytes());
    let shred = shred.try_into().unwrap();
    let read = async || {
        let mut tx = city.app.store.read().await.unwrap();
        audit::entries(&mut tx, &city.app.keyring, case, &shred).await
    };
    assert_eq!(read().await.unwrap().len(), 1);
    past.run("UPDATE case_audit SET hash = body").await;
    assert!(read().await.is_err(), "an altered row is seen");
}

/// One turn of the service's own works.
async fn turn(city: &City) {
    let (stop, stopped) = watch::channel(false);
    stop.send_replace(true);
    jobs::run(city.app.clone(), stopped).await;
}

/// Whom somebody tried to be is known as long as it slows them, and no longer.
#[tokio::test]
async fn an_attempt_to_sign_in_is_forgotten_with_its_turn() {
    let mut city = City::on_sqlite().await;
    let pause = Duration::from_secs(2);
    let quota = Quota::with_period(pause).unwrap();
    city.app.guesses = Arc::new(Guesses::keyed(quota));
    city.router = server::router(city.app.clone());
    let body = json!({ "account": "x", "auth": base64(&[0; 32]) });
    let attempt = async || city.desk(None, "POST", "/session", Some(&body)).await.0;
    assert_eq!(attempt().await, 401);
    turn(&city).await;
    assert_eq!(attempt().await, 503, "the control: it is slowed");
    tokio::time::sleep(2 * pause + Duration::from_millis(100)).await;
    assert_eq!(
        city.app.guesses.len(),
        1,
        "the control: nothing else forgets it"
    );
    turn(&city).await;
    assert_eq!(city.app.guesses.len(), 0);
}
