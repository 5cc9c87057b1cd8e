//! For operators: is the process alive, can it serve, and its figures.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::app::App;

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.read().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        ),
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
