//! Connections: time-outs for slow peers, and an end that lets answers finish.

use std::io;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Longest that a stop waits for answers under way.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after a failed accept (too many open files), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` changes, then lets connections finish for at most ten seconds.
///
/// `header_seconds` bounds both a request's head and an idle connection: a peer that trickles
/// bytes, or sends none, is let go. The peer's address is dropped here and reaches nothing.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    header_seconds: u64,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        match accepted {
            Ok((stream, _address)) => connection(stream, &router, header_seconds, &graceful),
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    router: &Router,
    header_seconds: u64,
    graceful: &GracefulShutdown,
) {
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(header_seconds))
        .serve_connection(
            TokioIo::new(stream),
            TowerToHyperService::new(router.clone()),
        );
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        // A connection that ends badly is its peer's affair; its error would tell of a visitor.
        let _ = watched.await;
    });
}

async fn pause(error: &io::Error) {
    tracing::warn!(detail = %error.kind(), "a connection could not be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
