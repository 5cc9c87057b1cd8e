//! Argon2 and photos on the server: few at once, and a queue that ends.

use std::sync::Arc;
use std::time::Duration;

use shudong_envelope::receipt::{Receipt, ReceiptRoot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::held::Room;

/// Each takes 64 MiB.
const AT_ONCE: usize = 2;
/// Whoever comes after these is told at once.
const MOST_WAITING: usize = 30;
const LONGEST: Duration = Duration::from_secs(15);

/// Turns at deriving a receipt's keys and at decoding photos.
#[derive(Debug)]
pub struct Turns {
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// One: a large photo takes hundreds of MiB while it is decoded.
    drawing: Arc<Semaphore>,
    /// What bounds those who wait with photos.
    pub(super) room: Room,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + MOST_WAITING)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            drawing: Arc::new(Semaphore::new(1)),
            room: Room::default(),
        }
    }
}

impl Turns {
    /// The root of a receipt's keys; `None` if too many wait. The turn lasts until the work ends,
    /// also if whoever asked has gone.
    pub async fn root(&self, receipt: &Receipt, deployment: [u8; 16]) -> Option<ReceiptRoot> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let turn = timeout(LONGEST, self.running.clone().acquire_owned()).await;
        let turn = turn.ok()?.ok()?;
        let receipt = receipt.clone();
        let work = move || {
            let root = receipt.root(&deployment);
            drop((turn, place));
            root
        };
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// The turn at decoding a photo; `None` if it does not come soon enough.
    pub(super) async fn drawing(&self) -> Option<OwnedSemaphorePermit> {
        let turn = timeout(LONGEST, self.drawing.clone().acquire_owned()).await;
        turn.ok()?.ok()
    }

    /// Takes all memory for photos until the guard is dropped, as a crowd would.
    pub fn crowd_of_photos(&self) -> Option<OwnedSemaphorePermit> {
        self.room.all()
    }

    /// Takes every place until the guard is dropped, as a crowd would.
    pub fn crowd(&self) -> Option<OwnedSemaphorePermit> {
        self.places
            .clone()
            .try_acquire_many_owned((AT_ONCE + MOST_WAITING) as u32)
            .ok()
    }
}
