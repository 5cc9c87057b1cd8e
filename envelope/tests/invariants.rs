//! What must not be possible: two keys for one record, and records out of place or by the wrong
//! hand. Beside every refusal stands the honest record, which is accepted.
#![expect(clippy::unwrap_used, reason = "a test's own records hold")]

mod town;

use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::case::CaseKey;
use shudong_envelope::kdf::hash;
use shudong_envelope::record::{self, Chain, Head, Kind, Opened, Preface, Seen, Side};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{Member, Statement};
use shudong_envelope::wrap::{self, Context, Purpose};
use shudong_envelope::{Refused, Result};
use town::{BUREAU, PEOPLE, SCHOOL, SERVICE, member, seed, signer};

const DEPLOYMENT: [u8; 16] = [9; 16];
const CASE: [u8; 16] = [0x51; 16];

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

#[test]
fn a_wrap_of_another_key_under_a_commitment_opens_and_is_not_used() {
    let rng = &mut rng();
    let (a, b) = (CaseKey::random(rng), CaseKey::random(rng));
    let holder = seed(0x52);
    let context = Context {
        purpose: Purpose::Case,
        deployment: DEPLOYMENT,
        object: CASE,
        generation: 0,
        usage: 0,
        commit: a.commit(),
    };
    let mut unwrapped = |key: &CaseKey| {
        let wrapped = wrap::wrap(key.bytes(), &holder.public().unwrap(), &context, rng).unwrap();
        // The wrap itself opens either way: only the commitment tells the keys apart.
        let inside = wrap::open(&wrapped, &holder, &context).unwrap();
        assert_eq!(*inside, *key.bytes());
        CaseKey::committed(inside, &context.commit).map(|key| *key.bytes())
    };
    assert_eq!(unwrapped(&a), Ok(*a.bytes()));
    assert_eq!(unwrapped(&b), Err(Refused::Commitment));
}

/// A reply as an honest desk writes it, with what is done otherwise.
struct Reply {
    head: Head,
    statement: Vec<u8>,
    author: SigningKey,
    key: CaseKey,
}

fn honest() -> Reply {
    let (who, role) = PEOPLE[1];
    Reply {
        head: Head {
            kind: Kind::Message,
            side: Side::Committee,
            generation: 0,
            seq: 0,
            deployment: DEPLOYMENT,
            case: CASE,
            object: CASE,
            prev: [0; 32],
        },
        statement: member(who, role, SCHOOL).signed(&SCHOOL.signing()),
        author: who.signing(),
        key: CaseKey::random(&mut rng()),
    }
}

impl Reply {
    fn sealed(&self) -> Vec<u8> {
        let preface = Preface::Member {
            statement: self.statement.clone(),
            seen: Seen::NOTHING,
        };
        let rng = &mut rng();
        record::seal(&self.head, &preface, b"{}", &self.author, &self.key, rng).unwrap()
    }
}

/// What a reader says who knows the case's key and the school's identity.
fn read(bytes: &[u8]) -> Result<Member> {
    let opened: Opened = record::open(bytes, &honest().key)?;
    opened.by_member_of(&SCHOOL.signing().public(), &SCHOOL.id())
}

#[test]
fn a_reply_is_by_a_member_whom_the_identity_named() {
    let (who, role) = PEOPLE[1];
    assert_eq!(read(&honest().sealed()), Ok(member(who, role, SCHOOL)));
    let said = |member: Member, by: SigningKey| member.signed(&by);
    let ours = member(who, role, SCHOOL);
    let elsewhere = Member {
        deployment: [8; 16],
        ..ours
    };
    let foreign = Member {
        organisation: BUREAU.id(),
        ..ours
    };
    for (what, reply, reason) in [
        (
            "signed by the server",
            Reply {
                author: signer(SERVICE),
                ..honest()
            },
            Refused::Signature,
        ),
        (
            "statement by the server",
            Reply {
                statement: said(ours, signer(SERVICE)),
                ..honest()
            },
            Refused::Signature,
        ),
        (
            "statement by the bureau",
            Reply {
                statement: said(ours, BUREAU.signing()),
                ..honest()
            },
            Refused::Signature,
        ),
        (
            "for another organisation",
            Reply {
                statement: said(foreign, SCHOOL.signing()),
                ..honest()
            },
            Refused::Statement,
        ),
        (
            "of another deployment",
            Reply {
                statement: said(elsewhere, SCHOOL.signing()),
                ..honest()
            },
            Refused::Statement,
        ),
        (
            "under another key",
            Reply {
                key: CaseKey::random(&mut StdRng::seed_from_u64(8)),
                ..honest()
            },
            Refused::Sealed,
        ),
        (
            // A holder has the key, but only the reporter signs on the reporter's side.
            "on the reporter's side",
            Reply {
                head: Head {
                    side: Side::Server,
                    ..honest().head
                },
                ..honest()
            },
            Refused::Version,
        ),
    ] {
        assert_eq!(read(&reply.sealed()), Err(reason), "{what}");
    }
}

#[test]
fn a_holder_cannot_speak_as_the_reporter() {
    let reporter = signer(0x53);
    let key = honest().key;
    let head = Head {
        side: Side::Reporter,
        seq: 1,
        ..honest().head
    };
    let by = |author: &SigningKey| {
        let preface = Preface::Reporter(Seen::NOTHING);
        let bytes = record::seal(&head, &preface, b"{}", author, &key, &mut rng()).unwrap();
        record::open(&bytes, &key)?.by(&reporter.public())
    };
    assert_eq!(by(&reporter), Ok(()));
    assert_eq!(by(&PEOPLE[1].0.signing()), Err(Refused::Signature));
}

#[test]
fn a_side_takes_the_next_record_of_its_case_and_nothing_else() {
    let at = |seq: u32, prev: [u8; 32], case: [u8; 16]| {
        let head = Head {
            seq,
            prev,
            case,
            object: case,
            ..honest().head
        };
        Reply { head, ..honest() }.sealed()
    };
    let first = at(0, [0; 32], CASE);
    let second = at(1, hash(&[&first]), CASE);
    let third = at(2, hash(&[&second]), CASE);
    let whole = |records: &[&Vec<u8>]| {
        let mut chain = Chain::of(CASE);
        records
            .iter()
            .try_for_each(|record| chain.take(record).map(drop))
    };
    assert_eq!(whole(&[&first, &second, &third]), Ok(()));
    let (foreign, unlinked, late) = (
        at(1, hash(&[&first]), [0x52; 16]),
        at(1, [0; 32], CASE),
        at(0, [1; 32], CASE),
    );
    for (what, records) in [
        ("replayed", vec![&first, &first]),
        ("replayed later", vec![&first, &second, &first]),
        ("turned round", vec![&second, &first]),
        ("a gap", vec![&first, &third]),
        ("of another case", vec![&first, &foreign]),
        ("not linked", vec![&first, &unlinked]),
        ("a first that names one before", vec![&late]),
    ] {
        assert_eq!(whole(&records), Err(Refused::Thread), "{what}");
    }
}

#[test]
fn what_was_moved_does_not_open() {
    let good = honest().sealed();
    assert!(read(&good).is_ok());
    // Side, generation, number, deployment, case, object, link: all are bound to the content.
    for at in [3, 7, 8, 24, 40, 56] {
        let mut moved = good.clone();
        moved[at] ^= 1;
        assert_eq!(read(&moved), Err(Refused::Sealed), "byte {at}");
    }
}
