//! The database alone, with every passphrase: nothing opens without the keyring.

use std::thread;

use shudong::keyring::{Keyring, Lock, NO_SHRED, Place};
use shudong::members;
use shudong_envelope::case::CaseKey;
use shudong_envelope::kdf::hash;
use shudong_envelope::kem::Seed;
use shudong_envelope::member::{MemberRoot, Unlock, Whose};
use shudong_envelope::record;
use shudong_envelope::wrap::{self, Context, Purpose};
use uuid::Uuid;

use crate::at_rest::{CaseRow, SeedWrap, array, case_rows, place, seed_wraps, slots};
use crate::city::{City, Person, on_each_engine_with_passphrases};
use crate::member::hex;

/// Everything in the rows, and what a thief adds to it.
struct Stolen {
    members: Vec<(Uuid, Vec<u8>, Vec<u8>)>,
    seeds: Vec<SeedWrap>,
    organisation_keys: Vec<(Uuid, Vec<u8>)>,
    cases: Vec<CaseRow>,
    deployment: [u8; 16],
    unlocks: Vec<Unlock>,
    codes: Vec<[u8; 16]>,
}

/// What opened.
#[derive(Debug, Default, PartialEq, Eq)]
struct Loot {
    roots: usize,
    recovered: usize,
    seeds: usize,
    texts: Vec<String>,
}

/// What may stand under a sealed column: with the keyring its content, without it the bytes as they
/// lie, or what keyrings of zeros or of the shred key make of them.
fn peeled(
    keyring: Option<&Keyring>,
    shred: &[u8; 32],
    place: Place<'_>,
    bytes: &[u8],
) -> Vec<Vec<u8>> {
    let open = |ring: &Keyring| {
        let found =
            [Lock::Rows, Lock::Release].map(|lock| ring.open(lock, shred, place, bytes).ok());
        found
            .into_iter()
            .flatten()
            .map(|plain| plain.to_vec())
            .collect::<Vec<_>>()
    };
    if let Some(keyring) = keyring {
        return open(keyring);
    }
    let mut found = vec![bytes.to_vec(), bytes[1..].to_vec()];
    for key in [&NO_SHRED, shred].map(|key| hex(key)) {
        let guess = format!("rows {key}\nlookup {key}\nrelease {key}\nservice {key}\n");
        found.extend(open(&Keyring::from_text(&guess).unwrap()));
    }
    found
}

impl Stolen {
    async fn from(city: &City) -> Self {
        let past = &mut city.past().await;
        let everybody = || city.places().into_iter().flat_map(|place| &place.people);
        let people: Vec<&Person> = everybody().collect();
        // Anybody may ask for anybody's salt.
        let unlock = |person: &&Person| {
            let (passphrase, _) = person.secrets.as_ref().unwrap();
            Unlock::new(
                passphrase,
                &members::salt(&city.app.keyring, &person.account),
            )
        };
        let (one, two) = people.split_at(people.len() / 2);
        let unlocks = thread::scope(|scope| {
            let first = scope.spawn(|| one.iter().map(unlock).collect::<Vec<_>>());
            let second: Vec<_> = two.iter().map(unlock).collect();
            first.join().unwrap().into_iter().chain(second).collect()
        });
        Self {
            members: past.rows("SELECT id, root, recovery FROM members").await,
            seeds: seed_wraps(past).await,
            organisation_keys: past
                .rows("SELECT organisation, public_key FROM organisation_keys")
                .await,
            cases: case_rows(past).await,
            deployment: city.school.founder.deployment,
            unlocks,
            codes: people
                .iter()
                .map(|one| one.secrets.as_ref().unwrap().1)
                .collect(),
        }
    }

