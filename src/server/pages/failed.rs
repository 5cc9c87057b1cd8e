//! What a visitor gets in the place of a problem document: a page in their language, with the numbers.

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};

use super::words::Words;
use crate::app::App;
use crate::config::Config;
use crate::server::failure::PROBLEM;
use crate::server::{assets, constant};

#[derive(Template)]
#[template(path = "failed.html")]
struct FailedPage<'a> {
    words: &'a Words,
    /// The fault is the service's, not the request's.
    ours: bool,
    /// The address may be asked for once more as it is.
    again: bool,
    config: &'a Config,
    icon: &'static str,
    css: &'static str,
}

impl FailedPage<'_> {
    fn t(&self, key: &str) -> &str {
        self.words.get(key)
    }

    fn line(&self, number: &str) -> &str {
        self.t(&format!("line.{number}"))
    }
}

/// Lays the page over every failure of `router`. It says nothing of what was asked for or sent.
pub(super) fn in_words(router: Router<App>, app: &App, words: &'static Words) -> Router<App> {
    let config = app.config.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let config = config.clone();
        let again = request.method() == Method::GET;
        async move {
            let response = constant(next.run(request).await).await;
            page(&config, words, again, response)
        }
    }))
}

fn page(config: &Config, words: &Words, again: bool, response: Response) -> Response {
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE);
    if media.is_none_or(|media| media != PROBLEM) {
        return response;
    }
    let html = FailedPage {
        words,
        ours: status.is_server_error(),
        again,
        config,
        icon: assets::address("icon.svg"),
        css: assets::address("report.css"),
    };
    match html.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => response,
    }
}
