//! Running an assembled service until it is told to stop. Both `serve` and `demo` end up here.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::Outcome;
use crate::app::App;
use crate::{jobs, server};

/// Where a running service can be reached.
pub(super) struct Bound {
    /// Of the pages, as a browser takes it.
    pub(super) address: String,
    /// Of the metrics, if they have a listener.
    pub(super) metrics: Option<String>,
}

/// Binds, calls `when_bound`, prints `ready …`, and serves until SIGTERM or SIGINT.
pub(super) async fn until_stopped(app: App, when_bound: impl FnOnce(&Bound) -> Outcome) -> Outcome {
    let service = app.config.service.clone();
    let pages = bind(service.listen).await?;
    let metrics = match service.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let bound = Bound {
        address: url(&pages)?,
        metrics: metrics
            .as_ref()
            .map(url)
            .transpose()?
            .map(|url| format!("{url}/metrics")),
    };
    let (stop, stopped) = watch::channel(false);
    let jobs = tokio::spawn(jobs::run(app.clone(), stopped.clone()));
    if let Some(listener) = metrics {
        let router = server::metrics(app.clone());
        tokio::spawn(server::listen::serve(
            listener,
            router,
            service.header_seconds,
            stopped.clone(),
        ));
    }
    let router = server::router(app.clone());
    let serving = tokio::spawn(server::listen::serve(
        pages,
        router,
        service.header_seconds,
        stopped,
    ));
    // The first transaction proves what /readyz will say.
    drop(app.store.read().await?);
    when_bound(&bound)?;
    println!("ready {}", bound.address);
    told_to_stop().await?;
    stop.send_replace(true);
    // The text of a panic must not become the command's error.
    let whole = [serving.await, jobs.await].iter().all(Result::is_ok);
    if !whole {
        return Err("a part of the service ended in a panic".into());
    }
    app.store.close().await;
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))
}

/// `__Secure-` cookies and the browser's cryptography work on plain HTTP only under the name
/// `localhost`.
fn url(listener: &TcpListener) -> Result<String, std::io::Error> {
    let address = listener.local_addr()?;
    Ok(
        match address.ip().is_loopback() || address.ip().is_unspecified() {
            true => format!("http://localhost:{}", address.port()),
            false => format!("http://{address}"),
        },
    )
}

async fn told_to_stop() -> Result<(), std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
