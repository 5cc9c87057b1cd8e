//! The exchange: one constant form for everything a visitor's page asks.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::bytes::{Reader, length32, padded};
use crate::evidence::SEALED_CHUNK;
use crate::kdf::Secret;
use crate::kem::{self, ENCAPSULATION, PublicKey, Seed};
use crate::letterbox::BOX;
use crate::record::{RECORD, TIP};
use crate::wrap::WRAP;
use crate::{Refused, Result, VERSION, evidence, sealed};

/// Bytes of a request and of an answer.
pub const EXCHANGE: usize = 32_768;
/// Bytes of a request that carries a chunk of a file; its answer is as long as any other.
pub const CHUNK_EXCHANGE: usize = 264_192;
/// Bytes of an answer's plain text.
pub const ANSWER: usize = EXCHANGE - sealed::OVERHEAD;
/// Most wraps in a submission.
pub const MOST_WRAPS: usize = 16;
/// Most records in a post or an answer to `older`.
pub const MOST_RECORDS: usize = 7;

const INFO: &[u8] = b"shudong/1 exchange";
const EXPORT: &[u8] = b"shudong/1 response";
const AAD: usize = 16;
const INSIDE: usize = EXCHANGE - AAD - ENCAPSULATION - 16;
const CHUNK_INSIDE: usize = CHUNK_EXCHANGE - AAD - ENCAPSULATION - 16;
const INSIDE_HEAD: usize = 8;
const CHUNK_CODE: u8 = 5;

/// What a visitor asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing; it only weighs as much.
    Cover,
    /// A tip.
    Submit(Box<Submit>),
    /// What has become of it.
    Fetch {
        /// Derived from the receipt.
        auth: [u8; 32],
    },
    /// Further records of the reporter.
    Post {
        /// Derived from the receipt.
        auth: [u8; 32],
        /// At most seven, 4,224 bytes each.
        records: Vec<Vec<u8>>,
    },
    /// Earlier records of one side.
    Older {
        /// Derived from the receipt.
        auth: [u8; 32],
        /// 0 or 1.
        side: u8,
        /// Records with smaller numbers are wanted.
        before: u32,
    },
    /// A piece of a file, in a request of its own length.
    Chunk(Box<Chunk>),
}

/// A piece of a file as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Derived from the receipt.
    pub auth: [u8; 32],
    /// The file, random.
    pub file: [u8; 16],
    /// Counts from 0.
    pub index: u32,
    /// How many the file has.
    pub count: u32,
    /// The sealed chunk, 262,184 bytes.
    pub sealed: Vec<u8>,
}

/// A tip as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// Derived from the receipt.
    pub auth: [u8; 32],
    /// Proof of work; zeros while none is asked.
    pub proof: [u8; 72],
    /// hash(leaf) ‖ hash(blind ‖ tip).
    pub log_entry: [u8; 64],
    /// The organisation that holds the case.
    pub organisation: [u8; 16],
    /// Commitment of the case key.
    pub commit: [u8; 32],
    /// The sealed box.
    pub letterbox: [u8; BOX],
    /// At most sixteen.
    pub wraps: Vec<Vec<u8>>,
    /// The tip record, 11,392 bytes.
    pub tip: Vec<u8>,
}

/// A request that opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// "In danger now".
    pub urgent: bool,
    /// What is asked.
    pub operation: Operation,
}

impl Operation {
    fn code(&self) -> u8 {
        match self {
            Self::Cover => 0,
            Self::Submit(_) => 1,
            Self::Fetch { .. } => 2,
            Self::Post { .. } => 3,
            Self::Older { .. } => 4,
            Self::Chunk(_) => CHUNK_CODE,
        }
    }

    /// Bytes inside a request that asks it.
    fn inside(&self) -> usize {
        match self {
            Self::Chunk(_) => CHUNK_INSIDE,
            _ => INSIDE,
        }
    }

