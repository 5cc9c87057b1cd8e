//! A photo goes into a conversation as a page with script would send it: pieces, then their name.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;
use shudong_envelope::answer::{Outcome, parse_outcome};
use shudong_envelope::evidence::{CHUNK, Place, rounded, seal_chunk};
use shudong_envelope::exchange::{Chunk, Operation};
use shudong_envelope::kdf::hash;
use shudong_envelope::record::Kind;
use zeroize::Zeroizing;

use super::photo::Photo;
use super::thread::Named;
use super::{Letter, MOST_SEALS, Refusal, Thread, ask, hex};
use crate::app::App;

const NAME: &str = "photo.jpg";
const TYPE: &str = "image/jpeg";

/// What the record says that names it.
#[derive(Serialize)]
struct Note {
    v: u8,
    day: u32,
    id: String,
    key: String,
    name: &'static str,
    r#type: &'static str,
    size: usize,
    count: u32,
    hash: String,
}

impl Note {
    /// As the conversation shows it.
    fn letter(&self, seq: u32) -> Letter {
        Letter {
            mine: true,
            seq,
            day: self.day,
            text: String::new(),
            worse: false,
            more: false,
            file: Some(Named {
                name: self.name.to_owned(),
                id: self.id.clone(),
            }),
        }
    }
}

/// A photo as it is sent.
struct File {
    note: Note,
    id: [u8; 16],
    key: Zeroizing<[u8; 32]>,
    rng: StdRng,
}

impl Thread {
    /// Adds photos one after the other, as long as the database is there; the places, from 1, of
    /// those that did not arrive.
    pub(crate) async fn add_all(mut self, app: &App, photos: &[Photo]) -> Vec<usize> {
        let mut missing = Vec::new();
        let mut away = false;
        for (n, photo) in (1..).zip(photos) {
            let added = match away {
                false => self.add(app, photo).await,
                true => Err(Refusal::Unavailable),
            };
            away = added == Err(Refusal::Unavailable);
            if added.is_err() {
                missing.push(n);
            }
        }
        missing
    }

    /// Adds a photo after the newest record that is known here, unless it is there already. If
    /// something else stands in its place, it is written behind that.
    ///
    /// # Errors
    /// Why it did not arrive.
    async fn add(&mut self, app: &App, photo: &Photo) -> Result<(), Refusal> {
        let mut file = self.file(app, photo)?;
        if self.names(&file.note.id) {
            return Ok(());
        }
        self.send_pieces(app, photo, &mut file).await?;
        for _ in 0..MOST_SEALS {
            if self.names(&file.note.id) || self.announce(app, &file.note).await? {
                return Ok(());
            }
            self.refresh(app).await?;
        }
        Err(Refusal::Locking)
    }

    /// As [`Self::add`], and the conversation then shows it.
    ///
    /// # Errors
    /// Why it did not arrive, or is not shown yet.
    pub(crate) async fn add_shown(&mut self, app: &App, photo: &Photo) -> Result<(), Refusal> {
        self.add(app, photo).await?;
        self.refresh(app).await
    }

    /// Id, key and nonces follow from the case's key and the photo, under the keyring: a form that
    /// is sent twice brings one file, and no other bytes meet the same nonces.
    fn file(&self, app: &App, photo: &Photo) -> Result<File, Refusal> {
        let digest = hash(&[&photo.bytes]);
        let mut rng = self.drawn(app, "plain photo", &digest);
        let (mut id, mut key) = ([0; 16], Zeroizing::new([0; 32]));
        rng.fill_bytes(&mut id);
        rng.fill_bytes(&mut *key);
        let size = photo.bytes.len();
        let chunks = u32::try_from(size.div_ceil(CHUNK)).map_err(|_| Refusal::Locking)?;
        let note = Note {
            v: 1,
            day: self.status.today,
            id: hex(&id),
            key: hex(&*key),
            name: NAME,
            r#type: TYPE,
            size,
            count: rounded(chunks),
            hash: hex(&digest),
        };
        Ok(File { note, id, key, rng })
    }

    async fn send_pieces(&self, app: &App, photo: &Photo, file: &mut File) -> Result<(), Refusal> {
        let mut pieces = photo.bytes.chunks(CHUNK);
        for index in 0..file.note.count {
            let place = Place {
                deployment: self.deployment,
                case: self.status.case,
                file: file.id,
                index,
                count: file.note.count,
            };
            let piece = pieces.next().unwrap_or_default();
            let sealed = seal_chunk(&file.key, &place, piece, &mut file.rng)?;
            self.send_piece(app, &place, sealed).await?;
        }
        Ok(())
    }

    async fn send_piece(&self, app: &App, place: &Place, sealed: Vec<u8>) -> Result<(), Refusal> {
        let chunk = Chunk {
            auth: self.auth(),
            file: place.file,
            index: place.index,
            count: place.count,
            sealed,
        };
        let answer = ask(app, Operation::Chunk(Box::new(chunk)), false).await?;
        match parse_outcome(&answer)?.0 {
            Outcome::Stored => Ok(()),
            _ => Err(Refusal::Locking),
        }
    }

    /// Posts the record that names a photo; false if another stands in its place.
    async fn announce(&mut self, app: &App, note: &Note) -> Result<bool, Refusal> {
        let json = serde_json::to_vec(note).map_err(|_| Refusal::Locking)?;
        let json = Zeroizing::new(json);
        // All that is sealed is in the seed: what stood before, what was seen, what is said.
        let seen = self.seen()?;
        let what = [
            &hash(&[&self.own])[..],
            &seen.seq.to_be_bytes(),
            &seen.hash,
            &json,
        ];
        let mut rng = self.drawn(app, "plain record", &what.concat());
        let record = self.record(Kind::Files, &self.own, &json, &mut rng)?;
        let (auth, records) = (self.auth(), vec![record.clone()]);
        let answer = ask(app, Operation::Post { auth, records }, false).await?;
        let stored = parse_outcome(&answer)?.0 == Outcome::Stored;
        if stored {
            self.own = record;
            self.letters.push(note.letter(self.newest()));
        }
        Ok(stored)
    }

    fn drawn(&self, app: &App, name: &str, what: &[u8]) -> StdRng {
        let seed = Zeroizing::new([&self.key.bytes()[..], &self.status.case, what].concat());
        StdRng::from_seed(app.keyring.lookup(name, &seed))
    }
}
