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
pub mod plain;
mod questions;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::App;
use failure::{Failure, PROBLEM};
pub use health::{Readiness, metrics};

/// Largest body of a page's address: a search, with room for a refusal of its own.
const LARGEST_BODY: usize = 64 * 1024;

/// Largest body of an exchange: a piece of a file, with the same room.
const LARGEST_EXCHANGE: usize = 300 * 1024;

const HTML: &str = "text/html; charset=utf-8";

/// Largest body of the desk's API: sixteen records in base64, with room.
const LARGEST_DESK_BODY: usize = 256 * 1024;

/// Every address of the service.
pub fn router(app: App) -> Router {
    let exchanges = Router::new()
        .route("/x", post(exchange::exchange))
        .layer(DefaultBodyLimit::max(LARGEST_EXCHANGE));
    let visitors = Router::new()
        .route("/s/{code}/keys", get(keys::keys))
        .route("/assets/{file}", get(assets::serve))
        .merge(pages::router(&app))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .merge(exchanges)
        .layer(middleware::from_fn_with_state(app.clone(), count));
    let desk = api::router().layer(DefaultBodyLimit::max(LARGEST_DESK_BODY));
    let operators = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    let body_timeout = Duration::from_secs(app.config.service.body_seconds);
    let all = visitors
        .merge(desk)
        .merge(operators)
        .fallback(async || Failure::NotFound)
        .layer(middleware::map_response(constant))
        .layer(CatchPanicLayer::custom(failure::after_panic))
        .layer(RequestBodyTimeoutLayer::new(body_timeout));
    headers::fixed(all).with_state(app)
}

/// The extractors' own refusals quote what they were sent; ours are constant.
async fn constant(response: Response) -> Response {
    let ours = response.headers().get(header::CONTENT_TYPE);
    let ours = ours.is_some_and(|media| media == PROBLEM || media == HTML);
    match response.status() {
        _ if ours => response,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge.into_response(),
        StatusCode::BAD_REQUEST
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => Failure::Malformed.into_response(),
        _ => response,
    }
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
