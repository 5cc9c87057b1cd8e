//! Coming back without script: the box, the letters, writing again.

use std::collections::BTreeMap;

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use shudong_envelope::answer::{Fetched, Outcome, Status, parse_older, parse_outcome};
use shudong_envelope::case::{CaseKey, case_id};
use shudong_envelope::exchange::Operation;
use shudong_envelope::kdf::hash;
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::receipt::{Receipt, ReceiptRoot};
use shudong_envelope::record::{self, Chain, Head, Kind, Preface, Seen, Side, in_pieces};
use shudong_envelope::sign::SigningKey;

use super::{MOST_SEALS, MOST_TEXT, Refusal, ask, verified};
use crate::app::App;

/// Pages of earlier letters that are asked for, seven letters each.
const MOST_PAGES: usize = 20;

/// One letter, whose author was verified.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) mine: bool,
    pub(crate) seq: u32,
    pub(crate) day: u32,
    pub(crate) text: String,
    pub(crate) worse: bool,
    /// Continued in the next letter.
    pub(super) more: bool,
    /// Of a file: what it is called, and its id.
    pub(crate) file: Option<Named>,
}

impl Letter {
    /// Whether it says just that; the day may be another.
    fn says(&self, said: &Content) -> bool {
        let same_words = self.file.is_none() && self.text == said.text;
        same_words && self.worse == said.worse && self.more == said.more
    }
}

/// A file that a letter names.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(super) id: String,
}

/// What a letter's JSON says; members' letters say more, which the reporter is not shown.
#[derive(Serialize, Deserialize)]
struct Content {
    v: u8,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    day: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    worse: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    more: bool,
    #[serde(default, skip_serializing)]
    name: String,
    #[serde(default, skip_serializing)]
    id: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// The conversation behind a receipt, for as long as a request lasts.
pub(crate) struct Thread {
    pub(crate) status: Status,
    pub(crate) letters: Vec<Letter>,
    root: ReceiptRoot,
    pub(super) deployment: [u8; 16],
    opened: Letterbox,
    pub(super) key: CaseKey,
    tip: Vec<u8>,
    /// The newest record of each side.
    pub(super) own: Vec<u8>,
    school: Option<Vec<u8>>,
}

impl Thread {
    /// `None` if the code opens nothing.
    ///
    /// # Errors
    /// If too many wait, the database is away, or what is stored does not verify.
    pub(crate) async fn open(
        app: &App,
        city: &str,
        receipt: &Receipt,
    ) -> Result<Option<Self>, Refusal> {
        let deployment = verified(app, city).await?.deployment;
        let root = app
            .turns
            .root(receipt, deployment)
            .await
            .ok_or(Refusal::Busy)?;
        Self::fetch(app, deployment, root).await
    }

    pub(super) async fn fetch(
        app: &App,
        deployment: [u8; 16],
        root: ReceiptRoot,
    ) -> Result<Option<Self>, Refusal> {
        let auth = *root.key("auth");
        let answer = ask(app, Operation::Fetch { auth }, false).await?;
        let Some(fetched) = Fetched::parse(&answer)? else {
            return Ok(None);
        };
        let case = fetched.status.case;
        let opened = Letterbox::open(&fetched.letterbox, &root.key("box"), &deployment, &case)?;
        let self_key = SigningKey::from_seed(&root.key("sign")).public();
        let commit = commit(&opened);
        if case_id(&deployment, &opened.organisation, &self_key, &commit) != case {
            return Err(Refusal::Trust);
        }
        let key = CaseKey::committed(opened.key.clone(), &commit)?;
        let mut thread = Self {
            own: fetched.tip.clone(),
            tip: fetched.tip.clone(),
            status: fetched.status,
            letters: Vec::new(),
            root,
            deployment,
            opened,
            key,
            school: None,
        };
        thread.read_tip(&fetched.tip)?;
        let own = thread.side(app, 0, &fetched.records).await?;
        thread.read_own(&own)?;
        let school = thread.side(app, 1, &fetched.records).await?;
        thread.read_school(&school)?;
        let order = |letter: &Letter| (letter.day, !letter.mine, letter.seq);
        thread.letters.sort_by_key(order);
        Ok(Some(thread))
    }

