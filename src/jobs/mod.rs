//! What a running service does by itself: the tick, the weekly intake key, and forgetting sign-in attempts.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::{directory, tips};

/// Longest pause between two looks at the intake.
const LONGEST_PAUSE: u64 = 15;

/// Runs until `stop` changes. A failure is logged and tried again at the next turn.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let every = u64::from(app.config.letters.tick_seconds).min(LONGEST_PAUSE);
    loop {
        if let Err(failure) = turn(&app).await {
            tracing::error!(job = failure.0, detail = %failure.1, "a job failed");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(every)) => {}
            _ = stop.changed() => return,
        }
    }
}

type Failed = (&'static str, Box<dyn std::error::Error + Send + Sync>);

async fn turn(app: &App) -> Result<(), Failed> {
    // An account whose budget of guesses is whole again is forgotten.
    app.guesses.retain_recent();
    keep_intake_key(app)
        .await
        .map_err(|error| ("intake key", error))?;
    deliver(app).await.map_err(|error| ("tick", error))?;
    let hour = app.clock.now().hour();
    app.store
        .coarsen_times(hour)
        .map_err(|error| ("file times", error.into()))
}

/// Delivers what is due, then removes what the database's history says of the order.
///
/// # Errors
/// If the database fails; what was due is delivered, and history forgotten, at the next turn.
pub async fn deliver(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut tx = app.store.begin().await?;
    let moved = tips::tick(&mut tx, &app.keyring, &mut app.rng(), app.clock.now()).await?;
    tx.commit().await?;
    let chunks = deliver_chunks(app).await?;
    if app.history_owed.swap(false, Ordering::SeqCst) || moved > 0 || chunks > 0 {
        let forgotten = app.store.forget_history().await;
        if !matches!(forgotten, Ok(true)) {
            app.history_owed.store(true, Ordering::SeqCst);
        }
        forgotten?;
    }
    Ok(())
}

/// Delivers chunks of files, a few in each transaction: nobody who writes waits for all of them.
async fn deliver_chunks(app: &App) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let (rng, now) = (&mut app.rng(), app.clock.now());
    let mut last = Some(Vec::new());
    while let Some(after) = last {
        let mut tx = app.store.begin().await?;
        last = tips::deliver_chunks(&mut tx, &app.keyring, rng, now, &after).await?;
        tx.commit().await?;
    }
    let mut tx = app.store.begin().await?;
    let removed = tips::forget_delivered_chunks(&mut tx).await?;
    tx.commit().await?;
    Ok(removed)
}

/// Makes the week's intake key if it is missing.
///
/// # Errors
/// If the database fails or nothing was founded.
pub async fn keep_intake_key(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut tx = app.store.begin().await?;
    directory::keep_current(&mut tx, &app.keyring, &mut app.rng(), app.clock.now().day()).await?;
    tx.commit().await?;
    Ok(())
}
