//! `shudong demo`: a city to try, founded by the verbs a real deployment uses. Only here are
//! members' keys made in Rust; nothing in the running service knows that it is a demo.

mod city;
mod file;
mod founding;

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use super::Outcome;
use super::run::{self, Bound};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::files::own_folder;
use crate::keyring::{self, Keyring};
use crate::storage::Store;
use crate::{directory, telemetry};
use file::{City, DemoFile};

/// Example: shudong demo --data ./demo --listen 127.0.0.1:8080
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Folder of the demo; one that exists is continued (default: a new temporary folder)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address of the pages; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A PostgreSQL URL instead of the embedded database
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// A file with one RFC 3339 time, read anew at each use: the demo's clock
    #[arg(long, value_name = "FILE")]
    clock_file: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> Outcome {
        let folder = self.folder()?;
        let _held = hold(&folder)?;
        let config = self.config(&folder)?;
        telemetry::start(&config.service.log, std::io::stderr)?;
        let clock = self.clock_file.map_or(Clock::System, Clock::File);
        let keyring = own_keyring(&config.storage.keyring)?;
        let store = Store::open(&config.storage.database).await?;
        let city = continued_or_founded(&store, &keyring, &clock, &folder).await?;
        let app = App::new(store, clock, keyring, config);
        run::until_stopped(app.clone(), |bound| announce(&app, &city, &folder, bound)).await
    }

    fn folder(&self) -> Result<PathBuf, std::io::Error> {
        let folder = match &self.data {
            Some(folder) => {
                own_folder(folder)?;
                folder.clone()
            }
            None => tempfile::Builder::new()
                .prefix("shudong-demo-")
                .tempdir()?
                .keep(),
        };
        own_folder(&folder.join("mail"))?;
        folder.canonicalize()
    }

    /// A demo is a service with other settings: seconds instead of hours.
    fn config(&self, folder: &Path) -> Result<Config, crate::config::ConfigError> {
        let database = self.database.as_deref().unwrap_or("shudong.db");
        let text = format!(
            "[service]\nlisten = '{}'\nmetrics = '127.0.0.1:0'\n\
             [storage]\ndatabase = '{database}'\n\
             [letters]\ntick_seconds = 2\nleast_age_seconds = 0\n\
             [desk]\nrefresh_seconds = 5\n\
             [operator]\nname = '云溪市教育局学校安全与法规科（演示）'\nphone = '0000-0000000'\n",
            self.listen
        );
        Config::parse(&text, std::env::vars(), folder)
    }
}

/// Two processes on one folder would both be the demo's only writer.
fn hold(folder: &Path) -> Result<File, String> {
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.try_lock()
        .map_err(|_| format!("{} is in use by another demo", folder.display()))?;
    Ok(lock)
}

fn own_keyring(path: &Path) -> Result<Keyring, keyring::KeyringError> {
    if path.exists() {
        keyring::load(path)
    } else {
        keyring::make(path, &mut UnwrapErr(SysRng))
    }
}

async fn continued_or_founded(
    store: &Store,
    keyring: &Keyring,
    clock: &Clock,
    folder: &Path,
) -> Result<City, Box<dyn std::error::Error + Send + Sync>> {
    let mut tx = store.begin().await?;
    if directory::deployment(&mut tx).await?.is_some() {
        return City::read(folder).map_err(|_| {
            "the database holds a city already, but this folder does not know its members: \
             give the folder it was made with as --data"
                .into()
        });
    }
    let rng = &mut UnwrapErr(SysRng);
    let city = founding::found(&mut tx, keyring, rng, clock.now().day()).await?;
    directory::keep_current(&mut tx, keyring, rng, clock.now().day()).await?;
    // Before the commit: a city whose passphrases nobody knows would be lost.
    city.write(folder)?;
    tx.commit().await?;
    Ok(city)
}

fn announce(app: &App, city: &City, folder: &Path, bound: &Bound) -> Outcome {
    DemoFile::new(app, city, folder, bound).write(folder)?;
    println!("Shudong demo city. Everything is in {}", folder.display());
    println!(
        "Letters reach the desks after {} s.\n",
        app.config.letters.tick_seconds
    );
    println!("Visitors (as from a poster's QR code):");
    for organisation in city
        .organisations
        .iter()
        .filter(|one| one.kind == "school" && one.working)
    {
        println!(
            "  {}  {}/s/{}#{}",
            organisation.name, bound.address, organisation.code, organisation.pin
        );
    }
    println!(
        "  all schools  {}/\n\nMembers sign in at {0}/desk:",
        bound.address
    );
    for member in &city.members {
        println!(
            "  {}  {}  account {}  passphrase {}",
            member.organisation_name, member.name, member.account, member.passphrase
        );
    }
    println!();
    Ok(())
}
