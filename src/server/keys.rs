//! `GET /s/{code}/keys`: what a visitor's page verifies before it seals.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use crate::app::App;
use crate::directory::{self, DirectoryError};
use crate::jobs;

/// Always 28,672 bytes.
pub(super) async fn keys(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let document = current(&app, &code).await?;
    let media = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((media, document).into_response())
}

/// The document of an organisation, by its code.
pub(super) async fn current(app: &App, code: &str) -> Result<Vec<u8>, Failure> {
    let document = match document(app, code).await {
        // The week's key is missing just after a jump of the clock: make it, then ask again.
        Err(DirectoryError::Missing) => {
            let made = jobs::keep_intake_key(app).await;
            made.map_err(|_| Failure::Unavailable)?;
            document(app, code).await
        }
        done => done,
    };
    document
        .map_err(directory_failure)?
        .ok_or(Failure::NotFound)
}

async fn document(app: &App, code: &str) -> Result<Option<Vec<u8>>, DirectoryError> {
    if !directory::code::is_valid(code) {
        return Ok(None);
    }
    let mut tx = app.store.read().await?;
    let Some(about) = directory::organisation(&mut tx, code).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    directory::keys_document(&mut tx, &mut app.rng(), &about, now)
        .await
        .map(Some)
}

/// A directory error as a failure.
pub(crate) fn directory_failure(error: DirectoryError) -> Failure {
    match error {
        DirectoryError::Storage(error) => error.into(),
        DirectoryError::Damaged(_) => Failure::Internal("a stored statement is damaged"),
        DirectoryError::Missing => Failure::Unavailable,
    }
}
