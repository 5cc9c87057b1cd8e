//! Bodies too large or of no form, a database that goes away, a commit that fails.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shudong::storage::Place;
use shudong_envelope::answer::Outcome;
use shudong_envelope::exchange::{self, Operation};

use crate::city::{self, City, SignedIn, Told, bytes, on_each_engine};
use crate::past::Past;

const MARK: &str = "canary-9f3b";

/// Status, media type and text of an answer.
async fn sent(city: &City, by: &SignedIn, address: &str, media: &str, body: String) -> Answer {
    let (method, path) = address.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::CONTENT_TYPE, media);
    let request = request
        .header(header::COOKIE, &by.cookie)
        .header("x-csrf", &by.csrf);
    let answer = city.send(request.body(Body::from(body)).unwrap()).await;
    let status = answer.status().as_u16();
    let media = answer.headers().get(header::CONTENT_TYPE).cloned();
    let text = String::from_utf8(bytes(answer).await).unwrap();
    (status, media.unwrap().to_str().unwrap().to_owned(), text)
}

type Answer = (u16, String, String);

fn problem(status: u16) -> Answer {
    let (word, title) = match status {
        400 => ("malformed", "Malformed request"),
        413 => ("too-large", "Too large"),
        _ => ("unavailable", "Not available now"),
    };
    let text = json!({ "type": format!("/problems/{word}"), "title": title, "status": status });
    (
        status,
        "application/problem+json".to_owned(),
        text.to_string(),
    )
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const HTML: &str = "text/html; charset=utf-8";
const BYTES: &str = "application/octet-stream";

#[tokio::test]
async fn what_is_too_large_or_of_no_form_gets_constant_words() {
    on_each_engine(async |city: City| {
        let by = &city.sign_in(&city.school.people[1]).await;
        let long = MARK.repeat(60_000);
        let id = "0".repeat(32);
        let records = format!("POST /desk/api/v1/cases/{id}/records");
        let cache = format!("PUT /desk/api/v1/cases/{id}/cache");
        let account = format!(r#"{{"account":"{long}"}}"#);
        let rows: Vec<(&str, &str, String, u16)> = vec![
            ("POST /x", BYTES, long.clone(), 413),
            ("POST /x", BYTES, MARK.repeat(3000), 400),
            ("POST /desk/api/v1/salt", JSON, account, 413),
            (
                "POST /desk/api/v1/salt",
                JSON,
                format!(r#"{{"account":"{MARK}""#),
                400,
            ),
            (
                "POST /desk/api/v1/salt",
                JSON,
                format!(r#"{{"{MARK}":1}}"#),
                400,
            ),
            (
                "POST /desk/api/v1/salt",
                FORM,
                format!("account={MARK}"),
                400,
            ),
            (
                "POST /desk/api/v1/session",
                JSON,
                format!(r#"{{"account":["{MARK}"]}}"#),
                400,
            ),
            (&records, JSON, format!(r#"{{"records":["{long}"]}}"#), 413),
            (&records, JSON, format!(r#"{{"records":"{MARK}"}}"#), 400),
            (
                &cache,
                JSON,
                format!(r#"{{"dossier":"{MARK}","sealed":""}}"#),
                400,
            ),
            ("GET /desk/api/v1/cases/%ff", FORM, MARK.to_owned(), 400),
        ];
        for (address, media, body, status) in rows {
            let answer = sent(&city, by, address, media, body).await;
            assert_eq!(answer, problem(status), "{address} {media}");
            assert!(!answer.2.contains(MARK));
        }
        let pages: Vec<(&str, &str, String, u16)> = vec![
            ("POST /find", FORM, format!("q={long}"), 413),
            ("POST /en/find", FORM, format!("q={long}"), 413),
            ("POST /find", JSON, format!("q={MARK}"), 400),
            ("POST /find", FORM, format!("q={MARK}&q={MARK}"), 400),
            ("GET /s/%ff", FORM, MARK.to_owned(), 400),
        ];
        for (address, media, body, status) in pages {
            let answer = sent(&city, by, address, media, body).await;
            assert_eq!((answer.0, &answer.1[..]), (status, HTML), "{address}");
            assert!(answer.2.contains("data-problem=\"unfit\""), "{address}");
            assert!(!answer.2.contains(MARK), "{address}");
            has_numbers(&city, &answer.2);
        }
        let (status, _, page) = sent(&city, by, "POST /find", FORM, format!("q={MARK}")).await;
        assert!(
            status == 200 && page.contains(MARK),
            "the search finds the mark where it stands"
        );
    })
    .await;
}

/// A visitor is shown whom to call, whatever else fails.
fn has_numbers(city: &City, page: &str) {
    let numbers = &city.app.config.visitor.help_lines;
    assert!(!numbers.is_empty());
    for number in numbers {
        let link = format!("href=\"tel:{number}\"");
        assert!(page.contains(&link), "{number}");
    }
}

/// The same page for each address, whether there is such a school or not: in words, with the numbers.
#[tokio::test]
async fn a_visitor_who_meets_no_database_gets_a_page_and_not_a_problem_document() {
    on_each_engine(async |city: City| {
        let by = &city.sign_in(&city.school.people[1]).await;
        let code = &city.school.organisation.code;
        city.app.store.close().await;
        for (prefix, words) in [("", "不是你的错"), ("/en", "not yours")] {
            let mut pages = Vec::new();
            for path in [
                format!("/s/{code}"),
                format!("/s/{code}/tell"),
                format!("/s/{code}/plain"),
                "/s/none".to_owned(),
                "/s/none/plain".to_owned(),
                "/return".to_owned(),
            ] {
                let address = format!("GET {prefix}{path}");
                let (status, media, page) = sent(&city, by, &address, FORM, String::new()).await;
                assert_eq!((status, &media[..]), (503, HTML), "{address}");
                assert!(page.contains(words), "{address}");
                assert!(page.contains("<a href=\"\">"), "it may be asked for again");
                has_numbers(&city, &page);
                pages.push(page);
            }
            pages.dedup();
            assert_eq!(pages.len(), 1, "one page, wherever");
            let find = format!("POST {prefix}/find");
            let (status, media, page) = sent(&city, by, &find, FORM, format!("q={MARK}")).await;
            assert_eq!((status, &media[..]), (503, HTML));
            assert!(!page.contains(MARK) && !page.contains("<a href=\"\">"));
            has_numbers(&city, &page);
        }
        let keys = format!("GET /s/{code}/keys");
        let document = sent(&city, by, &keys, FORM, String::new()).await;
        assert_eq!(document, problem(503), "what a script asks for stays one");
    })
    .await;
}

/// Keeps the server from its database.
pub(crate) enum Away {
    Locked(Past),
    Forbidden(Past, String),
}

impl Away {
    pub(crate) async fn from(city: &City) -> Self {
        match &city.place {
            Place::Sqlite(_) => {
                let mut past = city.past().await;
                past.run("BEGIN EXCLUSIVE").await;
                Self::Locked(past)
            }
            Place::Postgres(url) => {
                let (base, name) = url.rsplit_once('/').unwrap();
                let mut server = Past::of(&Place::Postgres(format!("{base}/postgres"))).await;
                server
                    .run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
                    .await;
                let backends = format!("FROM pg_stat_activity WHERE datname = '{name}'");
                server
                    .run(&format!("SELECT pg_terminate_backend(pid) {backends}"))
                    .await;
                Self::Forbidden(server, name.to_owned())
            }
        }
    }

    pub(crate) async fn over(self) {
        match self {
            Self::Locked(mut past) => past.run("ROLLBACK").await,
            Self::Forbidden(mut server, name) => {
                server
                    .run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
                    .await;
            }
        }
    }
}

/// A child waits no longer than this to learn that nothing was stored.
const PATIENCE: Duration = Duration::from_secs(10);

async fn sealed(city: &mut City, told: &Told) -> Vec<u8> {
    let keys = city.keys(&city.school.organisation.code.clone()).await;
    let operation = Operation::Submit(Box::new(told.submit.clone()));
    let request = exchange::Request {
        urgent: false,
        operation,
    };
    exchange::seal(&request, &keys.intake, &mut city.rng)
        .unwrap()
        .0
}

async fn at_once(city: &City, bodies: impl Iterator<Item = &Vec<u8>>) -> Vec<(u16, Vec<u8>)> {
    let tasks = bodies.map(|body| tokio::spawn(city::exchange(city.router.clone(), body.clone())));
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_tip_that_meets_no_database_is_stored_once_when_it_is_back() {
    on_each_engine(async |mut city: City| {
        let mut tips = Vec::new();
        for _ in 0..6 {
            let told = city.tip("one", None).await;
            tips.push((sealed(&mut city, &told).await, told));
        }
        let before = city.past().await.census().await;
        let away = Away::from(&city).await;
        let begun = Instant::now();
        for (status, answer) in at_once(&city, tips.iter().map(|(body, _)| body)).await {
            let text = String::from_utf8(answer).unwrap();
            assert_eq!((status, text), (503, problem(503).2));
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        away.over().await;
        assert_eq!(
            city.past().await.census().await,
            before,
            "nothing half is stored"
        );
        for (_, told) in &tips {
            let first = city.submit(&told.submit).await;
            assert_eq!(first.0, Outcome::Stored);
            assert_eq!(city.submit(&told.submit).await, first);
        }
        let many = tips.iter().cycle().take(24).map(|(body, _)| body);
        let answers = at_once(&city, many).await;
        assert!(
            answers.iter().all(|(status, _)| *status == 200),
            "the pool recovers"
        );
        let resting = city.past().await.count("SELECT count(*) FROM intake").await;
        assert_eq!(resting, 6);
        city.tick().await;
        let cases = city.past().await.count("SELECT count(*) FROM cases").await;
        assert_eq!(cases, 6);
    })
    .await;
}

/// Lets every commit fail that wrote into a table: the statement itself is accepted.
pub(crate) async fn refuse_commits(past: &mut Past, table: &str) {
    if past.is_postgres() {
        past.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN RAISE EXCEPTION ''no''; END'",
        )
        .await;
        past.run(&format!(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON {table} \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        ))
        .await;
        return;
    }
    past.run("CREATE TABLE nowhere (id INTEGER PRIMARY KEY)")
        .await;
    past.run(
        "CREATE TABLE owing (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    past.run(&format!(
        "CREATE TRIGGER at_commit AFTER INSERT ON {table} BEGIN INSERT INTO owing VALUES (1); END"
    ))
    .await;
}

pub(crate) async fn allow_commits(past: &mut Past, table: &str) {
    if past.is_postgres() {
        past.run(&format!("DROP TRIGGER at_commit ON {table}"))
            .await;
        past.run("DROP FUNCTION refuse").await;
    } else {
        past.run("DROP TRIGGER at_commit").await;
        past.run("DROP TABLE owing").await;
        past.run("DROP TABLE nowhere").await;
    }
}

#[tokio::test]
async fn what_is_not_durable_is_not_acknowledged() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        let body = sealed(&mut city, &told).await;
        let mut past = city.past().await;
        let before = past.census().await;
        refuse_commits(&mut past, "intake").await;
        let (status, answer) = city.exchange(body.clone()).await;
        assert_eq!(
            (status, String::from_utf8(answer).unwrap()),
            (503, problem(503).2)
        );
        assert!(city.fetch(told.submit.auth).await.is_none());
        assert_eq!(past.census().await, before);
        allow_commits(&mut past, "intake").await;
        assert_eq!(
            city.submit(&told.submit).await.0,
            Outcome::Stored,
            "the control"
        );
        assert!(city.fetch(told.submit.auth).await.is_some());
        city.tick().await;
        let teacher = city.at_desk(&city.school.people[1]).await;
        teacher.open(&city, &told).await;
        let before = past.census().await;
        let reply = teacher.reply(&told, None, &mut city.own_rng());
        refuse_commits(&mut past, "records").await;
        assert_eq!(teacher.write(&city, &told, &[&reply]).await, 503);
        assert_eq!(past.census().await, before);
        allow_commits(&mut past, "records").await;
        assert_eq!(
            teacher.write(&city, &told, &[&reply]).await,
            201,
            "the control"
        );
        let case: Value = teacher.open(&city, &told).await;
        assert_eq!(case["records"].as_array().unwrap().len(), 1);
    })
    .await;
}
