//! What the lines of the log tell of when something came: nothing. Each line begins with its time.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use shudong::jobs;
use shudong::storage::Store;
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::exchange::Operation;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use crate::bad_input::refuse_commits;
use crate::city::{City, on_each_engine};

/// Every line of this process with all its fields. One for all tests, for the embedded database works in
/// threads of its own.
static LINES: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    let writer = lines.clone();
    let all = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
    let all = all.with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(all.finish()).unwrap();
    lines
});

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn with(&self, mark: &str) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.matches(mark).count()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The library would warn of a statement that takes one second.
const LONG: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_statement_that_waits_writes_no_line() {
    LazyLock::force(&LINES);
    on_each_engine(async |city: City| {
        let mut holder = city.past().await;
        let mut control = city.past().await;
        let postgres = holder.is_postgres();
        let statement = |by| format!("DELETE FROM intake WHERE seq = 778 /* {by} {postgres} */");
        let (ours, theirs) = (statement("ours"), statement("theirs"));
        holder.run("BEGIN").await;
        holder.run("DELETE FROM intake").await;
        if postgres {
            holder.run("LOCK TABLE intake").await;
        }
        let store = city.app.store.clone();
        let sql = AssertSqlSafe(ours.clone());
        let ours_waits = tokio::spawn(async move {
            let done = match store {
                Store::Sqlite { write, .. } => sqlx::query(sql).execute(&write).await.map(|_| ()),
                Store::Postgres(pool) => sqlx::query(sql).execute(&pool).await.map(|_| ()),
            };
            done.unwrap();
        });
        let sql = theirs.clone();
        let theirs_waits = tokio::spawn(async move { control.run(&sql).await });
        tokio::time::sleep(LONG).await;
        holder.run("COMMIT").await;
        ours_waits.await.unwrap();
        theirs_waits.await.unwrap();
        assert!(
            LINES.with(&theirs) > 0,
            "the control: the library's default"
        );
        assert_eq!(LINES.with(&ours), 0);
    })
    .await;
}

/// The regular turn meets the same fault at its own time, and says so.
#[tokio::test]
async fn an_urgent_letter_that_is_not_delivered_at_once_writes_no_line() {
    LazyLock::force(&LINES);
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        refuse_commits(&mut city.past().await, "cases").await;
        let before = LINES.with("a job failed");
        let operation = Operation::Submit(Box::new(told.submit));
        let answer = city.ask(operation, true).await;
        assert_eq!(parse_outcome(&answer).unwrap().0, Outcome::Stored);
        let past = &mut city.past().await;
        assert_eq!(past.count("SELECT count(*) FROM cases").await, 0);
        assert_eq!(LINES.with("a job failed"), before);
        let (stop, stopped) = watch::channel(false);
        stop.send_replace(true);
        jobs::run(city.app.clone(), stopped).await;
        assert_eq!(LINES.with("a job failed"), before + 1, "the control");
    })
    .await;
}
