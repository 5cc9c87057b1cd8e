//! What the exchange answers, before sealing.

use crate::bytes::{Reader, padded};
use crate::letterbox::BOX;
use crate::record::{RECORD, TIP};
use crate::statement::{Identity, Statement};
use crate::wrap::WRAP;
use crate::{Refused, Result};

/// Bytes of a status.
pub const STATUS: usize = 1024;
/// Most records in an answer to `fetch`.
pub const MOST_FETCHED: usize = 4;
const MOST_IDENTITIES: usize = 6;
const CLOSED: u8 = 5;
const INVESTIGATE: u8 = 2;

/// What became of a submission or a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// Durable; or it was there before, byte for byte.
    Stored = 0,
    /// Another tip has this receipt: make another.
    ReceiptTaken = 1,
    /// Sealed to keys that are no longer current: fetch them anew.
    KeysStale = 2,
    /// Not acceptable.
    Refused = 3,
    /// Nothing more fits for now; the same may be sent again later.
    NoRoom = 4,
}

/// Answer to submit and post: code ‖ hour u32 ‖ len u16 = 0.
pub fn outcome(outcome: Outcome, hour: u32) -> Vec<u8> {
    [&[outcome as u8][..], &hour.to_be_bytes(), &[0, 0]].concat()
}

/// Reads [`outcome`].
///
/// # Errors
/// [`Refused::Version`] for an unknown code, [`Refused::Padding`] for anything after the hour.
pub fn parse_outcome(answer: &[u8]) -> Result<(Outcome, u32)> {
    let mut reader = Reader::new(answer);
    let outcome = match reader.u8()? {
        0 => Outcome::Stored,
        1 => Outcome::ReceiptTaken,
        2 => Outcome::KeysStale,
        3 => Outcome::Refused,
        4 => Outcome::NoRoom,
        _ => return Err(Refused::Version),
    };
    let hour = reader.u32()?;
    // No receipt for the log yet: its length is 0.
    reader.zeros()?;
    Ok((outcome, hour))
}

/// Where a case stands, as its reporter sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The case.
    pub case: [u8; 16],
    /// 0 delivered … 5 closed.
    pub stage: u8,
    /// Whether it was sent as "in danger now".
    pub urgent: bool,
    /// 0 none, 1 acknowledge, 2 investigate.
    pub duty: u8,
    /// Last day of that duty; 0 none.
    pub due: u32,
    /// Hour at which desks see it.
    pub seen_hour: u32,
    /// This hour.
    pub now_hour: u32,
    /// Today in the city.
    pub today: u32,
    /// The deployment's limits in days: acknowledge, investigate.
    pub limits: [u8; 2],
    /// The holder's chain from the city, `identity` statements.
    pub identities: Vec<Vec<u8>>,
}

impl Status {
    fn bytes(&self) -> Result<Vec<u8>> {
        let count = u8::try_from(self.identities.len()).map_err(|_| Refused::Length)?;
        let content = [
            &self.case[..],
            &[self.stage, 0, u8::from(self.urgent), self.duty],
            &self.due.to_be_bytes(),
            &self.seen_hour.to_be_bytes(),
            &self.now_hour.to_be_bytes(),
            &self.today.to_be_bytes(),
            &self.limits,
            &[count],
            &self.identities.concat(),
        ];
        padded(content.concat(), STATUS)
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let case = reader.array()?;
        let stage = reader.up_to(CLOSED)?;
        // Escalated: nothing is shown of it yet.
        reader.flag()?;
        let status = Self {
            case,
            stage,
            urgent: reader.flag()?,
            duty: reader.up_to(INVESTIGATE)?,
            due: reader.u32()?,
            seen_hour: reader.u32()?,
            now_hour: reader.u32()?,
            today: reader.u32()?,
            limits: reader.array()?,
            identities: reader.counted(MOST_IDENTITIES, Identity::SIZE)?,
        };
        reader.zeros()?;
        Ok(status)
    }
}

/// Answer to `fetch` for a code that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where the case stands.
    pub status: Status,
    /// The sealed box.
    pub letterbox: Vec<u8>,
    /// The tip record.
    pub tip: Vec<u8>,
    /// At most four records: own newest, then newest of the committee.
    pub records: Vec<Vec<u8>>,
}

impl Fetched {
    /// The answer's bytes.
    ///
    /// # Errors
    /// [`Refused::Length`] if a part has another length than the form's.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let fits = self.letterbox.len() == BOX
            && self.tip.len() == TIP
            && self.records.len() <= MOST_FETCHED
            && self.records.iter().all(|record| record.len() == RECORD);
        let count = u8::try_from(self.records.len()).map_err(|_| Refused::Length)?;
        if !fits {
            return Err(Refused::Length);
        }
        Ok([
            &[1][..],
            &self.status.bytes()?,
            &self.letterbox,
            &[0; WRAP],
            &self.tip,
            &[count],
            &self.records.concat(),
        ]
        .concat())
    }

    /// Reads the answer; `None` for a code that opens nothing.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(answer: &[u8]) -> Result<Option<Self>> {
        let mut reader = Reader::new(answer);
        if !reader.flag()? {
            reader.zeros()?;
            return Ok(None);
        }
        let status = Status::parse(reader.take(STATUS)?)?;
        let letterbox = reader.take(BOX)?.to_vec();
        // A wrap would carry a new generation of the case key, which this version does not know.
        Reader::new(reader.take(WRAP)?).zeros()?;
        let fetched = Self {
            status,
            letterbox,
            tip: reader.take(TIP)?.to_vec(),
            records: reader.counted(MOST_FETCHED, RECORD)?,
        };
        reader.zeros()?;
        Ok(Some(fetched))
    }
}

/// Answer to `older`: n ‖ records.
///
/// # Errors
/// [`Refused::Length`] for more than 255 records.
pub fn older(records: &[Vec<u8>]) -> Result<Vec<u8>> {
    let count = u8::try_from(records.len()).map_err(|_| Refused::Length)?;
    Ok([&[count][..], &records.concat()].concat())
}

/// Reads [`older`].
///
/// # Errors
/// [`Refused::Length`], [`Refused::Padding`].
pub fn parse_older(answer: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut reader = Reader::new(answer);
    let records = reader.counted(crate::exchange::MOST_RECORDS, RECORD)?;
    reader.zeros()?;
    Ok(records)
}
