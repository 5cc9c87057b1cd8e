//! The settings of a deployment: a TOML file, overridden by `SHUDONG_SECTION__KEY`.
//!
//! Every mistake is collected and named at once. Secrets stay out of `Debug`.

mod reader;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::storage::Place;
use reader::Reader;

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the service listens and how long it waits.
    pub service: Service,
    /// Where data and keys lie.
    pub storage: Storage,
    /// When letters reach the desks.
    pub letters: Letters,
    /// The members' side.
    pub desk: Desk,
    /// Time limits of the procedure, in days.
    pub limits: Limits,
    /// The visitors' side.
    pub visitor: Visitor,
    /// Who runs this deployment, for the footer.
    pub operator: Operator,
}

/// Listeners and time-outs.
#[derive(Clone, Debug)]
pub struct Service {
    /// Address of the pages and the API.
    pub listen: SocketAddr,
    /// Address of the metrics; none if absent.
    pub metrics: Option<SocketAddr>,
    /// What is logged, in `tracing`'s filter syntax.
    pub log: String,
    /// Seconds for a request's head to arrive; also how long an idle connection is kept.
    pub header_seconds: u64,
    /// Seconds between two pieces of a request's body.
    pub body_seconds: u64,
}

/// Database and keyring.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The database.
    pub database: Place,
    /// The at-rest keyring's file.
    pub keyring: PathBuf,
    /// MiB of free space below which no letters are taken in; for SQLite alone.
    pub floor_mib: u64,
}

/// The hourly tick and the exchange's least duration.
#[derive(Clone, Debug)]
pub struct Letters {
    /// Seconds from one tick to the next.
    pub tick_seconds: u32,
    /// Least age in seconds of a letter that a tick delivers.
    pub least_age_seconds: u32,
    /// Milliseconds every exchange takes at least.
    pub hold_ms: u64,
    /// MiB of files that one case takes.
    pub evidence_mib: u32,
}

/// Sessions of members.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Seconds without a touch after which a desk locks.
    pub idle_seconds: u32,
    /// Seconds after which an inbox asks for news.
    pub refresh_seconds: u32,
    /// Sign-in attempts a minute for one account.
    pub guesses_per_minute: u32,
}

/// Limits in days, each with its source and who confirmed it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From delivery to somebody's first look.
    pub acknowledge_days: u32,
    /// From the start of the procedure to the end of the investigation.
    pub investigate_days: u32,
    /// Who confirmed the limits, and when; empty while nobody has.
    pub confirmed: String,
}

/// What visitors see.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Where "leave" leads.
    pub leave_url: String,
    /// Help-line numbers, most urgent first.
    pub help_lines: Vec<String>,
}

/// The footer's facts; empty ones are left out.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Who runs the service.
    pub name: String,
    /// Their telephone.
    pub phone: String,
    /// ICP filing number.
    pub icp: String,
    /// Public-security filing number.
    pub police: String,
}

/// Why the settings cannot be used: one line a mistake.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads a file; relative paths in it start at its folder.
    ///
    /// # Errors
    /// Every mistake at once: unknown settings, wrong types, values out of range.
    pub fn load(
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(vec![format!("{}: {error}", path.display())]))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, environment, folder)
    }

    /// As [`Config::load`], from the text itself.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
        folder: &Path,
    ) -> Result<Self, ConfigError> {
        let mut from = Reader::new(text, environment)?;
        let config = Self {
            service: Service {
                listen: from.parsed("service", "listen", "127.0.0.1:8080"),
                metrics: from.optional("service", "metrics"),
                log: from.text("service", "log", "shudong=info,warn"),
                header_seconds: from.number("service", "header_seconds", 15, 1..=300),
                body_seconds: from.number("service", "body_seconds", 30, 1..=300),
            },
            storage: Storage {
                database: place(&from.text("storage", "database", "shudong.db"), folder),
                keyring: folder.join(from.text("storage", "keyring", "keyring")),
                floor_mib: from.number("storage", "floor_mib", 256, 0..=1_048_576),
            },
            letters: Letters {
                tick_seconds: from.number("letters", "tick_seconds", 3600, 1..=86_400),
                least_age_seconds: from.number("letters", "least_age_seconds", 1800, 0..=86_400),
                hold_ms: from.number("letters", "hold_ms", 1000, 0..=10_000),
                evidence_mib: from.number("letters", "evidence_mib", 200, 1..=4096),
            },
            desk: Desk {
                idle_seconds: from.number("desk", "idle_seconds", 1800, 60..=43_200),
                refresh_seconds: from.number("desk", "refresh_seconds", 30, 1..=3600),
                guesses_per_minute: from.number("desk", "guesses_per_minute", 20, 1..=1000),
            },
            limits: Limits {
                acknowledge_days: from.number("limits", "acknowledge_days", 1, 1..=60),
                investigate_days: from.number("limits", "investigate_days", 10, 1..=180),
                confirmed: from.text("limits", "confirmed", ""),
            },
            visitor: Visitor {
                leave_url: from.text("visitor", "leave_url", "https://www.baidu.com/"),
                help_lines: from.texts(
                    "visitor",
                    "help_lines",
                    &["110", "120", "12356", "12355", "12309", "12345", "12338"],
                ),
            },
            operator: Operator {
                name: from.text("operator", "name", ""),
                phone: from.text("operator", "phone", ""),
                icp: from.text("operator", "icp", ""),
                police: from.text("operator", "police", ""),
            },
        };
        from.finish()?;
        Ok(config)
    }
}

/// A PostgreSQL URL, or a file beside the settings.
pub fn place(text: &str, folder: &Path) -> Place {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        Place::Postgres(text.to_owned())
    } else {
        let file = text
            .strip_prefix("sqlite://")
            .or(text.strip_prefix("sqlite:"))
            .unwrap_or(text);
        Place::Sqlite(folder.join(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::parse(text, environment, Path::new("/srv"))
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let error = parse(
            "[service]\nlisten = 'nowhere'\nlissen = 1\n[letters]\ntick_seconds = 0\n[desk]\nidle_seconds = 'x'\n",
            &[("SHUDONG_LIMITS__ACKNOWLEDGE_DAYS", "many"), ("SHUDONG_NO__SUCH", "1")],
        )
        .unwrap_err();
        let text = error.to_string();
        for name in [
            "service.listen",
            "service.lissen",
            "letters.tick_seconds",
            "desk.idle_seconds",
            "limits.acknowledge_days",
            "no.such",
        ] {
            assert!(text.contains(name), "{name} is missing from:\n{text}");
        }
        assert_eq!(error.0.len(), 6);
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = parse(
            "[letters]\ntick_seconds = 60",
            &[
                ("SHUDONG_LETTERS__TICK_SECONDS", "7"),
                ("SHUDONG_WEB_DIST", "/x"),
            ],
        )
        .unwrap();
        assert_eq!(config.letters.tick_seconds, 7);
        assert_eq!(
            config.storage.database,
            Place::Sqlite("/srv/shudong.db".into())
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let config = parse("[storage]\ndatabase = 'postgres://u:hunter2@h/d'", &[]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
