//! What the service says of itself: log lines and figures, none of which names a visitor.
//!
//! A log line may carry only fields of [`ALLOWED`]; any other is dropped where lines are written,
//! so that a careless `tracing` call anywhere, a library's included, cannot print an address.

use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, MutexGuard};

use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::clock::{Clock, Hour};

/// Fields that may be written. `message` is a constant text of ours.
pub const ALLOWED: [&str; 8] = [
    "message", "job", "command", "version", "count", "status", "stage", "detail",
];

/// Figures below this are published as zero.
const LEAST_FIGURE: u64 = 10;

/// Writes log lines to `writer` (standard error in the program), and of a panic its place alone.
///
/// # Errors
/// If `filter` cannot be parsed or another subscriber was set before.
pub fn start<W>(filter: &str, writer: W) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing::dispatcher::set_global_default(subscriber(EnvFilter::try_new(filter)?, writer))?;
    std::panic::set_hook(Box::new(place_of));
    Ok(())
}

thread_local! {
    static UNTOLD: Cell<bool> = const { Cell::new(false) };
}

/// Does work whose panics are no fault of ours, as a decoder's over a damaged photo: of those there is no line, for
/// a line has a time.
pub(crate) fn untold<T>(work: impl FnOnce() -> T) -> T {
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            UNTOLD.set(false);
        }
    }
    let _ended = Ended;
    UNTOLD.set(true);
    work()
}

/// The text of a panic may quote what the code was working on, a letter perhaps.
fn place_of(panic: &PanicHookInfo<'_>) {
    if let Some(place) = panic.location().filter(|_| !UNTOLD.get()) {
        tracing::error!(detail = %place, "a part of the service ended in a panic");
    }
}

/// Libraries are not heard, whatever the settings say: one tells to the microsecond of each request that waited for a
/// connection, another of each peer that went away.
fn is_ours(target: &str) -> bool {
    target == "shudong" || target.starts_with("shudong::")
}

