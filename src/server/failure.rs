//! The only table of failures and their status codes.

use std::any::Any;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::storage::StorageError;

/// Media type of a problem document (RFC 9457).
pub(crate) const PROBLEM: &str = "application/problem+json";

/// Why a request was not done. Bodies are constant: no input is echoed, no cause is told.
#[derive(Debug)]
pub enum Failure {
    /// Not of the form this address takes.
    Malformed,
    /// Nothing here, or nothing for this member: the two are one answer.
    NotFound,
    /// More bytes than this address takes.
    TooLarge,
    /// No session, or one that ended.
    Unauthenticated,
    /// Account or passphrase are wrong; which one is not told.
    SignInFailed,
    /// A request that did not come from our own page.
    Forbidden,
    /// Somebody else was first.
    Conflict,
    /// Too much at once; the same request may be sent again.
    Busy,
    /// The database does not answer; nothing was stored.
    Unavailable,
    /// A fault of ours. The text goes to the log, once, and must hold no personal data.
    Internal(&'static str),
}

impl Failure {
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "Malformed request"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first"),
            Self::SignInFailed => (StatusCode::UNAUTHORIZED, "sign-in-failed", "Sign-in failed"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "Somebody else was first"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy, try again"),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available now",
            ),
            Self::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal error",
            ),
        }
    }

    /// Writes a fault of ours into the log; once for each, where it becomes an answer or a page's words.
    pub(super) fn log(&self) {
        if let Self::Internal(detail) = self {
            tracing::error!(detail, "a request failed");
        }
    }

    /// The stable last part of the problem's type.
    pub fn word(&self) -> &'static str {
        self.parts().1
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        // The text of a database error names tables and keys of ours, never a visitor's words:
        // statements are constant and values are bound.
        tracing::error!(detail = %error, "the database failed");
        Self::Unavailable
    }
}

/// The answer to a request whose handling panicked. What the panic says is told to nobody.
pub(super) fn after_panic(_: Box<dyn Any + Send>) -> Response {
    Failure::Internal("handling it ended in a panic").into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.log();
        let (status, word, title) = self.parts();
        let body = Json(json!({
            "type": format!("/problems/{word}"), "title": title, "status": status.as_u16()
        }));
        (status, [(header::CONTENT_TYPE, PROBLEM)], body).into_response()
    }
}