    fn body(&self) -> Vec<u8> {
        let count = |pieces: &[Vec<u8>]| vec![u8::try_from(pieces.len()).unwrap_or(u8::MAX)];
        match self {
            Self::Cover => Vec::new(),
            Self::Submit(s) => [
                &s.auth[..],
                &s.proof,
                &s.log_entry,
                &s.organisation,
                &s.commit,
                &s.letterbox,
                &count(&s.wraps),
                &s.wraps.concat(),
                &s.tip,
            ]
            .concat(),
            Self::Fetch { auth } => auth.to_vec(),
            Self::Post { auth, records } => {
                [&auth[..], &count(records), &records.concat()].concat()
            }
            Self::Older { auth, side, before } => {
                [&auth[..], &[*side], &before.to_be_bytes()].concat()
            }
            Self::Chunk(chunk) => [
                &chunk.auth[..],
                &chunk.file,
                &chunk.index.to_be_bytes(),
                &chunk.count.to_be_bytes(),
                &chunk.sealed,
            ]
            .concat(),
        }
    }

    fn parse(code: u8, body: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        let operation = match code {
            0 => Self::Cover,
            1 => Self::Submit(Box::new(Submit {
                auth: reader.array()?,
                proof: reader.array()?,
                log_entry: reader.array()?,
                organisation: reader.array()?,
                commit: reader.array()?,
                letterbox: reader.array()?,
                wraps: reader.counted(MOST_WRAPS, WRAP)?,
                tip: reader.take(TIP)?.to_vec(),
            })),
            2 => Self::Fetch {
                auth: reader.array()?,
            },
            3 => Self::Post {
                auth: reader.array()?,
                records: reader.counted(MOST_RECORDS, RECORD)?,
            },
            4 => Self::Older {
                auth: reader.array()?,
                side: reader.u8()?,
                before: reader.u32()?,
            },
            CHUNK_CODE => Self::Chunk(Box::new(Chunk {
                auth: reader.array()?,
                file: reader.array()?,
                index: reader.u32()?,
                count: reader.u32()?,
                sealed: reader.take(SEALED_CHUNK)?.to_vec(),
            })),
            _ => return Err(Refused::Version),
        };
        reader.end()?;
        Ok(operation)
    }
}

/// The key under which the answer will be sealed.
pub struct AnswerKey(Secret);

/// Seals a request to the intake key; the returned key opens the answer.
///
/// # Errors
/// [`Refused::Length`] if it holds too much.
pub fn seal(
    request: &Request,
    intake: &PublicKey,
    rng: &mut dyn CryptoRng,
) -> Result<(Vec<u8>, AnswerKey)> {
    let body = request.operation.body();
    let head = [request.operation.code(), u8::from(request.urgent), 0, 0];
    let content = [&head[..], &length32(&body)?, &body].concat();
    let inside = Zeroizing::new(padded(content, request.operation.inside())?);
    let aad = aad(&intake.id());
    let (enc, mut context) = kem::sender(intake, INFO, rng)?;
    let mut key = Zeroizing::new([0; 32]);
    context
        .export(EXPORT, key.as_mut())
        .map_err(|_| Refused::Sealed)?;
    let ciphertext = context.seal(&inside, &aad).map_err(|_| Refused::Sealed)?;
    Ok(([&aad[..], &enc, &ciphertext].concat(), AnswerKey(key)))
}

fn aad(key_id: &[u8; 16]) -> [u8; AAD] {
    let mut aad = [VERSION; AAD];
    aad[1..].copy_from_slice(&key_id[..15]);
    aad
}

/// Whether a request can have so many bytes.
pub fn is_length(bytes: usize) -> bool {
    bytes == EXCHANGE || bytes == CHUNK_EXCHANGE
}

