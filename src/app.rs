//! The parts that a running service holds.

use std::sync::Arc;

use rand::rngs::SysRng;
use rand::rand_core::UnwrapErr;

use crate::clock::Clock;
use crate::config::Config;
use crate::keyring::Keyring;
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
    /// What the metrics listener tells.
    pub figures: Arc<Figures>,
}

impl App {
    /// The operating system's randomness. Panics if it has none: nothing may go on then.
    pub fn rng(&self) -> UnwrapErr<SysRng> {
        UnwrapErr(SysRng)
    }
}
