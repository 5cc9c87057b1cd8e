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
    /// The root of a receipt's keys; `None` if too many wait.
    pub async fn root(&self, receipt: &Receipt, deployment: [u8; 16]) -> Option<ReceiptRoot> {
        let receipt = receipt.clone();
        self.run(move || receipt.root(&deployment)).await
    }

    /// Does work in its turn; `None` if too many wait. The turn lasts until the work ends, also if
    /// whoever asked has gone.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let turn = timeout(LONGEST, self.running.clone().acquire_owned()).await;
        let turn = turn.ok()?.ok()?;
        let work = move || {
            let done = work();
            drop((turn, place));
            done
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// How many run, and how many did at most.
    #[derive(Default)]
    struct Seen {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    impl Seen {
        /// Work that takes long enough to meet other work.
        fn work(self: &Arc<Self>) -> impl FnOnce() + Send + use<> {
            let seen = self.clone();
            move || {
                let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
                seen.most.fetch_max(now, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(40));
                seen.now.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    #[tokio::test]
    async fn two_run_at_once_and_no_third_also_when_askers_leave() {
        let (turns, seen) = (Arc::new(Turns::default()), Arc::new(Seen::default()));
        let ask = || {
            let (turns, work) = (turns.clone(), seen.work());
            tokio::spawn(async move { turns.run(work).await })
        };
        let gone: Vec<_> = (0..2).map(|_| ask()).collect();
        let both_run = async {
            while seen.most.load(Ordering::SeqCst) < 2 {
                tokio::task::yield_now().await;
            }
        };
        timeout(LONGEST, both_run).await.unwrap();
        gone.iter().for_each(|asker| asker.abort());
        let askers: Vec<_> = (0..6).map(|_| ask()).collect();
        for asker in askers {
            assert!(asker.await.unwrap().is_some());
        }
        assert_eq!(seen.most.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn whoever_comes_after_thirty_that_wait_is_told_at_once() {
        let turns = Arc::new(Turns::default());
        let running = turns.running.clone().acquire_many_owned(2).await;
        let ask = || {
            let turns = turns.clone();
            tokio::spawn(async move { turns.run(|| ()).await })
        };
        let waiting: Vec<_> = (0..32).map(|_| ask()).collect();
        tokio::task::yield_now().await;
        assert_eq!(turns.run(|| ()).await, None);
        drop(running);
        for asker in waiting {
            assert!(asker.await.unwrap().is_some());
        }
    }
}
