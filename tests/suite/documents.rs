//! The documents are true to the code: every stored column, log field and figure is described, and no
//! other; every file and every test that a document names exists, and what is said to hold names one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use shudong::audit::Act;
use shudong::clock::Clock;
use shudong::telemetry::{ALLOWED, Figures};

use crate::city::{City, on_each_engine};
use crate::past::Past;

type Names = BTreeSet<String>;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap()
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What `a` has and `b` lacks.
fn only<'a>(a: &'a Names, b: &'a Names) -> Vec<&'a String> {
    a.difference(b).collect()
}

// -- what is stored, logged and published -------------------------------------------------------

/// The rows of a document's tables, as `heading.row`: each begins with a name in backticks.
fn rows(document: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut heading = "";
    document.lines().filter_map(move |line| {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().trim_matches('`');
        }
        let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
        Some((heading, name))
    })
}

/// The rows of one table.
fn table<'d>(document: &'d str, heading: &str) -> BTreeSet<&'d str> {
    let of = |(under, name)| (under == heading).then_some(name);
    rows(document).filter_map(of).collect()
}

const LOG: &str = "What is logged";
const METRICS: &str = "What the metrics tell";

/// Every column that data.md describes, as `table.column`.
fn described(document: &str) -> Names {
    let stored = rows(document).filter(|(heading, _)| ![LOG, METRICS].contains(heading));
    stored
        .map(|(table, column)| format!("{table}.{column}"))
        .collect()
}

/// The migrations' own list, by the library.
const LIBRARY: &str = "_sqlx_migrations";

/// Every column of the database itself.
async fn stored(past: &mut Past) -> Names {
    let sql = if past.is_postgres() {
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = 'public'"
    } else {
        "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table'"
    };
    let columns: Vec<(String, String)> = past.rows(sql).await;
    let ours = columns.into_iter().filter(|(table, _)| table != LIBRARY);
    ours.map(|(table, column)| format!("{table}.{column}"))
        .collect()
}

#[tokio::test]
async fn every_stored_column_is_described_and_no_other() {
    on_each_engine(async |city: City| {
        let mut past = city.past().await;
        let described = described(&read("docs/data.md"));
        let columns = stored(&mut past).await;
        assert_eq!(
            only(&columns, &described),
            [""; 0],
            "docs/data.md lacks what is stored"
        );
        assert_eq!(
            only(&described, &columns),
            [""; 0],
            "docs/data.md names what is not stored"
        );
        past.run("ALTER TABLE receipts ADD COLUMN address TEXT")
            .await;
        past.run("CREATE TABLE visits (day TEXT)").await;
        let columns = stored(&mut past).await;
        assert_eq!(
            only(&columns, &described),
            ["receipts.address", "visits.day"],
            "the control"
        );
    })
    .await;
}

#[test]
fn a_row_counts_under_its_own_heading() {
    let document = "## `a`\n| column |\n| `b` | `x` |\n### `c`\nnot `d`\n| `e` | |\n## What is logged\n| `f` |";
    assert_eq!(
        described(document),
        ["a.b", "c.e"].map(str::to_owned).into()
    );
    assert_eq!(table(document, LOG), ["f"].into());
}

#[test]
fn every_log_field_and_figure_is_described_and_no_other() {
    let document = read("docs/data.md");
    assert_eq!(table(&document, LOG), ALLOWED.into());
    let published = Figures::new(Clock::fixed(0)).render(true);
    let figures = published.lines().filter(|line| !line.starts_with('#'));
    let figures: BTreeSet<_> = figures.filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(table(&document, METRICS), figures);
}

/// The acts that data.md lists for a row of the audit chain.
fn acts(document: &str) -> BTreeSet<&str> {
    let (_, rest) = document.split_once("### `case_audit`").unwrap();
    let (_, rest) = rest.split_once("day, member, act: ").unwrap();
    let listed = rest.split('|').next().unwrap_or_default();
    listed.split(',').map(str::trim).collect()
}

#[test]
fn every_act_of_the_audit_chain_is_described_and_no_other() {
    assert_eq!(acts(&read("docs/data.md")), Act::ALL.map(Act::word).into());
}

// -- what documents name ------------------------------------------------------------------------

/// Every document of the repository.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    for entry in fs::read_dir(here("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            found.push(format!("docs/{name}"));
        }
    }
    found
}

/// Folders that a file's path begins with.
const FOLDERS: [&str; 8] = [
    "deploy",
    "docs",
    "envelope",
    "fuzz",
    "migrations",
    "src",
    "tests",
    "web",
];

/// Whether it is a path of this repository, and of one file or folder.
fn is_path(name: &str) -> bool {
    let first = name.split_once('/').map(|(first, _)| first);
    first.is_some_and(|first| FOLDERS.contains(&first)) && !name.contains([' ', '*', '{'])
}

/// Where a path may begin: ARCHITECTURE.md speaks of the web part's files as they stand in it.
const BASES: [&str; 3] = ["", "web", "web/src"];