    /// Every record of a side that can be had: the newest came with the answer, pages have the rest.
    async fn side(
        &self,
        app: &App,
        side: u8,
        newest: &[Vec<u8>],
    ) -> Result<BTreeMap<u32, Vec<u8>>, Refusal> {
        let mut records = BTreeMap::new();
        for record in newest {
            let head = Head::of(record)?;
            if u8::from(!head.side.is_reporters()) == side {
                records.insert(head.seq, record.clone());
            }
        }
        let auth = self.auth();
        let mut before = u32::MAX;
        for _ in 0..MOST_PAGES {
            let answer = ask(app, Operation::Older { auth, side, before }, false).await?;
            let page = parse_older(&answer)?;
            for record in &page {
                let seq = Head::of(record)?.seq;
                before = before.min(seq);
                records.insert(seq, record.clone());
            }
            if page.is_empty() || before == 0 {
                break;
            }
        }
        Ok(records)
    }

    fn read_tip(&self, tip: &[u8]) -> Result<(), Refusal> {
        self.opened(tip)?.by(&self.author().public())?;
        Ok(())
    }

    /// Of very many letters the first are not asked for: links are checked where both ends are held.
    fn read_own(&mut self, records: &BTreeMap<u32, Vec<u8>>) -> Result<(), Refusal> {
        for (seq, record) in records {
            let before = Head::of(&self.own)?.seq;
            if before.checked_add(1) == Some(*seq) {
                Chain::after(&self.own)?.take(record)?;
            }
            let opened = self.opened(record)?;
            opened.by(&self.author().public())?;
            self.letters.push(letter(&opened, true)?);
            self.own.clone_from(record);
        }
        Ok(())
    }

    fn read_school(&mut self, records: &BTreeMap<u32, Vec<u8>>) -> Result<(), Refusal> {
        let mut chain = Chain::of(self.status.case);
        let mut epoch = self.opened.epoch;
        for record in records.values() {
            chain.take(record)?;
            let opened = self.opened(record)?;
            let author = opened.by_member_of(&self.opened.identity, &self.opened.organisation)?;
            if author.epoch < epoch {
                return Err(Refusal::Trust);
            }
            epoch = author.epoch;
            self.letters.push(letter(&opened, false)?);
            self.school = Some(record.clone());
        }
        Ok(())
    }

    fn opened(&self, record: &[u8]) -> Result<record::Opened, Refusal> {
        let opened = record::open(record, &self.key)?;
        let head = &opened.head;
        let case = self.status.case;
        let here = head.deployment == self.deployment && head.case == case && head.object == case;
        if here && head.generation == 0 {
            Ok(opened)
        } else {
            Err(Refusal::Trust)
        }
    }

    fn author(&self) -> SigningKey {
        SigningKey::from_seed(&self.root.key("sign"))
    }

    /// Number of the reporter's newest record.
    pub(crate) fn newest(&self) -> u32 {
        Head::of(&self.own).map_or(0, |head| head.seq)
    }

    /// Writes a letter after record `after`, which was the newest when the form was made. The same
    /// words again behind that record are there already.
    ///
    /// # Errors
    /// Why nothing was stored, with the conversation as it is.
    pub(crate) async fn write(
        mut self,
        app: &App,
        text: &str,
        worse: bool,
        after: u32,
    ) -> Result<Self, (Box<Self>, Refusal)> {
        match self.written(app, text, worse, after).await {
            Ok(()) => Ok(self),
            Err(refusal) => Err((Box::new(self), refusal)),
        }
    }

    /// Writes until the letter is there. If something else came first, that may be the same form, sent
    /// twice at one moment; else the letter is sealed once more, behind what is there now.
    async fn written(
        &mut self,
        app: &App,
        text: &str,
        worse: bool,
        after: u32,
    ) -> Result<(), Refusal> {
        Refusal::if_beyond(text, text.len().saturating_sub(MOST_TEXT))?;
        let words = self.contents(text, worse);
        for _ in 0..MOST_SEALS {
            if self.says_since(after, &words) {
                return Ok(());
            }
            let auth = self.auth();
            let records = self.sealed(app, &words)?;
            let answer = ask(app, Operation::Post { auth, records }, false).await?;
            let outcome = parse_outcome(&answer)?.0;
            self.refresh(app).await?;
            if outcome == Outcome::Stored {
                return Ok(());
            }
        }
        Err(Refusal::Locking)
    }

