//! The desk's page: an empty shell; everything in it is made in the member's browser.

use askama::Template;
use axum::response::Html;

use crate::server::assets;
use crate::server::failure::Failure;

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    icon: &'static str,
    css: &'static str,
    js: &'static str,
}

/// `/desk` and `/desk/cases/{id}`.
pub(super) async fn desk() -> Result<Html<String>, Failure> {
    let page = DeskPage {
        icon: assets::address("icon.svg"),
        css: assets::address("desk.css"),
        js: assets::address("desk.js"),
    };
    page.render()
        .map(Html)
        .map_err(|_| Failure::Internal("a page does not render"))
}
