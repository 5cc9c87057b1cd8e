//! The binary itself: killed at any moment, started from its example settings, stopped politely.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use shudong_envelope::answer::{Fetched, Outcome, parse_outcome};
use shudong_envelope::exchange::{self, Chunk, Operation, Request};
use shudong_envelope::keys_document::{Items, Verified, verify};

use crate::aftermath;
use crate::city::{self, Told};
use crate::evidence;
use crate::plain::digits;

const BINARY: &str = env!("CARGO_BIN_EXE_shudong");

/// Milliseconds that an exchange takes at least.
const HOLD: &str = "SHUDONG_LETTERS__HOLD_MS";

fn demo(folder: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(BINARY);
    let folder = folder.to_str().unwrap();
    command.args(["demo", "--data", folder, "--listen", "127.0.0.1:0"]);
    command.args(database.iter().flat_map(|url| ["--database", url]));
    command
}

/// A running process; killed when dropped.
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts and waits for `ready http://localhost:PORT`.
    fn start(arguments: &[&str]) -> Self {
        Self::from(Command::new(BINARY).args(arguments).env(HOLD, "0"))
    }

    fn from(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map_while(Result::ok)
            .find(|line| line.starts_with("ready "));
        let ready = ready.expect("it ended before it was ready");
        Self {
            child,
            port: ready.rsplit_once(':').unwrap().1.parse().unwrap(),
        }
    }

    fn demo(folder: &Path, database: Option<&str>) -> Self {
        Self::from(demo(folder, database).env(HOLD, "0"))
    }

    /// Kills it in a while; the thread ends when that is done.
    fn killed_after(&self, moment: Duration) -> thread::JoinHandle<()> {
        let pid = self.child.id().to_string();
        thread::spawn(move || {
            thread::sleep(moment);
            Command::new("kill").args(["-KILL", &pid]).status().unwrap();
        })
    }

    /// One request on a connection of its own; `None` if the process died over it.
    fn ask(&self, head: &str, body: &[u8]) -> Option<Vec<u8>> {
        self.ask_as("application/octet-stream", head, body)
    }

    fn ask_as(&self, media: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = body.len();
        let head = format!(
            "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let at = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        Some(answer.split_off(at + 4))
    }

    fn keys(&self, code: &str) -> Verified {
        let document = self.ask(&format!("GET /s/{code}/keys"), b"").unwrap();
        verify(&Items::parse(&document).unwrap(), None).unwrap()
    }

    fn exchange(&self, keys: &Verified, operation: Operation, rng: &mut StdRng) -> Option<Vec<u8>> {
        let request = Request {
            urgent: false,
            operation,
        };
        let (body, key) = exchange::seal(&request, &keys.intake, rng).unwrap();
        let answer = self.ask("POST /x", &body)?;
        exchange::open_answer(&answer, &key)
            .ok()
            .map(|plain| plain.to_vec())
    }

    /// A page, and after a form was sent the page that it led to.
    fn page(&self, head: &str, form: &str) -> String {
        let media = "application/x-www-form-urlencoded";
        let page = self.ask_as(media, head, form.as_bytes()).unwrap();
        String::from_utf8(page).unwrap()
    }

    /// Sends a piece of a file; what became of it, unless the process died over it.
    fn keep(&self, keys: &Verified, piece: &Chunk, rng: &mut StdRng) -> Option<Outcome> {
        let answer = self.exchange(keys, Operation::Chunk(Box::new(piece.clone())), rng)?;
        Some(parse_outcome(&answer).unwrap().0)
    }

    fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(kill.unwrap().success());
    }

    fn stop_politely(mut self) -> i32 {
        let begun = Instant::now();
        self.ask_to_stop();
        let status = self.child.wait().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(15));
        status.code().unwrap()
    }
}

fn working_school(folder: &Path) -> String {
    let file = described(folder);
    let organisations = file["organisations"].as_array().unwrap();
    let school = organisations
        .iter()
        .find(|one| one["kind"] == "school" && one["working"] == true);
    school.unwrap()["code"].as_str().unwrap().to_owned()
}