    /// Whether the same words stand behind record `after` already, wherever: since the form was made
    /// other letters and photos may have come before them and after them.
    fn says_since(&self, after: u32, words: &[Content]) -> bool {
        let since = self.letters.iter();
        let since = since.filter(|letter| letter.mine && letter.seq > after);
        let mut since: Vec<_> = since.collect();
        since.sort_by_key(|letter| letter.seq);
        let mut rows = since.windows(words.len());
        rows.any(|row| {
            row.iter()
                .zip(words)
                .all(|(letter, said)| letter.says(said))
        })
    }

    /// A text as it is sealed: in pieces that each fit into one letter.
    fn contents(&self, text: &str, worse: bool) -> Vec<Content> {
        let pieces = in_pieces(text, Side::Server);
        let last = pieces.len() - 1;
        let content = |(i, text)| Content {
            v: 1,
            text,
            day: self.status.today,
            worse,
            more: i < last,
            name: String::new(),
            id: String::new(),
        };
        pieces.into_iter().enumerate().map(content).collect()
    }

    fn sealed(&self, app: &App, words: &[Content]) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut newest = self.own.clone();
        let mut records = Vec::new();
        for content in words {
            newest = self.letter(app, &newest, content)?;
            records.push(newest.clone());
        }
        Ok(records)
    }

    fn letter(&self, app: &App, newest: &[u8], content: &Content) -> Result<Vec<u8>, Refusal> {
        let json = serde_json::to_vec(content).map_err(|_| Refusal::Locking)?;
        self.record(Kind::Message, newest, &json, &mut app.rng())
    }

    /// Seals a record of the reporter's side after `newest`.
    pub(super) fn record(
        &self,
        kind: Kind,
        newest: &[u8],
        json: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Refusal> {
        let case = self.status.case;
        let chain = Chain::after(newest)?;
        let head = Head {
            kind,
            side: Side::Server,
            generation: 0,
            seq: chain.next(),
            deployment: self.deployment,
            case,
            object: case,
            prev: chain.prev(),
        };
        let preface = Preface::Reporter(self.seen()?);
        let sealed = record::seal(&head, &preface, json, &self.author(), &self.key, rng);
        sealed.map_err(|_| Refusal::Locking)
    }

    /// What of the other side was seen.
    pub(super) fn seen(&self) -> Result<Seen, Refusal> {
        Ok(match &self.school {
            Some(record) => Seen {
                seq: Head::of(record)?.seq,
                hash: hash(&[record]),
            },
            None => Seen::NOTHING,
        })
    }

    pub(super) fn auth(&self) -> [u8; 32] {
        *self.root.key("auth")
    }

    /// The conversation as it is now.
    pub(super) async fn refresh(&mut self, app: &App) -> Result<(), Refusal> {
        let now = Self::fetch(app, self.deployment, self.root.clone()).await?;
        *self = now.ok_or(Refusal::Trust)?;
        Ok(())
    }

    /// The conversation as if nothing had followed the tip: what a form brought is written there
    /// again, where it may stand already.
    pub(super) fn rewound(mut self) -> Self {
        self.own.clone_from(&self.tip);
        self
    }

    /// Whether a file of that id is named in what is shown.
    pub(super) fn names(&self, id: &str) -> bool {
        let mut files = self.letters.iter().filter_map(|one| one.file.as_ref());
        files.any(|file| file.id == id)
    }
}

/// The commitment of the key in the box.
fn commit(opened: &Letterbox) -> [u8; 32] {
    *shudong_envelope::kdf::kdf(&opened.key[..], "commit")
}

fn letter(opened: &record::Opened, mine: bool) -> Result<Letter, Refusal> {
    let is_file = mine && opened.head.kind == Kind::Files;
    if opened.head.kind != Kind::Message && !is_file {
        return Err(Refusal::Trust);
    }
    let said: Content = serde_json::from_slice(&opened.text).map_err(|_| Refusal::Trust)?;
    Ok(Letter {
        mine,
        seq: opened.head.seq,
        day: said.day,
        text: said.text,
        worse: said.worse,
        more: said.more,
        file: is_file.then_some(Named {
            name: said.name,
            id: said.id,
        }),
    })
}
