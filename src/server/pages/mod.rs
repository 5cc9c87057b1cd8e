//! HTML: each screen one .rs and one .html.

mod desk;
mod guide;
mod visit;
mod words;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::server::headers;
use words::{Words, languages};

/// Every page.
pub(super) fn router() -> Router<App> {
    let desk = Router::new()
        .route("/desk", get(desk::desk))
        .route("/desk/cases/{id}", get(desk::desk));
    let pages = headers::of_desk(desk);
    languages().into_iter().fold(pages, visitors)
}

fn visitors(pages: Router<App>, words: &'static Words) -> Router<App> {
    let at = |path: &str| format!("{}{path}", words.prefix);
    let root = if words.prefix.is_empty() {
        "/"
    } else {
        words.prefix
    };
    pages
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
            &at("/find"),
            post(move |app, form| visit::find(app, form, words)),
        )
        .route(
            &at("/s/{code}"),
            get(move |app, code| visit::school(app, code, words, "landing")),
        )
        .route(
            &at("/s/{code}/tell"),
            get(move |app, code| visit::school(app, code, words, "who")),
        )
}
