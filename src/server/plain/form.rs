//! A form as it came in: the words, and photos that are not looked at yet.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use tokio::sync::OwnedSemaphorePermit;

use super::held::{End, Held, LONGEST, MOST_TOGETHER, MOST_WORDS};
use super::multipart::Kind;
use super::photo::{Photo, Unfit, redrawn};
use super::{Answers, Refusal, multipart};
use crate::app::App;
use crate::telemetry;

/// Photos of one form.
pub(crate) const MOST_PHOTOS: usize = 5;
/// Bytes of one photo.
const MOST_BYTES: usize = 10 << 20;

/// What a form brought.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) answers: Answers,
    /// Why the rest of it cannot be used, if it cannot.
    pub(crate) refused: Option<Refusal>,
    photos: Vec<Range<usize>>,
    held: Arc<Held>,
    /// The common room's part for what was drawn.
    drawn: Vec<OwnedSemaphorePermit>,
}

impl Form {
    /// Reads a form, with photos or, as pages of old had it, without.
    pub(crate) async fn read(app: &App, request: Request) -> Self {
        let media = request.headers().get(CONTENT_TYPE);
        let media = media.and_then(|media| media.to_str().ok()).unwrap_or("");
        // Without a boundary that can be read it is no form of words either.
        let media_is_of_parts = media
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("multipart/");
        if let Some(boundary) = multipart::boundary(media).map(str::to_owned) {
            let held = Held::read(request.into_body(), &app.turns.room, LONGEST).await;
            return Self::of(held, &boundary);
        }
        match Bytes::from_request(request, app).await {
            Ok(_) if media_is_of_parts => Self::refused(Refusal::Cut),
            Ok(body) => Self {
                answers: Answers::read(&body),
                ..Self::default()
            },
            // No browser's fields hold that much.
            Err(_) => Self::refused(Refusal::TooLong(0)),
        }
    }

    /// A form of which nothing is read.
    fn refused(refusal: Refusal) -> Self {
        Self {
            refused: Some(refusal),
            ..Self::default()
        }
    }

    fn of(held: Held, boundary: &str) -> Self {
        let (mut answers, mut photos) = (Answers::default(), Vec::new());
        let (mut words, mut is_long) = (0, false);
        let (parts, is_closed) = multipart::parts(&held.bytes, boundary);
        for part in parts {
            match part.kind {
                Kind::NoFile => {}
                Kind::File => photos.push(part.at),
                Kind::Words if words + part.name.len() + part.at.len() > MOST_WORDS => {
                    is_long = true;
                }
                Kind::Words => {
                    words += part.name.len() + part.at.len();
                    let name = String::from_utf8_lossy(part.name);
                    answers.add(&name, &String::from_utf8_lossy(&held.bytes[part.at]));
                }
            }
        }
        let end = match held.end {
            End::Whole if !is_closed => End::Cut,
            end => end,
        };
        let too_long = is_long.then_some(Refusal::TooLong(0));
        Self {
            refused: too_long.or(refusal(&photos, end)),
            answers,
            photos,
            held: Arc::new(held),
            drawn: Vec::new(),
        }
    }

    /// Whether photos came with it, as far as that is known.
    pub(crate) fn has_photos(&self) -> bool {
        let lost = [Refusal::Cut, Refusal::Busy, Refusal::MuchPhotos].map(Some);
        !self.photos.is_empty() || lost.contains(&self.refused)
    }

    /// The photos, drawn anew one after the other. What came is forgotten then, and
    /// what was made of it has its own part of the common room.
    ///
    /// # Errors
    /// What is wrong with the form or with one of its photos.
    pub(crate) async fn photos(&mut self, app: &App) -> Result<Vec<Photo>, Refusal> {
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        let mut drawn = Vec::new();
        for (n, at) in (1..).zip(&self.photos) {
            let photo = self.drawn(app, at.clone()).await?;
            let photo = photo.map_err(|unfit| Refusal::Photo(n, unfit))?;
            let room = app.turns.room.take(photo.bytes.len());
            self.drawn.push(room.ok_or(Refusal::Busy)?);
            drawn.push(photo);
        }
        if let Some(held) = Arc::get_mut(&mut self.held) {
            held.forget();
        }
        Ok(drawn)
    }

    /// One photo; a decoder that gives up is a damaged photo.
    async fn drawn(&self, app: &App, at: Range<usize>) -> Result<Result<Photo, Unfit>, Refusal> {
        let turn = app.turns.drawing().await.ok_or(Refusal::Busy)?;
        let held = self.held.clone();
        let work = move || {
            let photo = telemetry::untold(|| redrawn(&held.bytes[at]));
            drop(turn);
            photo
        };
        let done = tokio::task::spawn_blocking(work).await;
        Ok(done.unwrap_or(Err(Unfit::Picture)))
    }
}

/// What is wrong with photos before any is looked at.
fn refusal(photos: &[Range<usize>], end: End) -> Option<Refusal> {
    if photos.len() > MOST_PHOTOS {
        return Some(Refusal::ManyPhotos);
    }
    if let Some(n) = photos.iter().position(|at| at.len() > MOST_BYTES) {
        return Some(Refusal::Photo(n + 1, Unfit::Large));
    }
    match end {
        End::Whole => {
            let together: usize = photos.iter().map(Range::len).sum();
            (together > MOST_TOGETHER).then_some(Refusal::MuchPhotos)
        }
        End::TooMuch => Some(Refusal::MuchPhotos),
        End::NoRoom => Some(Refusal::Busy),
        End::Cut => Some(Refusal::Cut),
    }
}
