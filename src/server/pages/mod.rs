//! HTML: each screen one .rs and one .html.

use axum::Router;

use crate::app::App;

/// Every page.
pub(super) fn router() -> Router<App> {
    Router::new()
}
