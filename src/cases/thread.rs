//! Writing in a case: records of the committee, the dossier, the stage, a member's key cache.

use rand::CryptoRng;
use shudong_envelope::exchange::MOST_RECORDS;
use shudong_envelope::record::{Chain, Head, Kind, Side};
use shudong_envelope::wrap;

use super::access::CaseAccess;
use super::at_rest::{HOLDER_SLOTS, UPPER_SLOTS, slots, wraps};
use super::{CaseError, stage, store};
use crate::audit::Act;
use crate::clock::Day;
use crate::keyring::Lock;
use crate::storage::Tx;

/// Newest number of each side that has records, side 0's tip included.
pub type Heads = Vec<(u8, u32)>;

/// What became of records that were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Stored now.
    Stored,
    /// They were there before, byte for byte.
    Again,
    /// Somebody else wrote there first: seal anew after the newest record.
    Conflict,
}

/// One record as desks get it.
#[derive(Debug)]
pub struct Delivered {
    /// The side.
    pub side: u8,
    /// The number.
    pub seq: u32,
    /// The day desks could see it.
    pub day: Day,
    /// The record.
    pub bytes: Vec<u8>,
}

/// Commitment of a dossier key, and one wrap of it.
pub type DossierWrap = ([u8; 32], Vec<u8>);

/// A dossier as its first member makes it.
#[derive(Clone, Debug)]
pub struct NewDossier {
    /// Commitment of the dossier key.
    pub commit: [u8; 32],
    /// For exactly the case's holders, then the levels above.
    pub wraps: Vec<Vec<u8>>,
    /// The signed `key` record.
    pub record: Vec<u8>,
}

/// Records among which the newest letters are looked for: a visit adds at most twenty files.
const RECENT: u8 = 64;