/// Paths and links of a document that lead nowhere.
fn dangling(document: &str, folder: &Path) -> Vec<String> {
    let exists = |name: &str| BASES.iter().any(|base| here(base).join(name).exists());
    let gone = |name: &&str| is_path(name) && !exists(name);
    let links = document.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split([')', '#']).next());
    let broken =
        |link: &&str| !link.is_empty() && !link.starts_with("http") && !folder.join(link).exists();
    let paths = quoted(document).filter(gone);
    paths
        .chain(links.filter(broken))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_file_that_a_document_names_exists() {
    for name in documents() {
        let path = here(&name);
        assert_eq!(
            dangling(&read(&name), path.parent().unwrap()),
            [""; 0],
            "{name}"
        );
    }
    let planted =
        "`src/main.rs` `src/gone.rs` [a](gone.md) [b](docs/data.md#intake) [c](https://x.y)";
    assert_eq!(dangling(planted, &here("")), ["src/gone.rs", "gone.md"]);
}

/// Whether `source` has a test of that name: a function under `#[test]`, or the title of a `test`, a
/// `describe` or a `test.each(…)`.
fn has_test(source: &str, name: &str) -> bool {
    let titled = ["test(", "describe(", ")("].iter().any(|call| {
        ['"', '`']
            .iter()
            .any(|quote| source.contains(&format!("{call}{quote}{name}{quote}")))
    });
    let function = source.split(&format!("fn {name}(")).next();
    let attributes = function.filter(|before| before.len() < source.len());
    let is_test = |before: &str| {
        let line = before.rsplit('\n').nth(1).unwrap_or_default().trim();
        line == "#[test]" || line.starts_with("#[tokio::test")
    };
    titled || attributes.is_some_and(is_test)
}

/// What a claim names: test files, each with its tests.
fn shown_by(claim: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in quoted(claim) {
        if is_path(name) {
            found.push((name, Vec::new()));
        } else if let Some((_, tests)) = found.last_mut() {
            tests.push(name);
        }
    }
    found
}

/// What is wrong with a claim: it names no test, a file without one, or one that the file has not.
fn unshown(claim: &str) -> Vec<String> {
    let shown = shown_by(claim);
    if shown.is_empty() {
        return vec![format!("no test: {claim}")];
    }
    let mut wrong = Vec::new();
    for (file, tests) in shown {
        let source = fs::read_to_string(here(file)).unwrap_or_default();
        if tests.is_empty() {
            wrong.push(format!("{file}: which test?"));
        }
        let missing = tests.iter().filter(|name| !has_test(&source, name));
        wrong.extend(missing.map(|name| format!("{file}: {name}")));
    }
    wrong
}

/// What no test shows says so in these words.
const NO_TEST: &str = "No test shows it";

/// What the threat model says holds: the items under each "Holds".
fn held(document: &str) -> Vec<&str> {
    let parts = document.split("\nHolds").skip(1);
    let items = parts.flat_map(|part| {
        let part = part.split("\nDoes not hold").next().unwrap_or_default();
        part.lines().filter_map(|line| line.strip_prefix("- "))
    });
    items.filter(|item| !item.contains(NO_TEST)).collect()
}

/// The rows of the protocol's table of invariants, save those that wait for something to be built.
fn invariants(document: &str) -> Vec<&str> {
    let (_, part) = document.split_once("## 11.").unwrap();
    let rows = part
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.collect()
}

#[test]
fn what_holds_is_shown_by_tests_that_exist() {
    let (model, protocol) = (read("docs/threat-model.md"), read("docs/protocol.md"));
    let (held, invariants) = (held(&model), invariants(&protocol));
    assert!(held.len() > 20, "the search finds them: {}", held.len());
    assert_eq!(invariants.len(), 10, "all but erasure");
    let claims = held.into_iter().chain(invariants);
    let wrong: Vec<_> = claims.flat_map(unshown).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_claim_that_nothing_shows_is_seen() {
    let file = "tests/suite/documents.rs";
    let own = "a_claim_that_nothing_shows_is_seen";
    let right = format!(
        "It holds, `no-store`. `{file}` `{own}`; `web/e2e/cover.spec.ts` `looking, telling and coming back are two exchanges each`"
    );
    assert_eq!(unshown(&right), [""; 0]);
    for (claim, wrong) in [
        ("It `holds`.".to_owned(), "no test: It `holds`.".to_owned()),
        (format!("`{file}`"), format!("{file}: which test?")),
        (format!("`{file}` `gone`"), format!("{file}: gone")),
        (format!("`{file}` `unshown`"), format!("{file}: unshown")),
        (
            format!("`tests/gone.rs` `{own}`"),
            format!("tests/gone.rs: {own}"),
        ),
        (
            "`web/e2e/cover.spec.ts` `looking`".to_owned(),
            "web/e2e/cover.spec.ts: looking".to_owned(),
        ),
    ] {
        assert_eq!(unshown(&claim), [wrong]);
    }
    let document = "\nHolds:\n\n- one\n- two. No test shows it.\n\nDoes not hold:\n\n- three\n\nHolds: x\n- four";
    assert_eq!(held(document), ["one", "four"]);
}
