//! Without script: what the server seals, what it keeps of it, and that no words are lost.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, header};
use shudong::storage::Place;
use shudong_envelope::receipt::Receipt;
use shudong_envelope::record::{Head, Side};

use crate::bad_input::Away;
use crate::city::{City, bytes, on_each_engine};

const WORDS: &str = "canary-words-6612";

async fn post(city: &City, path: &str, form: &str) -> (u16, String) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    let answer = city.send(request).await;
    let status = answer.status().as_u16();
    (status, String::from_utf8(bytes(answer).await).unwrap())
}

pub(crate) fn address(city: &City) -> String {
    format!("/s/{}/plain", city.school.organisation.code)
}

fn form(mark: char) -> String {
    let once = mark.to_string().repeat(64);
    format!("once={once}&who=victim&kind=verbal&text={WORDS}&exclude=chair")
}

/// The twenty digits of a page.
pub(crate) fn digits(page: &str) -> String {
    let groups = page.split("class=\"group\"").skip(1);
    let groups = groups.filter_map(|rest| rest.split_once('>'));
    groups.map(|(_, rest)| &rest[..4]).collect()
}

#[tokio::test]
async fn the_server_seals_in_memory_and_keeps_no_word_and_no_digit() {
    on_each_engine(async |mut city: City| {
        let (status, page) = post(&city, &address(&city), &form('a')).await;
        assert_eq!(status, 200);
        let receipt = digits(&page);
        let root = Receipt::parse(&receipt)
            .unwrap()
            .root(&city.keys(&city.school.organisation.code).await.deployment);
        let fetched = city.fetch(*root.key("auth")).await.unwrap();
        assert_eq!(Head::of(&fetched.tip).unwrap().side, Side::Server);
        city.tick().await;
        let kept = everything(&city).await;
        for word in [WORDS, &receipt, "victim"] {
            assert!(!holds(&kept, word.as_bytes()), "{word}");
        }
        let mut pieces = fetched.tip.chunks(32);
        assert!(
            pieces.any(|piece| holds(&kept, piece)),
            "the search finds what is stored"
        );
    })
    .await;
}

/// Every byte of the embedded file, or every row of the server, whose bytes are written in hex.
pub(crate) async fn everything(city: &City) -> Vec<u8> {
    if let Place::Sqlite(file) = &city.place {
        let log = file.with_extension("db-wal");
        return [std::fs::read(file).unwrap(), std::fs::read(log).unwrap()].concat();
    }
    let mut past = city.past().await;
    let mut kept = String::new();
    for (table, _) in past.census().await {
        let rows: Vec<(String,)> = past.rows(&format!("SELECT t::text FROM {table} t")).await;
        kept.extend(rows.into_iter().map(|row| row.0));
    }
    kept.into_bytes()
}

pub(crate) fn holds(kept: &[u8], needle: &[u8]) -> bool {
    let hex: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
    let found = |needle: &[u8]| kept.windows(needle.len()).any(|window| window == needle);
    found(needle) || found(hex.as_bytes())
}

#[tokio::test]
async fn the_same_form_is_the_same_letter_and_a_changed_one_is_another() {
    on_each_engine(async |city: City| {
        let path = address(&city);
        let first = digits(&post(&city, &path, &form('a')).await.1);
        assert_eq!(digits(&post(&city, &path, &form('a')).await.1), first);
        city.tick().await;
        // On another day it would be another letter: the day is in it.
        assert_eq!(digits(&post(&city, &path, &form('a')).await.1), first);
        let count = |sql: &'static str| async { city.past().await.count(sql).await };
        assert_eq!(count("SELECT count(*) FROM cases").await, 1);
        assert_eq!(count("SELECT count(*) FROM intake").await, 0);
        let changed = format!("{}&place=toilet", form('a'));
        let others = [
            form('b'),
            changed,
            form('a').replace("exclude=chair", "exclude=bureau"),
        ];
        for other in &others {
            assert_ne!(digits(&post(&city, &path, other).await.1), first);
        }
        assert_eq!(count("SELECT count(*) FROM intake").await, 3);
        // Without a mark of its own nothing is taken for the same.
        let unmarked = "text=x";
        let one = digits(&post(&city, &path, unmarked).await.1);
        assert_ne!(digits(&post(&city, &path, unmarked).await.1), one);
    })
    .await;
}

/// The page as it was filled in.
fn filled(page: &str) {
    assert!(page.contains(WORDS));
    for value in ["victim", "verbal", "chair"] {
        assert!(
            page.contains(&format!("value=\"{value}\" autocomplete=\"off\" checked")),
            "{value}"
        );
    }
    assert!(
        page.contains(&"a".repeat(64)),
        "the same mark: sent again it is the same letter"
    );
}

