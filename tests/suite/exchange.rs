//! What an exchange's time could tell: a deed, a look and a cover are answered alike.

use std::time::{Duration, Instant};

use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::exchange::{self, AnswerKey, EXCHANGE, Operation, Request};

use crate::bad_input::refuse_commits;
use crate::city::{self, City, on_each_engine};
use crate::evidence::piece;

/// Short, for it is waited for twelve times; longer than any of them takes by itself.
const HOLD: Duration = Duration::from_millis(250);

async fn sealed(city: &mut City, operation: Operation, urgent: bool) -> (Vec<u8>, AnswerKey) {
    let keys = city.keys(&city.school.organisation.code.clone()).await;
    let request = Request { urgent, operation };
    exchange::seal(&request, &keys.intake, &mut city.rng).unwrap()
}

/// Every operation, and what becomes of those that bring something.
async fn operations(city: &mut City) -> Vec<(&'static str, Operation, Option<Outcome>)> {
    let told = city.tip("one", None).await;
    let auth = told.submit.auth;
    let mut second = city.tip("another", None).await.submit;
    second.auth = auth;
    let urgent = city.tip("danger", None).await.submit;
    let records = vec![told.letter("more", &told.submit.tip, &mut city.rng)];
    let chunk = piece(city, &told, 0, 1);
    let mut foreign = chunk.clone();
    foreign.auth = [0; 32];
    let submit = |submit| Operation::Submit(Box::new(submit));
    let chunks = |chunk| Operation::Chunk(Box::new(chunk));
    let older = Operation::Older {
        auth,
        side: 0,
        before: 1,
    };
    let wrong = Operation::Fetch { auth: [0; 32] };
    vec![
        ("a cover", Operation::Cover, None),
        ("a tip", submit(told.submit), Some(Outcome::Stored)),
        (
            "its digits again",
            submit(second),
            Some(Outcome::ReceiptTaken),
        ),
        (URGENT, submit(urgent), Some(Outcome::Stored)),
        ("a look", Operation::Fetch { auth }, None),
        ("wrong digits", wrong, None),
        (
            "a letter",
            Operation::Post { auth, records },
            Some(Outcome::Stored),
        ),
        ("earlier ones", older, None),
        ("a piece", chunks(chunk), Some(Outcome::Stored)),
        (
            "a stranger's piece",
            chunks(foreign),
            Some(Outcome::Refused),
        ),
    ]
}

const URGENT: &str = "in danger now";

/// What comes back, and after how long.
async fn timed(city: &City, body: Vec<u8>) -> (u16, Vec<u8>, Duration) {
    let begun = Instant::now();
    let (status, answer) = city.exchange(body).await;
    (status, answer, begun.elapsed())
}

#[tokio::test]
async fn every_answer_waits_its_time_out() {
    on_each_engine(async |mut city: City| {
        city.set(|config| config.letters.hold_ms = HOLD.as_millis().try_into().unwrap());
        for (what, operation, outcome) in operations(&mut city).await {
            let (body, key) = sealed(&mut city, operation, what == URGENT).await;
            let (status, answer, took) = timed(&city, body).await;
            assert_eq!((status, answer.len()), (200, EXCHANGE), "{what}");
            assert!(took >= HOLD, "{what}: {took:?}");
            let plain = exchange::open_answer(&answer, &key).unwrap();
            if let Some(outcome) = outcome {
                assert_eq!(parse_outcome(&plain).unwrap().0, outcome, "{what}");
            }
        }
        let (status, answer, took) = timed(&city, vec![7; EXCHANGE]).await;
        assert_eq!((status, answer.len()), (200, EXCHANGE), "it does not open");
        assert!(took >= HOLD, "it does not open: {took:?}");
        let lost = Operation::Submit(Box::new(city.tip("lost", None).await.submit));
        let (body, _) = sealed(&mut city, lost, false).await;
        refuse_commits(&mut city.past().await, "intake").await;
        let (status, _, took) = timed(&city, body).await;
        assert!(status == 503 && took >= HOLD, "it fails: {took:?}");
    })
    .await;
}

/// On PostgreSQL there is no such queue: writers wait for each other's rows, and a cover has none.
#[tokio::test]
async fn a_cover_waits_with_those_who_write_and_writes_nothing() {
    on_each_engine(async |mut city: City| {
        let (body, key) = sealed(&mut city, Operation::Cover, false).await;
        let mut writer = city.past().await;
        let before = writer.census().await;
        if !writer.is_postgres() {
            writer.run("BEGIN IMMEDIATE").await;
            let waiting = tokio::spawn(city::exchange(city.router.clone(), body.clone()));
            tokio::time::sleep(HOLD).await;
            city.keys(&city.school.organisation.code.clone()).await;
            assert!(
                !waiting.is_finished(),
                "it waits, and who only reads does not"
            );
            writer.run("ROLLBACK").await;
            assert_eq!(waiting.await.unwrap().0, 200);
        }
        let (status, answer) = city.exchange(body).await;
        assert_eq!(status, 200);
        assert!(exchange::open_answer(&answer, &key).is_ok());
        assert_eq!(writer.census().await, before);
    })
    .await;
}