    /// One and the same attempt, with the keyring or without.
    fn plunder(&self, keyring: Option<&Keyring>) -> Loot {
        let mut loot = Loot::default();
        let mut seeds = Vec::new();
        for (id, root, recovery) in &self.members {
            let member = id.into_bytes();
            let whose = Whose {
                deployment: self.deployment,
                member,
            };
            for plain in peeled(keyring, &NO_SHRED, place("members", "root", &member), root) {
                let roots = self.unlocks.iter();
                let roots =
                    roots.filter_map(|unlock| MemberRoot::open(&plain, unlock, &whose).ok());
                let roots: Vec<_> = roots.collect();
                loot.roots += roots.len();
                seeds.extend(roots.iter().map(MemberRoot::kem));
            }
            for plain in peeled(
                keyring,
                &NO_SHRED,
                place("members", "recovery", &member),
                recovery,
            ) {
                let opens =
                    |code: &&[u8; 16]| MemberRoot::open_recovery(&plain, code, &whose).is_ok();
                loot.recovered += self.codes.iter().filter(opens).count();
            }
        }
        let organisations = self.organisation_seeds(&seeds);
        loot.seeds = organisations.len();
        seeds.extend(organisations);
        for row in &self.cases {
            loot.texts.extend(self.letter(keyring, row, &seeds));
        }
        loot
    }

    fn organisation_seeds(&self, kems: &[Seed]) -> Vec<Seed> {
        let mut found = Vec::new();
        for (organisation, purpose, _, _, bytes) in &self.seeds {
            let mut publics = self
                .organisation_keys
                .iter()
                .filter(|one| one.0 == *organisation);
            let context = Context {
                purpose: Purpose::OrganisationSeed,
                deployment: self.deployment,
                object: organisation.into_bytes(),
                generation: 0,
                usage: 0,
                commit: hash(&[&publics.next().unwrap().1]),
            };
            if *purpose == 3 {
                let opened = kems
                    .iter()
                    .filter_map(|kem| wrap::open(bytes, kem, &context).ok());
                found.extend(opened.map(Seed::from_bytes));
            }
        }
        found
    }

    fn letter(&self, keyring: Option<&Keyring>, row: &CaseRow, seeds: &[Seed]) -> Option<String> {
        let (case, shred) = (row.0.into_bytes(), array(&row.1));
        let peel = |column, bytes| peeled(keyring, &shred, place("cases", column, &case), bytes);
        for fields in peel("fields", &row.2)
            .iter()
            .filter(|plain| plain.len() >= 33)
        {
            let context = Context {
                purpose: Purpose::Case,
                deployment: self.deployment,
                object: case,
                generation: 0,
                usage: 0,
                commit: array(&fields[1..33]),
            };
            let wraps = peel("holders", &row.3)
                .into_iter()
                .flat_map(|plain| slots(&plain));
            for (bytes, seed) in
                wraps.flat_map(|one| seeds.iter().map(move |seed| (one.clone(), seed)))
            {
                if let Ok(secret) = wrap::open(&bytes, seed, &context) {
                    let key = CaseKey::committed(secret, &context.commit).ok()?;
                    let opened = record::open(&row.6, &key).ok()?;
                    return Some(String::from_utf8_lossy(&opened.text).into_owned());
                }
            }
        }
        None
    }
}

#[tokio::test]
async fn every_passphrase_opens_nothing_without_the_keyring() {
    on_each_engine_with_passphrases(async |mut city: City| {
        for (text, leave_out) in [("to all", None), ("without the chair", Some(1))] {
            let told = city.tip(text, leave_out).await;
            city.submit(&told.submit).await;
        }
        city.tick().await;
        let stolen = Stolen::from(&city).await;
        assert_eq!(
            (
                stolen.unlocks.len(),
                stolen.members.len(),
                stolen.cases.len()
            ),
            (14, 14, 2)
        );
        assert_eq!(stolen.plunder(None), Loot::default());
        let mut control = stolen.plunder(Some(&city.app.keyring));
        control.texts.sort();
        assert_eq!(
            (control.roots, control.recovered, control.seeds),
            (14, 14, 14)
        );
        assert_eq!(
            control.texts,
            [
                r#"{"text":"to all","v":1}"#,
                r#"{"text":"without the chair","v":1}"#
            ]
        );
        assert_eq!(
            stolen.plunder(Some(&Keyring::random(&mut city.rng))),
            Loot::default(),
            "another deployment's keyring"
        );
    })
    .await;
}
