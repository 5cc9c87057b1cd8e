//! Records: what is said in a case, signed inside and sealed outside.
//!
//! Record = H 88 ‖ sealed(aad H, sig 64 ‖ rest).

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::{Reader, length32, padded};
use crate::case::CaseKey;
use crate::kdf::hash;
use crate::kem::PUBLIC_KEY;
use crate::sealed;
use crate::sign::{self, SIGNATURE, SigningKey};
use crate::statement::{Member, Statement};
use crate::{Refused, Result, VERSION};

/// Bytes of the clear head.
pub const HEAD: usize = 88;
/// Bytes of a tip.
pub const TIP: usize = 11_392;
/// Bytes of any other record.
pub const RECORD: usize = 4_224;
/// Bytes of text that a tip's JSON may have.
pub const TIP_TEXT: usize = TIP - HEAD - sealed::OVERHEAD - SIGNATURE - 32 - PUBLIC_KEY - 4;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum Kind {
    Tip = 1,
    Message = 2,
    Appeal = 3,
    Note = 4,
    Step = 5,
    Files = 6,
    Key = 7,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum Side {
    Reporter = 0,
    Committee = 1,
    Dossier = 2,
    Server = 3,
}

impl Side {
    /// Whether it writes the reporter's chain: the reporter's page, or the server for a reporter
    /// without script. The two share numbers and links; the mark tells holders which one sealed.
    pub fn is_reporters(self) -> bool {
        matches!(self, Self::Reporter | Self::Server)
    }
}

/// The clear head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it is.
    pub kind: Kind,
    /// Who writes.
    pub side: Side,
    /// Generation of the case key.
    pub generation: u8,
    /// Counts from 0 on each side.
    pub seq: u32,
    /// The deployment.
    pub deployment: [u8; 16],
    /// The case.
    pub case: [u8; 16],
    /// The case, until something else can be written about.
    pub object: [u8; 16],
    /// Hash of the previous record of this side, zeros for the first.
    pub prev: [u8; 32],
}

impl Head {
    /// The 88 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let numbers = [VERSION, self.kind as u8, self.side as u8, self.generation];
        let seq = self.seq.to_be_bytes();
        [
            &numbers[..],
            &seq,
            &self.deployment,
            &self.case,
            &self.object,
            &self.prev,
        ]
        .concat()
    }

    /// Reads the head of a record of the right length for its kind.
    ///
    /// # Errors
    /// [`Refused::Length`], [`Refused::Version`] for unknown version, kind or side.
    pub fn of(record: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(record);
        if reader.u8()? != VERSION {
            return Err(Refused::Version);
        }
        let kind = match reader.u8()? {
            1 => Kind::Tip,
            2 => Kind::Message,
            3 => Kind::Appeal,
            4 => Kind::Note,
            5 => Kind::Step,
            6 => Kind::Files,
            7 => Kind::Key,
            _ => return Err(Refused::Version),
        };
        let side = match reader.u8()? {
            0 => Side::Reporter,
            1 => Side::Committee,
            2 => Side::Dossier,
            3 => Side::Server,
            _ => return Err(Refused::Version),
        };
        if record.len() != size(kind) {
            return Err(Refused::Length);
        }
        Ok(Self {
            kind,
            side,
            generation: reader.u8()?,
            seq: reader.u32()?,
            deployment: reader.array()?,
            case: reader.array()?,
            object: reader.array()?,
            prev: reader.array()?,
        })
    }
}

fn size(kind: Kind) -> usize {
    if kind == Kind::Tip { TIP } else { RECORD }
}

/// The newest record of the other side that the author had verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number; [`Seen::NOTHING`] if there was none.
    pub seq: u32,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Seen {
    /// Nothing was seen.
    pub const NOTHING: Self = Self {
        seq: u32::MAX,
        hash: [0; 32],
    };
}

/// What the author says of themselves and of the other side, before the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preface {
    /// A tip: the reporter's own keys.
    Tip {
        /// Signing key.
        signing: [u8; 32],
        /// X-Wing key.
        kem: Vec<u8>,
    },
    /// A later record of the reporter.
    Reporter(Seen),
    /// A record of the committee or the dossier.
    Member {
        /// The author's `member` statement, 185 bytes.
        statement: Vec<u8>,
        /// What they had seen.
        seen: Seen,
    },
}

impl Preface {
    fn bytes(&self) -> Vec<u8> {
        let seen = |seen: &Seen| [&seen.seq.to_be_bytes()[..], &seen.hash].concat();
        match self {
            Self::Tip { signing, kem } => [&signing[..], kem].concat(),
            Self::Reporter(saw) => seen(saw),
            Self::Member {
                statement,
                seen: saw,
            } => [&statement[..], &seen(saw)].concat(),
        }
    }