#[tokio::test]
async fn when_too_many_wait_the_words_come_back_and_nothing_is_stored() {
    on_each_engine(async |city: City| {
        let path = address(&city);
        let before = city.past().await.census().await;
        let crowd = city.app.turns.crowd();
        let (status, page) = post(&city, &path, &form('a')).await;
        assert_eq!(status, 503);
        assert!(page.contains("data-problem=\"busy\""));
        filled(&page);
        let asked = "g1=00000000000000000000&text=later&after=0";
        let (status, page) = post(&city, "/return", asked).await;
        assert!(status == 503 && page.contains("later") && page.contains("00000000000000000000"));
        assert_eq!(city.past().await.census().await, before);
        drop(crowd);
        assert_eq!(post(&city, &path, &form('a')).await.0, 200);
    })
    .await;
}

#[tokio::test]
async fn when_the_database_is_away_the_words_come_back_and_the_chair_stays_crossed_out() {
    on_each_engine(async |city: City| {
        let path = address(&city);
        let away = Away::from(&city).await;
        let (status, page) = post(&city, &path, &form('a')).await;
        assert_eq!(status, 503);
        assert!(page.contains("data-problem=\"unavailable\""));
        filled(&page);
        away.over().await;
        let (status, page) = post(&city, &path, &form('a')).await;
        assert_eq!(status, 200);
        let again = post(&city, &path, &form('a')).await.1;
        assert_eq!(digits(&again), digits(&page));
        let resting = city.past().await.count("SELECT count(*) FROM intake").await;
        assert_eq!(resting, 1);
    })
    .await;
}

#[tokio::test]
async fn more_than_a_field_holds_is_refused_in_words() {
    on_each_engine(async |city: City| {
        let path = address(&city);
        let long = format!("text={}", "x".repeat(9_001));
        let (status, page) = post(&city, &path, &long).await;
        assert!(
            status == 413
                && page.contains("data-problem=\"long\"")
                && page.contains(&"x".repeat(9_001))
                && page.contains("大约多了 1 个字")
        );
        let receipt = digits(&post(&city, &path, &form('a')).await.1);
        let long = "字".repeat(3_100);
        let asked = format!("g1={receipt}&after=0&text={long}");
        let (status, page) = post(&city, "/return", &asked).await;
        assert!(status == 413 && page.contains(&long) && page.contains("大约多了 100 个字"));
        let just = form('b').replace(WORDS, &"字".repeat(3_000));
        assert_eq!(post(&city, &path, &just).await.0, 200, "the control");
        let huge = format!("text={}", "x".repeat(200_000));
        let (status, page) = post(&city, &path, &huge).await;
        assert!(status == 413 && page.contains("data-problem=\"long\""));
        assert_eq!(post(&city, "/s/23456789/plain", &form('a')).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn a_letter_goes_to_nobody_whom_its_form_did_not_name() {
    on_each_engine(async |city: City| {
        let path = address(&city);
        let before = city.past().await.census().await;
        // Another committee than the form was made for; somebody to be left out whom nobody knows.
        for (more, word) in [("&reads=0123", "changed"), ("&exclude=king", "locking")] {
            let (status, page) = post(&city, &path, &format!("{}{more}", form('a'))).await;
            assert!(status >= 400 && page.contains(&format!("data-problem=\"{word}\"")));
            filled(&page);
        }
        assert_eq!(city.past().await.census().await, before);
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let page = String::from_utf8(bytes(city.send(request).await).await).unwrap();
        let (_, rest) = page.split_once("name=\"reads\" value=\"").unwrap();
        let reads = &rest[..32];
        let (status, _) = post(&city, &path, &format!("{}&reads={reads}", form('a'))).await;
        assert_eq!(status, 200);
    })
    .await;
}

/// What the log says while a story runs on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_damaged_row_is_told_to_the_log_without_a_word_of_the_form() {
    on_each_engine(async |city: City| {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let _listening = tracing::subscriber::set_default(lines.finish());
        let receipt = digits(&post(&city, &address(&city), &form('a')).await.1);
        let mut past = city.past().await;
        past.run("UPDATE intake SET body = lookup").await;
        let again = format!("g1={receipt}&text={WORDS}&after=0");
        let (status, page) = post(&city, "/return", &again).await;
        assert!(status >= 400 && page.contains(WORDS));
        let text = log.text();
        assert!(text.contains("a stored tip is damaged"), "{text}");
        assert!(!text.contains(WORDS) && !text.contains(&receipt));
    })
    .await;
}
