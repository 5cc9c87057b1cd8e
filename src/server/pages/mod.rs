//! HTML: each screen one .rs and one .html.

mod desk;
mod failed;
mod guide;
mod plain;
mod thread;
mod visit;
#[cfg(test)]
mod wording;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::server::headers;
use crate::server::plain::MOST_WORDS;
use words::{Words, languages};

/// Every page.
pub(super) fn router(app: &App) -> Router<App> {
    let desk = Router::new()
        .route("/desk", get(desk::desk))
        .route("/desk/cases/{id}", get(desk::desk));
    let pages = headers::with_pictures(desk);
    let visitors = languages().map(|words| failed::in_words(visitors(words), app, words));
    visitors.into_iter().fold(pages, Router::merge)
}

fn visitors(words: &'static Words) -> Router<App> {
    let at = |path: &str| format!("{}{path}", words.prefix);
    let root = if words.prefix.is_empty() {
        "/"
    } else {
        words.prefix
    };
    // Nothing in these documents is a visitor's, so compressing them tells nothing.
    let documents = Router::new()
        .route(root, get(move |app| visit::root(app, words)))
        .route(
            &at("/help"),
            get(move |app| guide::page(app, words, "help")),
        )
        .route(
            &at("/privacy"),
            get(move |app| guide::page(app, words, "privacy")),
        )
        .route(&at("/return"), get(move |app| visit::to_return(app, words)))
        .route(
            &at("/s/{code}"),
            get(move |app, code| visit::school(app, code, words, "landing")),
        )
        .route(
            &at("/s/{code}/tell"),
            get(move |app, code| visit::school(app, code, words, "who")),
        )
        .layer(CompressionLayer::new());
    let documents = headers::with_pictures(documents);
    documents.merge(without_script(words)).route(
        &at("/find"),
        post(move |app, form| visit::find(app, form, words)),
    )
}

/// Forms that the server seals or opens in memory. One with photos bounds its body itself.
fn without_script(words: &'static Words) -> Router<App> {
    let at = |path: &str| format!("{}{path}", words.prefix);
    Router::new()
        .route(
            &at("/return"),
            post(move |app, form| thread::open(app, form, words)),
        )
        .route(
            &at("/s/{code}/plain"),
            get(move |app, code| plain::form(app, code, words))
                .post(move |app, code, form| plain::tell(app, code, form, words)),
        )
        .layer(DefaultBodyLimit::max(MOST_WORDS))
}
