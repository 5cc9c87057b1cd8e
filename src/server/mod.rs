//! The shell around the rooms: addresses, headers, failures.

pub mod api;
pub(crate) mod assets;
pub(crate) mod exchange;
pub mod failure;
mod headers;
mod health;
pub(crate) mod keys;
pub mod listen;
pub mod pages;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::App;
use failure::Failure;
pub use health::metrics;

/// Largest body of any address but the desk's: one exchange, with room for a refusal of its own.
const LARGEST_BODY: usize = 64 * 1024;

/// Every address of the service.
pub fn router(app: App) -> Router {
    let visitors = Router::new()
        .route("/x", post(exchange::exchange))
        .route("/s/{code}/keys", get(keys::keys))
        .route("/assets/{file}", get(assets::serve))
        .merge(pages::router())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), count));
    let desk = api::router();
    let operators = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    let body_timeout = Duration::from_secs(app.config.service.body_seconds);
    let all = visitors
        .merge(desk)
        .merge(operators)
        .fallback(async || Failure::NotFound)
        .layer(CatchPanicLayer::new())
        .layer(RequestBodyTimeoutLayer::new(body_timeout));
    headers::fixed(all).with_state(app)
}

async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    match request.uri().path() {
        "/x" => app.figures.exchange(),
        _ => app.figures.page(),
    }
    let response = next.run(request).await;
    if response.status().is_server_error() {
        app.figures.failure();
    }
    response
}