/// The first 15 bytes of the id of the key that a request is sealed to.
///
/// # Errors
/// [`Refused::Length`], [`Refused::Version`].
pub fn key_id(request: &[u8]) -> Result<[u8; 15]> {
    let mut reader = Reader::new(request);
    if !is_length(request.len()) {
        return Err(Refused::Length);
    }
    if reader.u8()? != VERSION {
        return Err(Refused::Version);
    }
    reader.array()
}

/// Opens a request.
///
/// # Errors
/// [`Refused::Sealed`], or what is wrong with its form.
pub fn open(request: &[u8], intake: &Seed) -> Result<(Request, AnswerKey)> {
    key_id(request)?;
    let (aad, rest) = request.split_at(AAD);
    let (enc, ciphertext) = rest.split_at(ENCAPSULATION);
    let mut context = kem::receiver(intake, enc, INFO)?;
    let mut key = Zeroizing::new([0; 32]);
    context
        .export(EXPORT, key.as_mut())
        .map_err(|_| Refused::Sealed)?;
    let inside = Zeroizing::new(context.open(ciphertext, aad).map_err(|_| Refused::Sealed)?);
    Ok((parse(&inside)?, AnswerKey(key)))
}

/// Reads what stands inside a request: op ‖ flags ‖ 0 u16 ‖ len ‖ body ‖ zeros.
///
/// # Errors
/// What is wrong with its form.
pub fn parse(inside: &[u8]) -> Result<Request> {
    let mut reader = Reader::new(inside);
    let (code, flags) = (reader.u8()?, reader.u8()?);
    let length_of_code = if code == CHUNK_CODE {
        CHUNK_INSIDE
    } else {
        INSIDE
    };
    if inside.len() != length_of_code {
        return Err(Refused::Length);
    }
    if flags > 1 || reader.u16()? != 0 {
        return Err(Refused::Version);
    }
    let length = usize::try_from(reader.u32()?).map_err(|_| Refused::Length)?;
    let body = reader.take(length.min(inside.len() - INSIDE_HEAD + 1))?;
    let operation = Operation::parse(code, body)?;
    if let Operation::Chunk(chunk) = &operation {
        evidence::check(chunk.index, chunk.count)?;
    }
    reader.zeros()?;
    Ok(Request {
        urgent: flags == 1,
        operation,
    })
}

/// Seals an answer, filled with zeros.
///
/// # Errors
/// [`Refused::Length`] if it is too long.
pub fn seal_answer(plain: Vec<u8>, key: &AnswerKey, rng: &mut impl CryptoRng) -> Result<Vec<u8>> {
    let plain = Zeroizing::new(padded(plain, ANSWER)?);
    Ok(sealed::seal(&key.0, b"", &plain, rng))
}

