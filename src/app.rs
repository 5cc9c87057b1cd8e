//! The parts that a running service holds.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::Clock;
use crate::config::Config;
use crate::keyring::Keyring;
use crate::server::Readiness;
use crate::server::plain::Turns;
use crate::storage::Store;
use crate::telemetry::Figures;

/// Cheap to clone; every handler gets one.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// The keys at rest.
    pub keyring: Arc<Keyring>,
    /// The settings.
    pub config: Arc<Config>,
    /// Sign-in attempts by account: slowed, never locked.
    pub guesses: Arc<Guesses>,
    /// Turns at Argon2, for reporters without script.
    pub turns: Arc<Turns>,
    /// Whether the database's history may still tell of a tick: a reader kept it, or the process was
    /// killed between the two.
    pub history_owed: Arc<AtomicBool>,
    /// Whether the database could be written a moment ago.
    pub readiness: Arc<Readiness>,
    /// What the metrics listener tells.
    pub figures: Arc<Figures>,
}

/// A budget of guesses for each account's lookup value.
pub type Guesses = governor::DefaultKeyedRateLimiter<[u8; 32]>;

impl App {
    /// Assembles the parts.
    pub fn new(store: Store, clock: Clock, keyring: Keyring, config: Config) -> Self {
        let least = NonZeroU32::MIN;
        let guesses = NonZeroU32::new(config.desk.guesses_per_minute).unwrap_or(least);
        Self {
            store,
            keyring: Arc::new(keyring),
            guesses: Arc::new(Guesses::keyed(governor::Quota::per_minute(guesses))),
            turns: Arc::default(),
            readiness: Arc::default(),
            history_owed: Arc::new(AtomicBool::new(true)),
            figures: Arc::new(Figures::new(clock.clone())),
            config: Arc::new(config),
            clock,
        }
    }

    /// The operating system's randomness. Panics if it has none: nothing may go on then.
    pub fn rng(&self) -> UnwrapErr<SysRng> {
        UnwrapErr(SysRng)
    }
}