fn subscriber<W>(filter: EnvFilter, writer: W) -> tracing::Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let fields = debug_fn(|writer, field, value| {
        if !ALLOWED.contains(&field.name()) {
            Ok(())
        } else if field.name() == "message" {
            write!(writer, "{value:?}")
        } else {
            write!(writer, " {}={value:?}", field.name())
        }
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .fmt_fields(fields)
        .with_filter(filter.and(filter_fn(|line| is_ours(line.target()))));
    tracing::Dispatch::new(tracing_subscriber::registry().with(lines))
}

/// Counters since start, published once an hour and rounded away while small: a live figure and a
/// watched schoolyard would name a child.
#[derive(Debug)]
pub struct Figures {
    clock: Clock,
    counts: Mutex<Counts>,
}

/// Exchanges, pages and failures.
type Totals = [u64; 3];

#[derive(Debug)]
struct Counts {
    /// The hour that is counted now.
    hour: Hour,
    totals: Totals,
    /// As they were when that hour began.
    published: Totals,
}

impl Counts {
    /// Whoever comes first in a new hour, to count or to read, closes the one before. A reader alone
    /// would find in it what was counted in the seconds since.
    fn turn(&mut self, hour: Hour) {
        if hour > self.hour {
            let rounded = |figure| if figure < LEAST_FIGURE { 0 } else { figure };
            self.published = self.totals.map(rounded);
            self.hour = hour;
        }
    }
}

impl Figures {
    /// All at zero.
    pub fn new(clock: Clock) -> Self {
        let hour = clock.now().hour();
        let counts = Counts {
            hour,
            totals: [0; 3],
            published: [0; 3],
        };
        Self {
            clock,
            counts: Mutex::new(counts),
        }
    }

    /// Counts one exchange, whatever it held.
    pub fn exchange(&self) {
        self.counts().totals[0] += 1;
    }

    /// Counts one page.
    pub fn page(&self) {
        self.counts().totals[1] += 1;
    }

    /// Counts one failure of the service itself.
    pub fn failure(&self) {
        self.counts().totals[2] += 1;
    }

    /// The figures as of the last full hour, in Prometheus' text format.
    pub fn render(&self, database_up: bool) -> String {
        let [exchanges, pages, failures] = self.counts().published;
        format!(
            "# TYPE shudong_database_up gauge\nshudong_database_up {}\n\
             # TYPE shudong_exchanges_total counter\nshudong_exchanges_total {exchanges}\n\
             # TYPE shudong_pages_total counter\nshudong_pages_total {pages}\n\
             # TYPE shudong_failures_total counter\nshudong_failures_total {failures}\n",
            u8::from(database_up),
        )
    }

    /// The counts of the present hour.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        let hour = self.clock.now().hour();
        let mut counts = match self.counts.lock() {
            Ok(counts) => counts,
            Err(poisoned) => poisoned.into_inner(),
        };
        counts.turn(hour);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::Arc;

    use tracing::instrument::WithSubscriber;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_allowed_fields_are_written() {
        let lines = Lines::default();
        let writer = lines.clone();
        let filter = EnvFilter::new("info");
        tracing::dispatcher::with_default(&subscriber(filter, move || writer.clone()), || {
            tracing::info!(count = 3, address = "203.0.113.7", "a tick was done");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(
            text.contains("a tick was done") && text.contains("count=3"),
            "{text}"
        );
        assert!(!text.contains("203.0.113.7"), "{text}");
    }

    /// Whoever waits for a connection is told by the library that lends it, with microseconds.
    #[tokio::test]
    async fn no_library_is_heard() {
        use sqlx::sqlite::SqlitePoolOptions;
        let (ours, all) = (Lines::default(), Lines::default());
        let (writer, everything) = (ours.clone(), all.clone());
        let heard = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
        let heard = heard
            .with_writer(move || Lines::clone(&everything))
            .finish();
        let wait = async || {
            let slow = std::time::Duration::from_millis(50);
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_slow_threshold(slow);
            let pool = pool.connect("sqlite::memory:").await.unwrap();
            let held = pool.acquire().await.unwrap();
            let (_, waited) = tokio::join!(
                async {
                    tokio::time::sleep(slow * 4).await;
                    drop(held);
                },
                pool.acquire()
            );
            waited.unwrap();
            tracing::warn!("the wait is over");
        };
        let dispatch = subscriber(EnvFilter::new("trace"), move || writer.clone());
        wait().with_subscriber(dispatch).await;
        wait().with_subscriber(tracing::Dispatch::new(heard)).await;
        let text = |lines: &Lines| String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text(&ours).lines().count(), 1, "{}", text(&ours));
        assert!(
            text(&all).contains("sqlx::pool"),
            "the control: {}",
            text(&all)
        );
    }

    #[test]
    fn a_panic_names_its_place_and_quotes_nothing() {
        let lines = Lines::default();
        let writer = lines.clone();
        let letter = std::hint::black_box("他们打我");
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(place_of));
        let dispatch = subscriber(EnvFilter::new("info"), move || writer.clone());
        let (told, unheard) = tracing::dispatcher::with_default(&dispatch, || {
            let told = std::panic::catch_unwind(|| letter[1..].len());
            (
                told,
                std::panic::catch_unwind(|| untold(|| letter[2..].len())),
            )
        });
        std::panic::set_hook(usual);
        // The control: the panic itself does quote it.
        let told = told.unwrap_err().downcast::<String>().unwrap();
        assert!(told.contains("他们打我") && unheard.is_err());
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches("src/telemetry.rs:").count(), 1, "{text}");
        assert!(!text.contains("他们打我"), "{text}");
    }

    #[test]
    fn figures_appear_at_the_full_hour_and_never_small() {
        let clock = Clock::fixed(3600 * 10);
        let figures = Figures::new(clock.clone());
        (0..12).for_each(|_| figures.exchange());
        (0..3).for_each(|_| figures.page());
        assert!(figures.render(true).contains("shudong_exchanges_total 0\n"));
        clock.advance(3600);
        let text = figures.render(true);
        assert!(text.contains("shudong_exchanges_total 12\n") && text.contains("pages_total 0\n"));
    }

    #[test]
    fn what_came_since_the_full_hour_is_in_no_figure_however_late_it_is_asked_for() {
        let clock = Clock::fixed(3600 * 10 + 3590);
        let figures = Figures::new(clock.clone());
        (0..12).for_each(|_| figures.exchange());
        clock.advance(15);
        (0..5).for_each(|_| figures.exchange());
        let at_the_hour = "shudong_exchanges_total 12\n";
        assert!(figures.render(true).contains(at_the_hour));
        clock.advance(3500);
        figures.exchange();
        assert!(figures.render(true).contains(at_the_hour));
        clock.advance(3600);
        assert!(
            figures
                .render(true)
                .contains("shudong_exchanges_total 18\n")
        );
    }
}
