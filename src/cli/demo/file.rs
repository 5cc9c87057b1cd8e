//! What the demo writes for people and programs: `city.json` to continue, `demo.json` when ready.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::cli::run::Bound;
use crate::storage::Place;

/// The city as it was founded.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct City {
    pub(super) organisations: Vec<Organisation>,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Organisation {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// The parent's code.
    pub(super) parent: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) city_run: bool,
    pub(super) working: bool,
    /// Fragment of the poster's address.
    pub(super) pin: String,
    /// Address of the visitor's page, known once the demo listens.
    #[serde(default)]
    pub(super) address: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Member {
    /// The organisation's code.
    pub(super) organisation: String,
    pub(super) organisation_name: String,
    pub(super) name: String,
    pub(super) role: u8,
    pub(super) account: String,
    pub(super) passphrase: String,
    pub(super) recovery_code: String,
    pub(super) totp_secret: Option<String>,
}

const CITY: &str = "city.json";

impl City {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(folder.join(CITY))?)?)
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write(folder, CITY, &serde_json::to_vec_pretty(self)?)
    }
}

/// `demo.json`.
#[derive(Serialize)]
pub(super) struct DemoFile {
    version: u8,
    address: String,
    metrics: Option<String>,
    database: String,
    mail: String,
    keyring: String,
    #[serde(flatten)]
    city: City,
}

impl DemoFile {
    pub(super) fn new(app: &App, city: &City, folder: &Path, bound: &Bound) -> Self {
        let mut city = city.clone();
        for organisation in &mut city.organisations {
            organisation.address = format!("{}/s/{}", bound.address, organisation.code);
        }
        let database = match &app.config.storage.database {
            Place::Sqlite(path) => format!("sqlite://{}", path.display()),
            Place::Postgres(url) => url.clone(),
        };
        Self {
            version: 1,
            address: bound.address.clone(),
            metrics: bound.metrics.clone(),
            database,
            mail: folder.join("mail").display().to_string(),
            keyring: app.config.storage.keyring.display().to_string(),
            city,
        }
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write(folder, "demo.json", &serde_json::to_vec_pretty(self)?)
    }
}

/// Whole or not at all, readable by its owner alone.
fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(fresh, folder.join(name))
}
