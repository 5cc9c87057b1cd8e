//! Time as a parameter, and the coarse units that may be stored.
//!
//! Nothing here knows what a time is for. The rest of the program never asks the operating
//! system for the time of day: it is handed a [`Clock`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Asia/Shanghai has had no daylight saving since 1991: a fixed eight hours.
const CITY_OFFSET_SECONDS: i64 = 8 * 3600;

/// Where the present moment comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The operating system.
    System,
    /// A file holding one RFC 3339 time, read anew at each use.
    File(PathBuf),
    /// A time that only a test moves.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `unix_seconds` until it is moved.
    pub fn fixed(unix_seconds: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(unix_seconds)))
    }

    /// The present moment. A file that cannot be read, or holds no RFC 3339 time, counts as the
    /// system's time: a test hook must not stop a service.
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(system_seconds()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let read = OffsetDateTime::parse(text.trim(), &Rfc3339);
                Moment(read.map_or_else(|_| system_seconds(), OffsetDateTime::unix_timestamp))
            }
            Self::Fixed(seconds) => Moment(seconds.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward; the others go by themselves.
    pub fn advance(&self, seconds: i64) {
        if let Self::Fixed(now) = self {
            now.fetch_add(seconds, Ordering::SeqCst);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the operating system"
)]
fn system_seconds() -> i64 {
    let now = SystemTime::now();
    let since = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Seconds since 1970. Used to decide; never stored of a reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// The full hour this moment lies in.
    pub fn hour(self) -> Hour {
        Hour(coarse(self.0, 3600))
    }

    /// The day in the city's zone.
    pub fn day(self) -> Day {
        Day(coarse(self.0 + CITY_OFFSET_SECONDS, 86_400))
    }
}

fn coarse(seconds: i64, unit: i64) -> u32 {
    u32::try_from(seconds.div_euclid(unit)).unwrap_or(0)
}

/// Hours since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(pub u32);

impl Hour {
    /// The day in the city's zone.
    pub fn day(self) -> Day {
        Moment(i64::from(self.0) * 3600).day()
    }
}

/// Days since 1970 in the city's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u32);

impl Day {
    /// `days` later.
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_the_city() {
        let eve = OffsetDateTime::parse("2026-10-08T23:59:59+08:00", &Rfc3339).unwrap();
        let eve = Moment(eve.unix_timestamp());
        assert_eq!(Moment(eve.0 + 1).day(), eve.day().plus(1));
        assert_eq!(Moment(eve.0 - 3600).day(), eve.day());
    }

    #[test]
    fn a_file_clock_is_read_anew() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clock = Clock::File(file.path().into());
        std::fs::write(file.path(), "1970-01-01T01:00:00Z\n").unwrap();
        assert_eq!(clock.now().hour(), Hour(1));
        std::fs::write(file.path(), "1970-01-01T05:00:00Z").unwrap();
        assert_eq!(clock.now().hour(), Hour(5));
    }
}
