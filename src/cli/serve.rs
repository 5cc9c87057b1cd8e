//! `shudong serve`: the service, from its settings.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{Outcome, run};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::keyring::Keyring;
use crate::storage::Store;
use crate::telemetry::{self, Figures};

/// Example: shudong serve --config /etc/shudong/shudong.toml
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The settings; deploy/shudong.example.toml explains each
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub(super) async fn run(self) -> Outcome {
        let config = Config::load(&self.config, std::env::vars())?;
        telemetry::start(&config.service.log, std::io::stderr)?;
        let clock = Clock::System;
        let app = App {
            keyring: Arc::new(Keyring::load(&config.storage.keyring)?),
            store: Store::open(&config.storage.database).await?,
            figures: Arc::new(Figures::new(clock.clone())),
            config: Arc::new(config),
            clock,
        };
        run::until_stopped(app, |_| Ok(())).await
    }
}