    fn read(kind: Kind, side: Side, reader: &mut Reader<'_>) -> Result<Self> {
        let seen = |reader: &mut Reader<'_>| {
            Ok::<_, Refused>(Seen {
                seq: reader.u32()?,
                hash: reader.array()?,
            })
        };
        Ok(match (kind, side.is_reporters()) {
            (Kind::Tip, true) => Self::Tip {
                signing: reader.array()?,
                kem: reader.take(PUBLIC_KEY)?.to_vec(),
            },
            (Kind::Tip, false) => return Err(Refused::Version),
            (_, true) => Self::Reporter(seen(reader)?),
            (_, false) => Self::Member {
                statement: reader.take(Member::SIZE)?.to_vec(),
                seen: seen(reader)?,
            },
        })
    }
}

/// Bytes of a message's JSON for all but its text: version, day, name, flags.
const BESIDE_TEXT: usize = 200;

/// A text in pieces that each fit into one message of that side.
pub fn in_pieces(text: &str, side: Side) -> Vec<String> {
    let statement = if side.is_reporters() { 0 } else { Member::SIZE };
    let plain = RECORD - HEAD - sealed::OVERHEAD - SIGNATURE;
    let most = plain - statement - 36 - 4 - BESIDE_TEXT;
    let mut pieces = vec![String::new()];
    let mut bytes = 2;
    for character in text.chars() {
        let more = in_json(character);
        if bytes + more > most {
            pieces.push(String::new());
            bytes = 2;
        }
        bytes += more;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

/// Bytes of a character inside a JSON string (RFC 8259, section 7), written out at the longest.
fn in_json(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        '\0'..='\u{1f}' | '\u{7f}' => 6,
        _ => character.len_utf8(),
    }
}

/// Seals one record.
///
/// # Errors
/// [`Refused::Length`] if the text does not fit.
pub fn seal(
    head: &Head,
    preface: &Preface,
    text: &[u8],
    author: &SigningKey,
    key: &CaseKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>> {
    let head_bytes = head.bytes();
    let content = [&preface.bytes()[..], &length32(text)?, text].concat();
    let room = size(head.kind) - HEAD - sealed::OVERHEAD - SIGNATURE;
    let rest = Zeroizing::new(padded(content, room)?);
    let signature = author.sign("record", &[&head_bytes[..], &rest].concat());
    let plain = Zeroizing::new([&signature[..], &rest].concat());
    let body = sealed::seal(&key.record_key(), &head_bytes, &plain, rng);
    Ok([head_bytes, body].concat())
}

/// A record that opened. Its author is not verified yet.
#[derive(Debug)]
pub struct Opened {
    /// The clear head, bound to the content.
    pub head: Head,
    /// What stands before the text.
    pub preface: Preface,
    /// The text, JSON in UTF-8.
    pub text: Zeroizing<Vec<u8>>,
    signature: [u8; 64],
    signed: Zeroizing<Vec<u8>>,
}

/// Opens a record with its case's or dossier's key.
///
/// # Errors
/// [`Refused::Sealed`], or what is wrong with its form.
pub fn open(record: &[u8], key: &CaseKey) -> Result<Opened> {
    let head = Head::of(record)?;
    let (head_bytes, body) = record.split_at(HEAD);
    let plain = sealed::open(&key.record_key(), head_bytes, body)?;
    // The tip is the reporter's first record, and nothing else is.
    if (head.kind == Kind::Tip) != (head.side.is_reporters() && head.seq == 0) {
        return Err(Refused::Version);
    }
    let mut reader = Reader::new(&plain);
    let signature = reader.array()?;
    let signed = Zeroizing::new([head_bytes, &plain[SIGNATURE..]].concat());
    let preface = Preface::read(head.kind, head.side, &mut reader)?;
    let length = usize::try_from(reader.u32()?).map_err(|_| Refused::Length)?;
    let text = Zeroizing::new(reader.take(length)?.to_vec());
    reader.zeros()?;
    Ok(Opened {
        head,
        preface,
        text,
        signature,
        signed,
    })
}

impl Opened {
    /// Whether `author` signed it.
    ///
    /// # Errors
    /// [`Refused::Signature`].
    pub fn by(&self, author: &[u8; 32]) -> Result<()> {
        sign::verify(author, "record", &self.signed, &self.signature)
    }

    /// Whether a member of that organisation, with that identity key, signed it.
    ///
    /// # Errors
    /// [`Refused::Thread`] on the reporter's side; [`Refused::Signature`]; [`Refused::Statement`]
    /// for another deployment or organisation.
    pub fn by_member_of(&self, identity: &[u8; 32], organisation: &[u8; 16]) -> Result<Member> {
        let Preface::Member { statement, .. } = &self.preface else {
            return Err(Refused::Thread);
        };
        let member = Member::verify(statement, identity)?;
        if member.deployment != self.head.deployment || member.organisation != *organisation {
            return Err(Refused::Statement);
        }
        self.by(&member.signing)?;
        Ok(member)
    }
}

/// One side's chain of records: numbers without gaps, each naming the hash of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    case: [u8; 16],
    next: u32,
    prev: [u8; 32],
}

impl Chain {
    /// The empty chain of a case.
    pub fn of(case: [u8; 16]) -> Self {
        Self {
            case,
            next: 0,
            prev: [0; 32],
        }
    }

    /// A chain whose newest record is known.
    pub fn after(record: &[u8]) -> Result<Self> {
        let head = Head::of(record)?;
        let next = head.seq.checked_add(1).ok_or(Refused::Thread)?;
        Ok(Self {
            case: head.case,
            next,
            prev: hash(&[record]),
        })
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// [`Refused::Thread`] if it is not the next one of this case.
    pub fn take(&mut self, record: &[u8]) -> Result<Head> {
        let head = Head::of(record)?;
        if head.case != self.case || head.seq != self.next || head.prev != self.prev {
            return Err(Refused::Thread);
        }
        *self = Self::after(record)?;
        Ok(head)
    }

    /// Number of the next record.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// What the next record names as `prev`.
    pub fn prev(&self) -> [u8; 32] {
        self.prev
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    fn head(seq: u32, prev: [u8; 32]) -> Head {
        Head {
            kind: Kind::Message,
            side: Side::Reporter,
            generation: 0,
            seq,
            deployment: [1; 16],
            case: [2; 16],
            object: [2; 16],
            prev,
        }
    }

    fn sealed_with(head: &Head) -> (Vec<u8>, CaseKey, SigningKey) {
        let rng = &mut rng();
        let (key, author) = (CaseKey::random(rng), SigningKey::from_seed(&[4; 32]));
        let preface = Preface::Reporter(Seen::NOTHING);
        (
            seal(head, &preface, b"{}", &author, &key, rng).unwrap(),
            key,
            author,
        )
    }

    #[test]
    fn a_tip_and_a_letter_have_the_protocols_lengths() {
        let (record, ..) = sealed_with(&head(1, [0; 32]));
        assert_eq!(record.len(), 4224);
        assert_eq!(TIP_TEXT, 9_948);
        let rng = &mut rng();
        let (key, author) = (CaseKey::random(rng), SigningKey::from_seed(&[4; 32]));
        let tip = Head {
            kind: Kind::Tip,
            ..head(0, [0; 32])
        };
        let preface = Preface::Tip {
            signing: author.public(),
            kem: vec![9; PUBLIC_KEY],
        };
        let text = vec![b'x'; TIP_TEXT];
        let record = seal(&tip, &preface, &text, &author, &key, rng).unwrap();
        assert_eq!(record.len(), 11_392);
        assert_eq!(*open(&record, &key).unwrap().text, text);
        let longer = vec![b'x'; TIP_TEXT + 1];
        let refused = seal(&tip, &preface, &longer, &author, &key, rng);
        assert_eq!(refused, Err(Refused::Length));
    }

    #[test]
    fn a_chain_takes_its_records_in_order_only() {
        let (first, ..) = sealed_with(&head(0, [0; 32]));
        let (second, ..) = sealed_with(&head(1, hash(&[&first])));
        let (foreign, ..) = sealed_with(&Head {
            case: [3; 16],
            ..head(0, [0; 32])
        });
        let mut chain = Chain::of([2; 16]);
        assert_eq!(chain.take(&second), Err(Refused::Thread), "a gap");
        assert_eq!(chain.take(&foreign), Err(Refused::Thread), "another case");
        assert!(chain.take(&first).is_ok());
        assert_eq!(chain.take(&first), Err(Refused::Thread), "replayed");
        assert!(chain.take(&second).is_ok());
    }

    #[test]
    fn only_the_author_signed_it() {
        let (record, key, author) = sealed_with(&head(1, [0; 32]));
        let opened = open(&record, &key).unwrap();
        assert_eq!(opened.by(&author.public()), Ok(()));
        let other = SigningKey::from_seed(&[5; 32]).public();
        assert_eq!(opened.by(&other), Err(Refused::Signature));
        assert_eq!(
            opened.by_member_of(&other, &[0; 16]).err(),
            Some(Refused::Thread)
        );
    }

    proptest! {
        #[test]
        fn a_flipped_bit_does_not_open(bit in 0usize..RECORD * 8) {
            let (mut record, key, _) = sealed_with(&head(1, [0; 32]));
            record[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&record, &key).is_err());
        }

        #[test]
        fn any_bytes_are_a_head_or_refused(bytes: Vec<u8>) {
            let _ = Head::of(&bytes);
        }
    }
}
