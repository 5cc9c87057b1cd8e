//! The database alone, read past the server: which keys open which wraps.

use std::collections::BTreeSet;

use shudong::keyring::{Keyring, Lock, NO_SHRED, Place};
use shudong_envelope::case::CaseKey;
use shudong_envelope::kdf::hash;
use shudong_envelope::kem::Seed;
use shudong_envelope::wrap::{self, Context, Purpose, WRAP};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::city::{City, Told, on_each_engine};
use crate::past::Past;

/// A private key of the deployment, and whose it is.
struct Key {
    whose: String,
    seed: Seed,
    id: [u8; 16],
}

impl Key {
    fn new(whose: String, secret: [u8; 32]) -> Self {
        let seed = Seed::from_bytes(Zeroizing::new(secret));
        let id = seed.public().unwrap().id();
        Self { whose, seed, id }
    }
}

/// One stored wrap: of which case, for what, and the context that its place in the row implies.
struct StoredWrap {
    case: [u8; 16],
    context: Context,
    bytes: Vec<u8>,
}

pub(crate) fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}

pub(crate) fn place<'a>(table: &'a str, column: &'a str, row: &'a [u8]) -> Place<'a> {
    Place { table, column, row }
}

/// count ‖ slots, as the rows hold them.
pub(crate) fn slots(bytes: &[u8]) -> Vec<Vec<u8>> {
    let wraps = bytes[1..].chunks_exact(WRAP).take(usize::from(bytes[0]));
    wraps.map(<[u8]>::to_vec).collect()
}

pub(crate) type SeedWrap = (Uuid, i64, i64, Vec<u8>, Vec<u8>);

pub(crate) async fn seed_wraps(past: &mut Past) -> Vec<SeedWrap> {
    let sql = "SELECT organisation, purpose, epoch, recipient, wrap FROM seed_wraps";
    past.rows(sql).await
}

/// Unwraps a stored seed with the key of the person it is wrapped to.
fn unwrapped(city: &City, row: &SeedWrap, commit: [u8; 32]) -> [u8; 32] {
    let (organisation, purpose, _, recipient, bytes) = row;
    let everybody = city.places().into_iter().flat_map(|place| &place.people);
    let mut kems = everybody.map(|person| person.root.kem());
    let holder = kems.find(|kem| kem.public().unwrap().id()[..] == recipient[..]);
    let context = Context {
        purpose: match purpose {
            3 => Purpose::OrganisationSeed,
            _ => Purpose::IdentitySeed,
        },
        deployment: city.school.founder.deployment,
        object: organisation.into_bytes(),
        generation: 0,
        usage: 0,
        commit,
    };
    *wrap::open(bytes, &holder.unwrap(), &context).unwrap()
}

/// Every private key there is: members', organisations' of every epoch, identities', the weekly
/// one, and the keyring's own, tried as if it were one too.
async fn every_key(city: &City, past: &mut Past) -> Vec<Key> {
    let mut keys = Vec::new();
    for person in city.places().iter().flat_map(|place| &place.people) {
        let name = |what: &str| format!("{what} of {}", person.account);
        keys.push(Key::new(name("kem"), *person.root.kem().bytes()));
        keys.push(Key::new(name("signature"), *person.root.signing().seed()));
    }
    let wraps = seed_wraps(past).await;
    let sql = "SELECT organisation, epoch, public_key FROM organisation_keys";
    let organisations: Vec<(Uuid, i64, Vec<u8>)> = past.rows(sql).await;
    for (organisation, epoch, public) in organisations {
        let name = city.places().into_iter().find(|place| {
            let id = place.organisation.id.bytes();
            id == organisation.into_bytes()
        });
        let place = name.unwrap();
        let mine = |row: &&SeedWrap| (row.0, row.1, row.2) == (organisation, 3, epoch);
        let seeds = wraps.iter().filter(mine);
        let seeds = seeds.map(|row| unwrapped(city, row, hash(&[&public])));
        let seeds: Vec<[u8; 32]> = seeds.collect();
        assert_eq!(seeds.len(), place.people.len(), "each member has it");
        let key = Key::new(
            format!("organisation {}", place.organisation.name),
            seeds[0],
        );
        assert_eq!(key.seed.public().unwrap().bytes()[..], public[..]);
        keys.push(key);
    }
    for place in city.places() {
        let id = place.organisation.id.bytes();
        let identity = |row: &&SeedWrap| row.0.into_bytes() == id && row.1 == 4;
        let row = wraps.iter().find(identity).unwrap();
        let seed = unwrapped(city, row, hash(&[&place.founder.identity.public()]));
        assert_eq!(seed, *place.founder.identity.seed());
        let name = format!("identity of {}", place.organisation.name);
        keys.push(Key::new(name, seed));
    }
    let keyring = &city.app.keyring;
    let intake: Vec<(Vec<u8>, Vec<u8>)> = past.rows("SELECT key_id, secret FROM intake_keys").await;
    for (id, secret) in intake {
        let place = place("intake_keys", "secret", &id);
        let secret = keyring.open(Lock::Rows, &NO_SHRED, place, &secret);
        keys.push(Key::new("intake".to_owned(), array(&secret.unwrap())));
    }
    for line in keyring.to_text().lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let bytes = (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
        let bytes: Vec<u8> = bytes.collect();
        keys.push(Key::new(format!("keyring {name}"), array(&bytes)));
    }
    keys
}

/// id, shred, fields, holders, upper, dossier, tip
pub(crate) type CaseRow = (
    Uuid,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    Vec<u8>,
);