const KILLS: usize = 50;

fn killed_at_any_moment(database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let rng = &mut StdRng::seed_from_u64(50);
    let mut shown: Vec<Told> = Vec::new();
    let mut unanswered: Vec<Told> = Vec::new();
    // How long they take when nobody kills: on a slow machine the kills come later too.
    let mut whole = Duration::ZERO;
    for round in 0..=KILLS {
        let mut running = Running::demo(folder.path(), database);
        let keys = running.keys(&working_school(folder.path()));
        let tips: Vec<Told> = (0..6)
            .map(|_| city::seal_tip(&keys, rng, "x", None))
            .collect();
        let begun = Instant::now();
        if round == 0 {
            for told in tips {
                let operation = Operation::Submit(Box::new(told.submit.clone()));
                assert!(running.exchange(&keys, operation, rng).is_some());
                shown.push(told);
            }
            whole = begun.elapsed();
            continue;
        }
        let killer = running.killed_after(rng.random_range(Duration::ZERO..whole));
        for told in tips {
            let operation = Operation::Submit(Box::new(told.submit.clone()));
            let answer = running.exchange(&keys, operation, rng);
            match answer.map(|plain| parse_outcome(&plain).unwrap().0) {
                Some(outcome) => {
                    assert_eq!(outcome, Outcome::Stored);
                    shown.push(told);
                }
                None => unanswered.push(told),
            }
        }
        killer.join().unwrap();
        let _ = running.child.wait();
    }
    let running = Running::demo(folder.path(), database);
    let keys = running.keys(&working_school(folder.path()));
    let mut fetch = |told: &Told| {
        let plain = running.exchange(
            &keys,
            Operation::Fetch {
                auth: told.submit.auth,
            },
            rng,
        );
        Fetched::parse(&plain.unwrap()).unwrap()
    };
    for told in &shown {
        let fetched = fetch(told).expect("a receipt that was shown opens its case");
        assert_eq!(
            (fetched.status.case, &fetched.tip),
            (told.case, &told.submit.tip)
        );
    }
    for told in &unanswered {
        if let Some(fetched) = fetch(told) {
            assert_eq!(fetched.tip, told.submit.tip, "whole or not at all");
        }
    }
    println!(
        "{} receipts shown, {} requests unanswered",
        shown.len(),
        unanswered.len()
    );
    assert!(
        shown.len() > 6 && !unanswered.is_empty(),
        "the kills hit neither too early nor too late"
    );
    assert_eq!(running.stop_politely(), 0);
    let described = described(folder.path());
    runtime().block_on(aftermath::whole_or_not_at_all(&described, shown.len()));
}

/// What stood in answers about pieces of files holds after any kill: each is there, byte for byte.
fn killed_over_a_file(database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let rng = &mut StdRng::seed_from_u64(51);
    let (mut kept, mut unanswered) = (Vec::new(), 0);
    // How long an undisturbed file takes, measured by the first.
    let mut whole = Duration::ZERO;
    for round in 0..=KILLS_OVER_FILES {
        let mut running = Running::demo(folder.path(), database);
        let keys = running.keys(&working_school(folder.path()));
        let told = city::seal_tip(&keys, rng, "x", None);
        let operation = Operation::Submit(Box::new(told.submit.clone()));
        running.exchange(&keys, operation, rng).unwrap();
        let pieces = (0..8).map(|index| evidence::piece_of(&told, index, 8, rng));
        let pieces: Vec<Chunk> = pieces.collect();
        let begun = Instant::now();
        if round == 0 {
            for piece in pieces {
                assert_eq!(running.keep(&keys, &piece, rng), Some(Outcome::Stored));
                kept.push(piece);
            }
            whole = begun.elapsed();
            continue;
        }
        let killer = running.killed_after(rng.random_range(Duration::ZERO..whole));
        for piece in pieces {
            match running.keep(&keys, &piece, rng) {
                Some(outcome) => {
                    assert_eq!(outcome, Outcome::Stored);
                    kept.push(piece);
                }
                None => unanswered += 1,
            }
        }
        killer.join().unwrap();
        let _ = running.child.wait();
    }
    let running = Running::demo(folder.path(), database);
    let keys = running.keys(&working_school(folder.path()));
    for piece in &kept {
        let mut other = piece.clone();
        other.sealed[0] ^= 1;
        let said = [piece, &other].map(|one| running.keep(&keys, one, rng).unwrap());
        assert_eq!(said, [Outcome::Stored, Outcome::Refused], "it is there");
    }
    println!("{} pieces kept, {unanswered} unanswered", kept.len());
    assert!(
        kept.len() > 8 && unanswered > 0,
        "the kills hit neither too early nor too late"
    );
    assert_eq!(running.stop_politely(), 0);
    let described = described(folder.path());
    runtime().block_on(aftermath::whole_or_not_at_all(
        &described,
        KILLS_OVER_FILES + 1,
    ));
}

