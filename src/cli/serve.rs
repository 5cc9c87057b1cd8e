//! `shudong serve`: the service, from its settings.

use std::path::PathBuf;

use clap::Args;

use super::{Outcome, run};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::storage::Store;
use crate::{keyring, telemetry};

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
        let store = Store::open(&config.storage.database).await?;
        let keyring = keyring::load(&config.storage.keyring)?;
        let app = App::new(store, Clock::System, keyring, config);
        run::until_stopped(app, |_| Ok(())).await
    }
}
