//! `POST /x`: one length (and one for a piece of a file), one media type, one status, one least
//! duration for everything.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use rand::TryRng;
use shudong_envelope::answer;
use shudong_envelope::evidence::CHUNK;
use shudong_envelope::exchange::{self, AnswerKey, EXCHANGE, Operation, Request};
use tokio::time::Instant;

use super::failure::Failure;
use crate::app::App;
use crate::cases::Limits;
use crate::tips::{self, Tick, TipError};
use crate::{directory, jobs};

/// Tries of a request that meets another writer of the same rows.
const TRIES: usize = 3;

const CHUNKS_A_MIB: i64 = (1 << 20) / CHUNK as i64;

const MEDIA_TYPE: &str = "application/octet-stream";

/// Answers one exchange, after the durable commit and not before the hold has passed.
pub(super) async fn exchange(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let until = Instant::now() + Duration::from_millis(app.config.letters.hold_ms);
    let media = headers
        .get(header::CONTENT_TYPE)
        .map(header::HeaderValue::as_bytes);
    if !exchange::is_length(body.len()) || media != Some(MEDIA_TYPE.as_bytes()) {
        return Err(Failure::Malformed);
    }
    let answer = answer(&app, &body).await;
    tokio::time::sleep_until(until).await;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], answer?).into_response())
}

async fn answer(app: &App, body: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some((request, key)) = open(app, body).await? else {
        return Ok(unreadable(app));
    };
    let plain = perform(app, &request).await?;
    exchange::seal_answer(plain, &key, &mut app.rng())
        .map_err(|_| Failure::Internal("an answer does not fit"))
}

/// What a request gets that does not open: as long as an answer, and as meaningless.
fn unreadable(app: &App) -> Vec<u8> {
    let mut noise = vec![0; EXCHANGE];
    let Ok(()) = app.rng().try_fill_bytes(&mut noise);
    noise
}

async fn open(app: &App, body: &[u8]) -> Result<Option<(Request, AnswerKey)>, Failure> {
    let Ok(key_id) = exchange::key_id(body) else {
        return Ok(None);
    };
    let mut tx = app.store.read().await?;
    let day = app.clock.now().day();
    let seed = directory::opened_by(&mut tx, &app.keyring, &key_id, day)
        .await
        .map_err(|error| tip_failure(error.into()))?;
    Ok(seed.and_then(|seed| exchange::open(body, &seed).ok()))
}

/// The plain answer to an opened request, after the durable commit.
pub(super) async fn perform(app: &App, request: &Request) -> Result<Vec<u8>, Failure> {
    // Two submissions of one tip at one moment meet in the database; the second then finds it.
    for _ in 1..TRIES {
        match once(app, request).await {
            Err(error) if error.is_race() => {}
            done => return done.map_err(tip_failure),
        }
    }
    once(app, request).await.map_err(tip_failure)
}

/// Whether an operation brings something that is kept.
pub(crate) fn stores(operation: &Operation) -> bool {
    match operation {
        Operation::Submit(_) | Operation::Post { .. } | Operation::Chunk(_) => true,
        Operation::Cover | Operation::Fetch { .. } | Operation::Older { .. } => false,
    }
}

async fn once(app: &App, request: &Request) -> Result<Vec<u8>, TipError> {
    let (keyring, now) = (&app.keyring, app.clock.now());
    let rng = &mut app.rng();
    let letters = &app.config.letters;
    let tick = Tick {
        every: i64::from(letters.tick_seconds),
        least_age: i64::from(letters.least_age_seconds),
    };
    if stores(&request.operation) && !app.store.has_room(app.config.storage.floor_mib) {
        // It waits among the writers like a cover, and the answer is sealed: the network sees no difference.
        app.store.begin().await?.commit().await?;
        return Ok(answer::outcome(answer::Outcome::NoRoom, 0));
    }
    match &request.operation {
        // A cover waits in the same queue of writers, and writes nothing.
        Operation::Cover => {
            app.store.begin().await?.commit().await?;
            Ok(Vec::new())
        }
        Operation::Submit(submit) => {
            let mut tx = app.store.begin().await?;
            let urgent = request.urgent;
            let (outcome, hour) =
                tips::submit(&mut tx, keyring, rng, now, tick, submit, urgent).await?;
            finish(tx, outcome).await?;
            if urgent && outcome == answer::Outcome::Stored {
                // If this fails, the next turn delivers it, and says so if it cannot: a line from here
                // would have the second at which somebody wrote that they are in danger.
                let _ = jobs::deliver(app).await;
            }
            Ok(answer::outcome(outcome, hour.0))
        }
        Operation::Post { auth, records } => {
            let mut tx = app.store.begin().await?;
            let (outcome, hour) =
                tips::post(&mut tx, keyring, rng, now, tick, auth, records).await?;
            finish(tx, outcome).await?;
            Ok(answer::outcome(outcome, hour.0))
        }
        Operation::Chunk(chunk) => {
            let mut tx = app.store.begin().await?;
            let most = i64::from(letters.evidence_mib) * CHUNKS_A_MIB;
            let (outcome, hour) =
                tips::chunk(&mut tx, keyring, rng, now, tick, most, chunk).await?;
            finish(tx, outcome).await?;
            Ok(answer::outcome(outcome, hour.0))
        }
        Operation::Fetch { auth } => {
            let mut tx = app.store.begin().await?;
            let plain = tips::fetch(&mut tx, keyring, now, limits(app), auth).await?;
            tx.commit().await?;
            Ok(plain)
        }
        Operation::Older { auth, side, before } => {
            let mut tx = app.store.begin().await?;
            let plain = tips::older(&mut tx, keyring, auth, *side, *before).await?;
            tx.commit().await?;
            Ok(plain)
        }
    }
}

/// What was accepted is made durable; what was not leaves nothing, not even half of a post.
async fn finish(tx: crate::storage::Tx, outcome: answer::Outcome) -> Result<(), TipError> {
    if outcome == answer::Outcome::Stored {
        tx.commit().await?;
    }
    Ok(())
}

/// The deployment's limits.
pub(crate) fn limits(app: &App) -> Limits {
    let limits = &app.config.limits;
    Limits {
        acknowledge: limits.acknowledge_days,
        investigate: limits.investigate_days,
    }
}

fn tip_failure(error: TipError) -> Failure {
    match error {
        TipError::Storage(error) => error.into(),
        TipError::Race => Failure::Busy,
        TipError::Damaged => Failure::Internal("a stored tip is damaged"),
    }
}