/// Opens an answer.
///
/// # Errors
/// [`Refused::Length`], [`Refused::Sealed`].
pub fn open_answer(answer: &[u8], key: &AnswerKey) -> Result<Zeroizing<Vec<u8>>> {
    if answer.len() != EXCHANGE {
        return Err(Refused::Length);
    }
    sealed::open(&key.0, b"", answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_support::rng;
    use proptest::prelude::*;

    fn every_operation() -> Vec<Operation> {
        let auth = [7; 32];
        vec![
            Operation::Cover,
            Operation::Submit(Box::new(Submit {
                auth,
                proof: [0; 72],
                log_entry: [1; 64],
                organisation: [2; 16],
                commit: [3; 32],
                letterbox: [4; BOX],
                wraps: vec![vec![5; WRAP]; MOST_WRAPS],
                tip: vec![6; TIP],
            })),
            Operation::Fetch { auth },
            Operation::Post {
                auth,
                records: vec![vec![8; RECORD]; MOST_RECORDS],
            },
            Operation::Older {
                auth,
                side: 1,
                before: 9,
            },
            Operation::Chunk(Box::new(chunk(207, 208))),
        ]
    }

    fn chunk(index: u32, count: u32) -> Chunk {
        Chunk {
            auth: [7; 32],
            file: [9; 16],
            index,
            count,
            sealed: vec![10; SEALED_CHUNK],
        }
    }

    #[test]
    fn every_operation_has_one_length_save_a_chunk_and_opens() {
        let rng = &mut rng();
        let intake = Seed::random(rng);
        for operation in every_operation() {
            let is_chunk = matches!(operation, Operation::Chunk(_));
            let request = Request {
                urgent: true,
                operation,
            };
            let (bytes, key) = seal(&request, &intake.public().unwrap(), rng).unwrap();
            assert_eq!(bytes.len(), if is_chunk { 264_192 } else { 32_768 });
            let (opened, same_key) = open(&bytes, &intake).unwrap();
            assert_eq!(opened, request);
            let answer = seal_answer(vec![1, 2], &same_key, rng).unwrap();
            assert_eq!(answer.len(), 32_768);
            assert_eq!(open_answer(&answer, &key).unwrap()[..3], [1, 2, 0]);
            assert_eq!(
                open(&bytes, &Seed::random(rng)).err(),
                Some(Refused::Sealed)
            );
            for bit in [0, 8, 200, 20_000, 8 * 32_767] {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1;
                assert!(open(&flipped, &intake).is_err());
            }
        }
    }

    #[test]
    fn a_chunk_has_its_own_length_and_nothing_else_has_it() {
        let inside = |code: u8, body: &[u8], length: usize| {
            let head = [&[code, 0, 0, 0][..], &length32(body).unwrap()].concat();
            padded([&head, body].concat(), length).unwrap()
        };
        let body = |index, count| Operation::Chunk(Box::new(chunk(index, count))).body();
        assert!(parse(&inside(5, &body(0, 1), CHUNK_INSIDE)).is_ok());
        let wrong = [
            inside(0, b"", CHUNK_INSIDE),
            inside(2, &[7; 32], CHUNK_INSIDE),
            inside(5, b"", INSIDE),
            inside(5, &body(0, 1)[1..], CHUNK_INSIDE),
            inside(5, &[&body(0, 1)[..], &[0]].concat(), CHUNK_INSIDE),
            inside(5, &body(1, 1), CHUNK_INSIDE),
            inside(5, &body(0, 3), CHUNK_INSIDE),
            inside(5, &body(0, 0), CHUNK_INSIDE),
        ];
        for (n, wrong) in wrong.iter().enumerate() {
            assert_eq!(parse(wrong), Err(Refused::Length), "{n}");
        }
        let mut dirty = inside(5, &body(0, 1), CHUNK_INSIDE);
        dirty[CHUNK_INSIDE - 1] = 1;
        assert_eq!(parse(&dirty), Err(Refused::Padding));
    }

    proptest! {
        #[test]
        fn any_inside_of_a_chunk_is_parsed_or_refused(
            flags in 0u8..3, length: u32, exact: bool, index in 0u32..300, count in 0u32..300, end: Vec<u8>,
        ) {
            let sent = Operation::Chunk(Box::new(chunk(index, count))).body();
            let right = length32(&sent).unwrap();
            let length = if exact { right } else { length.to_be_bytes() };
            let bytes = [&[5, flags, 0, 0][..], &length, &sent].concat();
            let mut inside = padded(bytes, CHUNK_INSIDE).unwrap();
            let dirty = end.iter().take(64).any(|&byte| byte != 0);
            let at = CHUNK_INSIDE - 64;
            inside[at..at + end.len().min(64)].copy_from_slice(&end[..end.len().min(64)]);
            let good = flags < 2 && length == right && evidence::check(index, count).is_ok() && !dirty;
            prop_assert_eq!(parse(&inside).is_ok(), good);
        }

        #[test]
        fn any_inside_is_parsed_or_refused(head: [u8; 8], body: Vec<u8>) {
            let inside = padded([&head[..], &body].concat(), INSIDE).unwrap();
            let _ = parse(&inside);
        }
    }
}