const KILLS_OVER_FILES: usize = 12;

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

fn described(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("demo.json")).unwrap()).unwrap()
}

#[test]
fn every_receipt_that_was_shown_survives_fifty_kills_on_sqlite() {
    killed_at_any_moment(None);
}

#[test]
fn every_receipt_that_was_shown_survives_fifty_kills_on_postgres() {
    if let Ok(server) = std::env::var("SHUDONG_TEST_POSTGRES") {
        let database = runtime().block_on(city::own_database(&server));
        killed_at_any_moment(Some(&database));
    }
}

#[test]
fn every_acknowledged_piece_of_a_file_survives_kills_on_sqlite() {
    killed_over_a_file(None);
}

#[test]
fn every_acknowledged_piece_of_a_file_survives_kills_on_postgres() {
    if let Ok(server) = std::env::var("SHUDONG_TEST_POSTGRES") {
        let database = runtime().block_on(city::own_database(&server));
        killed_over_a_file(Some(&database));
    }
}

#[test]
fn the_example_settings_start_a_service_that_stops_politely() {
    let folder = tempfile::tempdir().unwrap();
    drop(Running::demo(folder.path(), None));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/shudong.example.toml");
    let example = fs::read_to_string(example).unwrap();
    let uncommented: Vec<&str> = example
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| rest.contains(" = "))
                .unwrap_or(line)
        })
        .collect();
    let text = uncommented
        .join("\n")
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("127.0.0.1:9100", "127.0.0.1:0");
    assert_ne!(text, example);
    let file = folder.path().join("shudong.toml");
    fs::write(&file, text).unwrap();
    let running = Running::start(&["serve", "--config", file.to_str().unwrap()]);
    assert_eq!(running.ask("GET /readyz", b"").unwrap(), b"ready\n");
    assert_eq!(running.stop_politely(), 0);
}