impl CaseAccess<'_> {
    /// All records but the tip, by side and number.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn records(&self, tx: &mut Tx) -> Result<Vec<Delivered>, CaseError> {
        let rows = store::records(tx, self.id()).await?;
        rows.into_iter()
            .map(|(side, seq, day, bytes)| {
                Ok(Delivered {
                    side: u8::try_from(side).map_err(|_| CaseError::Damaged)?,
                    seq: u32::try_from(seq).map_err(|_| CaseError::Damaged)?,
                    day: Day(u32::try_from(day).map_err(|_| CaseError::Damaged)?),
                    bytes,
                })
            })
            .collect()
    }

    /// The newest number of each side.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn heads(&self, tx: &mut Tx) -> Result<Heads, CaseError> {
        let mut heads = vec![(0, store::last_seq(tx, self.id(), 0).await?.unwrap_or(0))];
        for side in [1, 2] {
            heads.extend(
                store::last_seq(tx, self.id(), side)
                    .await?
                    .map(|seq| (side, seq)),
            );
        }
        Ok(heads)
    }

    /// The committee's newest record: it says up to where the reporter was answered.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn newest_answer(&self, tx: &mut Tx) -> Result<Option<Vec<u8>>, CaseError> {
        let newest = store::newest(tx, self.id(), Side::Committee as u8, u32::MAX, 1).await?;
        Ok(newest.into_iter().next())
    }

    /// The reporter's newest letters, at most seven: whether it got worse since the last answer. Files
    /// that came after a letter do not push it out.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn newest_said(&self, tx: &mut Tx) -> Result<Vec<Vec<u8>>, CaseError> {
        let newest = store::newest(tx, self.id(), Side::Reporter as u8, u32::MAX, RECENT).await?;
        let letters = newest
            .into_iter()
            .filter(|record| Head::of(record).is_ok_and(|head| head.kind == Kind::Message));
        let letters: Vec<_> = letters.collect();
        let older = letters.len().saturating_sub(MOST_RECORDS);
        Ok(letters[older..].to_vec())
    }

    /// Adds records of the committee or the dossier, in order; all or none.
    ///
    /// # Errors
    /// [`CaseError::Refused`] for another case's or an unknown kind of record.
    pub async fn write(
        &self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        records: &[Vec<u8>],
        today: Day,
    ) -> Result<Written, CaseError> {
        let mut all = Written::Again;
        for record in records {
            let head = Head::of(record).map_err(|_| CaseError::Refused)?;
            let act = match (head.side, head.kind) {
                (Side::Committee, Kind::Message) => Act::Replied,
                // A dossier's side begins with the signed record of its key.
                (Side::Dossier, _) if self.row.dossier.is_none() => return Err(CaseError::Refused),
                (Side::Dossier, Kind::Note) => Act::Noted,
                (Side::Dossier, Kind::Step) => Act::Stage,
                _ => return Err(CaseError::Refused),
            };
            match self.append(tx, &head, record, today).await? {
                Written::Conflict => return Ok(Written::Conflict),
                Written::Stored => all = Written::Stored,
                Written::Again => {}
            }
            self.note(tx, rng, act, today).await?;
        }
        Ok(all)
    }

    async fn append(
        &self,
        tx: &mut Tx,
        head: &Head,
        record: &[u8],
        today: Day,
    ) -> Result<Written, CaseError> {
        let (id, side) = (self.id(), head.side as u8);
        let tip = Head::of(&self.row.tip)?;
        let here = Head {
            deployment: tip.deployment,
            case: tip.case,
            object: tip.case,
            generation: 0,
            ..*head
        };
        if *head != here {
            return Err(CaseError::Refused);
        }
        let mut chain = match store::newest(tx, id, side, u32::MAX, 1).await?.pop() {
            Some(newest) => Chain::after(&newest)?,
            None => Chain::of(id.bytes()),
        };
        if chain.take(record).is_ok() {
            store::put_record(tx, id, side, head.seq, today, record).await?;
            return Ok(Written::Stored);
        }
        let there = store::record(tx, id, side, head.seq).await?;
        let same = there.is_some_and(|there| there == record);
        Ok(if same {
            Written::Again
        } else {
            Written::Conflict
        })
    }

    /// The dossier key's commitment and the wrap that this member can open, if there is a dossier.
    ///
    /// # Errors
    /// If the case is damaged.
    pub fn dossier_wrap(&self) -> Result<Option<DossierWrap>, CaseError> {
        let Some(sealed) = &self.row.dossier else {
            return Ok(None);
        };
        let plain = self.seal.open("dossier", sealed)?;
        let (commit, slots) = plain.split_at_checked(32).ok_or(CaseError::Damaged)?;
        let commit = commit.try_into().map_err(|_| CaseError::Damaged)?;
        for wrap in wraps(slots)? {
            let (_, recipient) = wrap::head(&wrap)?;
            if self.viewer.key_ids.contains(&recipient) {
                return Ok(Some((commit, wrap)));
            }
        }
        Err(CaseError::Damaged)
    }

    /// Begins the dossier: its key's wraps for the case's holders, and its signed first record.
    ///
    /// # Errors
    /// [`CaseError::Refused`] if the wraps are not for exactly the case's holders.
    pub async fn begin_dossier(
        &mut self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        offered: &NewDossier,
        today: Day,
    ) -> Result<Written, CaseError> {
        if self.row.dossier.is_some() {
            return Ok(Written::Conflict);
        }
        let head = Head::of(&offered.record).map_err(|_| CaseError::Refused)?;
        if head.kind != Kind::Key || head.side != Side::Dossier {
            return Err(CaseError::Refused);
        }
        let sealed = self.seal_dossier(rng, offered)?;
        if !store::put_dossier(tx, self.id(), &sealed).await? {
            return Ok(Written::Conflict);
        }
        self.row.dossier = Some(sealed);
        let written = self.append(tx, &head, &offered.record, today).await?;
        self.note(tx, rng, Act::Dossier, today).await?;
        Ok(written)
    }

    /// Holders' wraps in their slots, then the upper ones under the release key.
    fn seal_dossier(
        &self,
        rng: &mut impl CryptoRng,
        offered: &NewDossier,
    ) -> Result<Vec<u8>, CaseError> {
        let (mut holders, mut upper, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for wrap in &offered.wraps {
            let (usage, recipient) = wrap::head(wrap).map_err(|_| CaseError::Refused)?;
            if usage == 0 {
                ids.push(recipient);
                holders.push(&wrap[..]);
            } else {
                upper.push(&wrap[..]);
            }
        }
        ids.sort_unstable();
        let mut wanted = self.holding.holders.clone();
        wanted.sort_unstable();
        if ids != wanted {
            return Err(CaseError::Refused);
        }
        let mut plain = offered.commit.to_vec();
        plain.extend(slots(&holders, HOLDER_SLOTS)?);
        let upper = slots(&upper, UPPER_SLOTS)?;
        plain.extend(
            self.seal
                .seal_with(Lock::Release, "dossier upper", &upper, rng)?,
        );
        self.seal.seal("dossier", &plain, rng)
    }

    /// Sets the stage, with the signed step that says so. A step that is sent again after a later
    /// one does not bring its stage back.
    ///
    /// # Errors
    /// [`CaseError::Refused`] for a stage that a member cannot set, or another kind of record.
    pub async fn set_stage(
        &mut self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        to: u8,
        record: &[u8],
        today: Day,
    ) -> Result<Written, CaseError> {
        let head = Head::of(record).map_err(|_| CaseError::Refused)?;
        if !(stage::SEEN..=stage::CLOSED).contains(&to) || head.kind != Kind::Step {
            return Err(CaseError::Refused);
        }
        let written = self.write(tx, rng, &[record.to_vec()], today).await?;
        if written == Written::Stored {
            self.put_stage(tx, rng, to).await?;
        }
        Ok(written)
    }

    /// Keeps this member's resealed copy of a key; `dossier` tells which.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn keep_key(
        &self,
        tx: &mut Tx,
        dossier: bool,
        sealed: &[u8],
    ) -> Result<(), CaseError> {
        Ok(store::put_cache(tx, self.id(), &self.cache_row(dossier), sealed).await?)
    }

    /// This member's resealed copy of a key.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn kept_key(&self, tx: &mut Tx, dossier: bool) -> Result<Option<Vec<u8>>, CaseError> {
        Ok(store::cache(tx, self.id(), &self.cache_row(dossier)).await?)
    }

    /// A row key that does not tell whose copy it is.
    fn cache_row(&self, dossier: bool) -> Vec<u8> {
        let id = self.id().bytes();
        let what = [&id[..], &self.viewer.member.bytes(), &[u8::from(dossier)]].concat();
        self.seal.keyring.lookup("key_cache", &what).to_vec()
    }
}
