//! A form's body in memory: bounded for each form and for all of them, overwritten when it goes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Bytes of words in one form: twenty times what a letter takes, so that words which are too long come
/// back. They take none of the common room: words find a place also where photos do not.
pub(crate) const MOST_WORDS: usize = 192 * 1024;
/// Bytes of photos in one form.
pub(super) const MOST_TOGETHER: usize = 20 << 20;
/// Held of one form.
const MOST_HELD: usize = MOST_TOGETHER + MOST_WORDS;
/// Read of one form: a browser shows an answer only after it has sent all, so more than is held is
/// taken and dropped.
const MOST_READ: usize = 64 << 20;
/// Held of all forms together.
const COMMON: usize = 128 << 20;
/// A form takes no longer to come in, however steadily it does.
pub(super) const LONGEST: Duration = Duration::from_secs(300);

/// The memory that forms with photos share.
#[derive(Debug)]
pub(super) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(COMMON)))
    }
}

impl Room {
    /// A part of it; `None` if so much is not left.
    pub(super) fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        self.0.clone().try_acquire_many_owned(bytes).ok()
    }

    /// Takes all of it.
    pub(super) fn all(&self) -> Option<OwnedSemaphorePermit> {
        self.take(COMMON)
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// All of it is held.
    #[default]
    Whole,
    /// It is more than one form may hold; the beginning, where the words are, is held.
    TooMuch,
    /// Other forms hold too much; the beginning, where the words are, is held.
    NoRoom,
    /// It broke off, or took too long.
    Cut,
}

/// A body.
#[derive(Default)]
pub(super) struct Held {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) end: End,
    room: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Reads a body to its end, or as much of it as comes within `longest`.
    pub(super) async fn read(body: Body, room: &Room, longest: Duration) -> Self {
        let mut held = Self::default();
        if timeout(longest, held.fill(body, room)).await.is_err() {
            held.end = End::Cut;
        }
        held
    }

    async fn fill(&mut self, mut body: Body, room: &Room) {
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                self.end = End::Cut;
                return;
            };
            let piece = frame.into_data().unwrap_or_default();
            read += piece.len();
            self.take(&piece, room);
            if read > MOST_READ {
                return;
            }
        }
    }

    /// Holds a piece if there is room for it. Otherwise no photo can be used any more: the words, which
    /// come first, are kept, and all that comes after is dropped.
    fn take(&mut self, piece: &[u8], room: &Room) {
        if self.end != End::Whole {
            return;
        }
        let (after, paid) = (self.bytes.len() + piece.len(), self.paid());
        if after > MOST_HELD {
            return self.keep_words(piece, End::TooMuch);
        }
        match room.take(after.saturating_sub(MOST_WORDS + paid)) {
            Some(more) => {
                self.pay(more);
                self.keep(piece);
            }
            None => self.keep_words(piece, End::NoRoom),
        }
    }

    fn keep_words(&mut self, piece: &[u8], end: End) {
        self.end = end;
        let room = MOST_WORDS.saturating_sub(self.bytes.len());
        self.keep(&piece[..piece.len().min(room)]);
        let words = self.bytes.len().min(MOST_WORDS);
        self.bytes = Zeroizing::new(self.bytes[..words].to_vec());
        self.room = None;
    }

    /// Overwrites what is held and gives its room back.
    pub(super) fn forget(&mut self) {
        self.bytes = Zeroizing::default();
        self.room = None;
    }

    fn paid(&self) -> usize {
        self.room
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn pay(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.room {
            Some(room) => room.merge(more),
            None => self.room = Some(more),
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        let length = self.bytes.len() + piece.len();
        // Grown by hand: the old place is overwritten before it is given back.
        if length > self.bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * self.bytes.len())));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::body::{Bytes, HttpBody};
    use http_body_util::BodyExt;
    use hyper::body::Frame;

    use super::*;

    async fn read(bytes: usize, room: &Room) -> Held {
        Held::read(Body::from(vec![7; bytes]), room, LONGEST).await
    }

    #[tokio::test]
    async fn words_find_a_place_where_photos_do_not() {
        let room = Room::default();
        let all = room.all();
        assert_eq!(read(MOST_WORDS, &room).await.end, End::Whole);
        let held = read(MOST_WORDS + 1, &room).await;
        assert_eq!((held.end, held.bytes.len()), (End::NoRoom, MOST_WORDS));
        drop(all);
        let held = read(MOST_WORDS + 1, &room).await;
        assert_eq!((held.end, held.bytes.len()), (End::Whole, MOST_WORDS + 1));
        assert!(room.all().is_none(), "it holds its part");
        drop(held);
        assert!(room.all().is_some(), "and gives it back");
    }

    #[tokio::test]
    async fn of_too_much_the_beginning_is_held() {
        let room = Room::default();
        assert_eq!(read(MOST_HELD, &room).await.end, End::Whole);
        for bytes in [MOST_HELD + 1, MOST_READ + 1] {
            let held = read(bytes, &room).await;
            assert_eq!((held.end, held.bytes.len()), (End::TooMuch, MOST_WORDS));
            assert!(room.all().is_some(), "and takes no room from others");
        }
    }

    /// Sends one piece, then nothing and no end.
    struct Silent(Option<Bytes>);

    impl HttpBody for Silent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let piece = self.0.take().map(|piece| Ok(Frame::data(piece)));
            piece.map_or(Poll::Pending, |piece| Poll::Ready(Some(piece)))
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_cut_and_its_beginning_held() {
        let silent = Silent(Some(Bytes::from_static(b"words"))).boxed();
        let room = Room::default();
        let held = Held::read(Body::new(silent), &room, Duration::from_millis(50)).await;
        assert_eq!((held.end, &held.bytes[..]), (End::Cut, &b"words"[..]));
    }
}