#[test]
fn a_second_demo_on_one_folder_ends_with_1_and_wrong_calls_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let first = Running::demo(folder.path(), None);
    let data = folder.path().to_str().unwrap();
    let second = Command::new(BINARY)
        .args(["demo", "--data", data, "--listen", "127.0.0.1:0"])
        .output();
    let second = second.unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another demo"));
    assert_eq!(
        Command::new(BINARY)
            .arg("dance")
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
    let missing = Command::new(BINARY)
        .args(["serve", "--config", "/nowhere.toml"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(first.stop_politely(), 0);
}

/// What a peer gets that sends this much and then nothing.
fn answer_to_half(running: &Running, half: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", running.port)).unwrap();
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).unwrap();
    stream.write_all(half.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let closed = stream.read_to_end(&mut answer);
    closed.expect("the connection is closed");
    String::from_utf8(answer).unwrap()
}

/// A peer that sends half a request is let go; one that sends a whole one is answered. Half a form
/// with a photo gives back the words that came.
#[test]
fn a_slow_peer_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    drop(Running::demo(folder.path(), None));
    let text = "[service]\nlisten = '127.0.0.1:0'\nheader_seconds = 1\nbody_seconds = 1\n";
    let file = folder.path().join("slow.toml");
    fs::write(&file, text).unwrap();
    let running = Running::start(&["serve", "--config", file.to_str().unwrap()]);
    for half in [
        "GET /healthz HTTP/1.1\r\nhost:",
        "POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 32768\r\n\r\nx",
    ] {
        assert!(!answer_to_half(&running, half).starts_with("HTTP/1.1 200"));
    }
    let head = format!("POST /s/{}/plain HTTP/1.1", working_school(folder.path()));
    let form = "host: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 9000000\r\n\r\n\
        --b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords of before\r\n\
        --b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"x\"\r\n\r\n\u{1}";
    let answer = answer_to_half(&running, &format!("{head}\r\n{form}"));
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("words of before</textarea>"));
    assert_eq!(running.ask("GET /healthz", b"").unwrap(), b"ok\n");
}

/// The one file is the whole service: an empty folder, no environment, nothing on the path.
#[test]
fn the_binary_runs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("shudong");
    fs::copy(BINARY, &alone).unwrap();
    let mut command = Command::new(&alone);
    command
        .env_clear()
        .env("PATH", "")
        .current_dir(folder.path());
    let running =
        Running::from(command.args(["demo", "--data", "city", "--listen", "127.0.0.1:0"]));
    let page = running.ask("GET /", b"").unwrap();
    let page = String::from_utf8(page).unwrap();
    let mut assets = 0;
    for (_, rest) in page
        .match_indices("/assets/")
        .map(|(at, _)| page.split_at(at))
    {
        let address = rest.split('"').next().unwrap();
        let asset = running.ask(&format!("GET {address}"), b"").unwrap();
        assert!(
            asset.len() > 100 && !asset.starts_with(b"{\"status\""),
            "{address}"
        );
        assets += 1;
    }
    assert!(
        assets >= 3,
        "the page names its script, its style and its icon"
    );
    let none = running.ask("GET /assets/none.js", b"").unwrap();
    assert!(
        none.starts_with(b"{\"status\""),
        "the control: {}",
        String::from_utf8_lossy(&none)
    );
    let desk = running.ask("GET /desk", b"").unwrap();
    assert!(String::from_utf8(desk).unwrap().contains("/assets/"));
    let code = working_school(&folder.path().join("city"));
    assert_eq!(running.keys(&code).holder(), Some(2));
    assert_eq!(running.stop_politely(), 0);
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|one| one.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["city", "shudong"], "it writes where it was told to");
}

/// Who sends while the service is told to stop gets their answer, and it holds.
#[test]
fn an_exchange_under_way_is_answered_at_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let rng = &mut StdRng::seed_from_u64(15);
    let mut running = Running::from(demo(folder.path(), None).env(HOLD, "3000"));
    let keys = running.keys(&working_school(folder.path()));
    let told = city::seal_tip(&keys, rng, "x", None);
    let operation = Operation::Submit(Box::new(told.submit.clone()));
    let answer = thread::scope(|scope| {
        let asking = scope.spawn(|| running.exchange(&keys, operation, rng));
        thread::sleep(Duration::from_millis(700));
        running.ask_to_stop();
        thread::sleep(Duration::from_millis(700));
        assert!(!asking.is_finished(), "it was under way when the stop came");
        assert!(
            TcpStream::connect(("127.0.0.1", running.port)).is_err(),
            "nobody new is let in"
        );
        asking.join().unwrap()
    });
    assert_eq!(parse_outcome(&answer.unwrap()).unwrap().0, Outcome::Stored);
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    let running = Running::demo(folder.path(), None);
    let fetch = Operation::Fetch {
        auth: told.submit.auth,
    };
    let rng = &mut StdRng::seed_from_u64(16);
    let keys = running.keys(&working_school(folder.path()));
    let plain = running.exchange(&keys, fetch, rng).unwrap();
    assert_eq!(
        Fetched::parse(&plain).unwrap().unwrap().tip,
        told.submit.tip
    );
}

