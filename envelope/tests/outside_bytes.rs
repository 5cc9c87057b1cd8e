//! Every parser of bytes from outside, over any bytes and over good ones with something changed:
//! it parses or refuses, and what it parses it writes again as it was.
#![expect(clippy::unwrap_used, reason = "a test's own bytes hold")]

mod town;

use std::sync::LazyLock;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shudong_envelope::answer::{Fetched, Outcome, Status, outcome, parse_older, parse_outcome};
use shudong_envelope::case::CaseKey;
use shudong_envelope::exchange;
use shudong_envelope::kdf::kdf;
use shudong_envelope::kem::{PublicKey, Seed};
use shudong_envelope::keys_document::{Items, verify};
use shudong_envelope::letterbox::{BOX, Letterbox};
use shudong_envelope::record::{self, HEAD, RECORD, TIP};
use shudong_envelope::sealed;
use shudong_envelope::statement::{
    Epoch, Handover, Identity, Intake, Member, Roster, Service, Statement,
};
use shudong_envelope::wrap::{self, Context, Purpose, WRAP};
use zeroize::Zeroizing;

static KEYS_DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| town::items().bytes().unwrap());

const CONTEXT: Context = Context {
    purpose: Purpose::Case,
    deployment: [1; 16],
    object: [2; 16],
    generation: 0,
    usage: 0,
    commit: [3; 32],
};

fn rng() -> StdRng {
    StdRng::seed_from_u64(9)
}

fn recipient() -> Seed {
    Seed::from_bytes(Zeroizing::new([4; 32]))
}

/// Good bytes with a few of them written over.
fn altered(good: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for (at, value) in changes {
        let at = at % bytes.len();
        bytes[at] = *value;
    }
    bytes
}

fn fetched(identities: usize, records: usize) -> Fetched {
    Fetched {
        status: Status {
            case: [1; 16],
            stage: 5,
            urgent: true,
            duty: 2,
            due: 3,
            seen_hour: 4,
            now_hour: 5,
            today: 6,
            limits: [7, 8],
            identities: vec![vec![9; Identity::SIZE]; identities],
        },
        letterbox: vec![10; BOX],
        tip: vec![11; TIP],
        records: vec![vec![12; RECORD]; records],
    }
}

fn few() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6)
}