pub(crate) async fn case_rows(past: &mut Past) -> Vec<CaseRow> {
    let sql = "SELECT c.id, s.shred, c.fields, c.holders, c.upper, c.dossier, c.tip \
               FROM cases c JOIN shreds s ON s.case_id = c.id";
    past.rows(sql).await
}

/// Opens a row's columns with the keyring; upper wraps must not open under the ordinary lock.
fn stored_wraps(keyring: &Keyring, deployment: [u8; 16], row: &CaseRow) -> Vec<StoredWrap> {
    let (case, shred) = (row.0.into_bytes(), array(&row.1));
    let open = |lock, column, bytes: &[u8]| {
        keyring.open(lock, &shred, place("cases", column, &case), bytes)
    };
    let rows = |column, bytes: &[u8]| open(Lock::Rows, column, bytes).unwrap();
    let released = |column, bytes: &[u8]| {
        assert!(
            open(Lock::Rows, column, bytes).is_err(),
            "no rule released it"
        );
        open(Lock::Release, column, bytes).unwrap()
    };
    let fields = rows("fields", &row.2);
    let dossier = rows("dossier", row.5.as_ref().unwrap());
    let (commit, rest) = dossier.split_at(32);
    let (own, above) = rest.split_at(1 + 14 * WRAP);
    let parts = [
        (
            Purpose::Case,
            &fields[1..33],
            slots(&rows("holders", &row.3)),
        ),
        (
            Purpose::Case,
            &fields[1..33],
            slots(&released("upper", &row.4)),
        ),
        (Purpose::Dossier, commit, slots(own)),
        (
            Purpose::Dossier,
            commit,
            slots(&released("dossier upper", above)),
        ),
    ];
    let mut found = Vec::new();
    for (purpose, commit, wraps) in parts {
        for bytes in wraps {
            let context = Context {
                purpose,
                deployment,
                object: case,
                generation: 0,
                usage: bytes[0],
                commit: array(commit),
            };
            found.push(StoredWrap {
                case,
                context,
                bytes,
            });
        }
    }
    found
}

/// Which case, what, which use, opened by whom.
type Opening = ([u8; 16], u8, u8, String);

/// Tries every key on every wrap, relabelled as the key's own under every use and purpose.
fn openings(keys: &[Key], wraps: &[StoredWrap]) -> (usize, BTreeSet<Opening>) {
    let mut tried = 0;
    let mut opened = BTreeSet::new();
    for (key, stored) in keys
        .iter()
        .flat_map(|key| wraps.iter().map(move |one| (key, one)))
    {
        for usage in 0..3 {
            for purpose in [Purpose::Case, Purpose::Dossier] {
                let mut bytes = stored.bytes.clone();
                bytes[0] = usage;
                bytes[1..17].copy_from_slice(&key.id);
                let context = Context {
                    usage,
                    purpose,
                    ..stored.context
                };
                tried += 1;
                if let Ok(secret) = wrap::open(&bytes, &key.seed, &context) {
                    assert_eq!(context, stored.context, "only as what it was made");
                    assert!(CaseKey::committed(secret, &context.commit).is_ok());
                    let whose = key.whose.clone();
                    opened.insert((stored.case, purpose as u8, usage, whose));
                }
            }
        }
    }
    (tried, opened)
}

fn expected(told: &Told, holders: &[&str]) -> BTreeSet<Opening> {
    let upper = [(1, "organisation county"), (2, "organisation city")];
    let all = holders.iter().map(|name| (0, *name)).chain(upper);
    let both = all.flat_map(|(usage, name)| [(1, usage, name), (2, usage, name)]);
    both.map(|(purpose, usage, name)| (told.case, purpose, usage, name.to_owned()))
        .collect()
}

/// 14 people with two keys, four organisations with a key and an identity, the weekly key, and four
/// of the keyring.
const KEYS: usize = 14 * 2 + 4 + 4 + 1 + 4;
/// Case and dossier: one holder and two above; four holders and two above.
const WRAPS: usize = 2 * (1 + 2) + 2 * (4 + 2);

#[tokio::test]
async fn a_case_opens_with_exactly_its_holders_keys() {
    on_each_engine(async |mut city: City| {
        let whole = city.tip("to all", None).await;
        let partial = city.tip("without the chair", Some(1)).await;
        city.submit(&whole.submit).await;
        city.submit(&partial.submit).await;
        city.tick().await;
        let teacher = city.at_desk(&city.school.people[1]).await;
        let rng = &mut city.own_rng();
        for told in [&whole, &partial] {
            let dossier = teacher.dossier(&city, told, rng).await;
            assert_eq!(teacher.begin(&city, told, &dossier).await, 201);
        }
        let past = &mut city.past().await;
        let deployment = city.school.founder.deployment;
        let rows = case_rows(past).await;
        let wraps = rows
            .iter()
            .flat_map(|row| stored_wraps(&city.app.keyring, deployment, row));
        let wraps: Vec<StoredWrap> = wraps.collect();
        let keys = every_key(&city, past).await;
        assert_eq!((keys.len(), wraps.len()), (KEYS, WRAPS));
        let (tried, opened) = openings(&keys, &wraps);
        assert_eq!(tried, KEYS * WRAPS * 6);
        let singly = [
            "kem of school-1",
            "kem of school-2",
            "kem of school-3",
            "kem of school-4",
        ];
        let mut wanted = expected(&whole, &["organisation school"]);
        wanted.extend(expected(&partial, &singly));
        assert_eq!(opened, wanted);
    })
    .await;
}