/// A committee that renewed nothing for a hundred days reads nothing, and its page says whom to
/// call instead.
#[test]
fn a_lapsed_epoch_shows_help_lines_instead_of_questions() {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    fs::write(&clock, "2026-10-08T09:10:00+08:00").unwrap();
    let mut command = demo(&folder.path().join("city"), None);
    let running = Running::from(command.arg("--clock-file").arg(&clock).env(HOLD, "0"));
    let code = working_school(&folder.path().join("city"));
    let page = |prefix: &str| {
        let page = running.ask(&format!("GET {prefix}/s/{code}"), b"").unwrap();
        String::from_utf8(page).unwrap()
    };
    let nobody = "data-problem=\"nobody\"";
    // The button that leads to the questions.
    let start = "class=\"primary big scripted\"";
    let lines = ["110", "120", "12356", "12355", "12309", "12345", "12338"];
    for page in [page(""), page("/en")] {
        assert!(
            !page.contains(nobody) && page.contains(start),
            "the control"
        );
    }
    assert_eq!(running.keys(&code).holder(), Some(2));
    fs::write(&clock, "2027-01-16T09:10:00+08:00").unwrap();
    for page in [page(""), page("/en")] {
        assert!(page.contains(nobody) && !page.contains(start));
        for line in lines {
            assert!(page.contains(&format!("tel:{line}")), "{line}");
        }
    }
    let keys = running.keys(&code);
    assert_eq!(
        (keys.holder(), keys.levels.len()),
        (None, 3),
        "the document itself still verifies"
    );
}

/// A hidden field of a page.
fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split_once('"').unwrap().0
}

/// Phones keep pages for days: what was served before a deploy is sent after it.
fn a_form_outlives_the_process(database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    fs::write(&clock, "2026-10-08T09:10:00+08:00").unwrap();
    let city = folder.path().join("city");
    let start = || {
        let mut command = demo(&city, database);
        Running::from(command.arg("--clock-file").arg(&clock).env(HOLD, "0"))
    };
    let running = start();
    let path = format!("/s/{}/plain", working_school(&city));
    let served = |running: &Running| {
        let page = running.page(&format!("GET {path}"), "");
        let [once, reads] = ["once", "reads"].map(|name| hidden(&page, name));
        format!("once={once}&reads={reads}&who=victim&text=canary-words-4410&exclude=chair")
    };
    let sent = |running: &Running, form: &str| running.page(&format!("POST {path}"), form);
    let tips = || runtime().block_on(aftermath::tips(&described(&city)));
    let (early, late, later) = (served(&running), served(&running), served(&running));
    let before = tips();
    let receipt = digits(&sent(&running, &early));
    assert_eq!(running.stop_politely(), 0);

    let running = start();
    assert_eq!(digits(&sent(&running, &early)), receipt, "the same letter");
    let other = digits(&sent(&running, &late));
    assert!(other.len() == 20 && other != receipt);
    assert_eq!(digits(&sent(&running, &late)), other, "sent twice");
    assert_eq!(tips(), before + 2);

    // The committee's keys have run out meanwhile: others would read than the form named.
    drop(running);
    fs::write(&clock, "2027-01-16T09:10:00+08:00").unwrap();
    let page = sent(&start(), &later);
    assert!(page.contains("data-problem=\"changed\"") && page.contains("canary-words-4410"));
    assert!(tips() <= before + 2, "nothing was stored");
}

#[test]
fn a_form_without_script_that_was_served_before_a_restart_is_taken_once_or_comes_back() {
    a_form_outlives_the_process(None);
    if let Ok(server) = std::env::var("SHUDONG_TEST_POSTGRES") {
        let database = runtime().block_on(city::own_database(&server));
        a_form_outlives_the_process(Some(&database));
    }
}
