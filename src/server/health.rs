//! For operators: is the process alive, can it serve, and its figures.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use tokio::sync::Mutex;

use crate::app::App;
use crate::storage::Store;

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: a letter could be stored.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if !app.store.has_room(app.config.storage.floor_mib) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the disk is full up to the floor in the settings\n",
        );
    }
    match app.readiness.prove(&app.store).await {
        true => (StatusCode::OK, "ready\n"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be written\n",
        ),
    }
}

/// The last proof that the database can be written. Whoever asks often makes it write no oftener.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

/// How long a proof holds.
const HOLDS: Duration = Duration::from_secs(1);

impl Readiness {
    /// Proves it, or tells the last proof while that holds. Those who ask at one moment wait for one proof.
    async fn prove(&self, store: &Store) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, holds)) = *last
            && at.elapsed() < HOLDS
        {
            return holds;
        }
        let holds = store.prove_writable().await.is_ok();
        *last = Some((Instant::now(), holds));
        holds
    }
}

/// The metrics listener's only page.
pub fn metrics(app: App) -> Router {
    Router::new()
        .route("/metrics", get(figures))
        .with_state(app)
}

async fn figures(State(app): State<App>) -> String {
    app.figures.render(app.store.read().await.is_ok())
}