proptest! {
    #[test]
    fn a_keys_document(changes in few(), head in proptest::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [altered(&KEYS_DOCUMENT, &changes), altered(&KEYS_DOCUMENT[..], &[]), head] {
            if let Ok(items) = Items::parse(&bytes) {
                prop_assert_eq!(items.bytes().unwrap(), bytes);
            }
        }
        // Near the front stand the items' heads, where a parser goes wrong first.
        let front: Vec<_> = changes.iter().map(|(at, value)| (at % 400, *value)).collect();
        if let Ok(items) = Items::parse(&altered(&KEYS_DOCUMENT, &front)) {
            let _ = verify(&items, None);
        }
    }

    #[test]
    fn statements(bytes in proptest::collection::vec(any::<u8>(), 0..220)) {
        fn read<S: Statement>(bytes: &[u8]) -> bool {
            S::verify(bytes, &[1; 32]).is_ok()
                || S::parse(bytes).is_ok_and(|read| read.body() != bytes)
        }
        prop_assert!(!read::<Identity>(&bytes) && !read::<Epoch>(&bytes) && !read::<Member>(&bytes));
        prop_assert!(!read::<Roster>(&bytes) && !read::<Handover>(&bytes));
        prop_assert!(!read::<Service>(&bytes) && !read::<Intake>(&bytes));
    }

    #[test]
    fn what_a_fetch_answers(changes in few(), identities in 0usize..7, records in 0usize..5, bytes: Vec<u8>) {
        let good = fetched(identities, records);
        let mut plain = good.bytes().unwrap();
        prop_assert_eq!(Fetched::parse(&plain), Ok(Some(good)));
        plain.resize(exchange::ANSWER, 0);
        prop_assert!(Fetched::parse(&plain).is_ok());
        // The status holds the codes and counts.
        let front: Vec<_> = changes.iter().map(|(at, value)| (at % 1400, *value)).collect();
        for bytes in [altered(&plain, &front), altered(&plain, &changes), bytes] {
            if let Ok(Some(read)) = Fetched::parse(&bytes) {
                let mut again = read.bytes().unwrap();
                again.resize(bytes.len(), 0);
                prop_assert_eq!(again, bytes);
            }
        }
    }

    #[test]
    fn what_older_and_post_answer(bytes: Vec<u8>, hour: u32, count in 0u8..9) {
        let _ = (parse_older(&bytes), parse_outcome(&bytes));
        let page = [vec![count], vec![1; usize::from(count) * RECORD]].concat();
        prop_assert_eq!(parse_older(&page).is_ok(), count <= 7);
        prop_assert_eq!(parse_outcome(&outcome(Outcome::KeysStale, hour)), Ok((Outcome::KeysStale, hour)));
    }

    #[test]
    fn a_record_whose_author_may_write_anything(
        plain in proptest::collection::vec(any::<u8>(), 4096),
        kind in 0u8..9, side in 0u8..5, length in 0u32..4200, head in proptest::collection::vec(any::<u8>(), HEAD),
    ) {
        let key = CaseKey::random(&mut rng());
        let mut head = head;
        head[..3].copy_from_slice(&[1, kind, side]);
        let mut plain = plain;
        // Where a letter of the reporter's or a member's has its length.
        let at = if side == 0 || side == 3 { 100 } else { 285 };
        plain[at..at + 4].copy_from_slice(&length.to_be_bytes());
        let end = (at + 4 + usize::try_from(length).unwrap()).min(plain.len());
        plain[end..].fill(0);
        let body = sealed::seal(&kdf(key.bytes(), "record"), &head, &plain, &mut rng());
        if let Ok(opened) = record::open(&[head, body].concat(), &key) {
            prop_assert_eq!(opened.text.len(), usize::try_from(length).unwrap());
            prop_assert!(opened.by(&[1; 32]).is_err());
        }
    }

    #[test]
    fn a_box_of_any_content(plain in proptest::collection::vec(any::<u8>(), 160), zeros: bool, bytes: Vec<u8>) {
        let mut plain = plain;
        if zeros {
            plain[117..].fill(0);
            plain[116] &= 1;
        }
        let aad = [&b"shudong/1 box\0"[..], &[1; 16], &[2; 16]].concat();
        let sealed = sealed::seal(&[3; 32], &aad, &plain, &mut rng());
        let opened = Letterbox::open(&sealed, &[3; 32], &[1; 16], &[2; 16]);
        prop_assert_eq!(opened.is_ok(), zeros || (plain[116] < 2 && plain[117..].iter().all(|&byte| byte == 0)));
        prop_assert!(Letterbox::open(&bytes, &[3; 32], &[1; 16], &[2; 16]).is_err());
    }

    #[test]
    fn keys_of_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 1210..1220)) {
        if let Ok(key) = PublicKey::from_bytes(&bytes) {
            prop_assert_eq!(&key.bytes()[..], &bytes[..]);
            prop_assert!(wrap::wrap(&[1; 32], &key, &CONTEXT, &mut rng()).is_ok());
        }
    }
}

proptest! {
    // Each opens an encapsulation or two.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_wrap(changes in few(), bytes: Vec<u8>) {
        let public = recipient().public().unwrap();
        let good = wrap::wrap(&[5; 32], &public, &CONTEXT, &mut rng()).unwrap();
        prop_assert_eq!(wrap::head(&good), Ok((0, public.id())));
        let changed = altered(&good, &changes);
        let opened = wrap::open(&changed, &recipient(), &CONTEXT);
        prop_assert_eq!(opened.is_ok(), changed == good);
        prop_assert!(bytes.len() == WRAP || wrap::head(&bytes).is_err());
        prop_assert!(wrap::open(&bytes, &recipient(), &CONTEXT).is_err());
    }

    #[test]
    fn an_exchange(changes in few(), auth: [u8; 32], before: u32) {
        let operation = exchange::Operation::Older { auth, side: 1, before };
        let asked = exchange::Request { urgent: false, operation };
        let public = recipient().public().unwrap();
        let (good, key) = exchange::seal(&asked, &public, &mut rng()).unwrap();
        let changed = altered(&good, &changes);
        let opened = exchange::open(&changed, &recipient()).map(|(request, _)| request);
        prop_assert_eq!(opened.is_ok(), changed == good);
        prop_assert_eq!(exchange::open(&good, &recipient()).unwrap().0, asked);
        prop_assert!(exchange::open_answer(&changed, &key).is_err());
    }
}
