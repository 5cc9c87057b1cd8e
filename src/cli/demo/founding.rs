//! Founds the table of [`super::city`].

use std::error::Error;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::{CryptoRng, RngExt};
use shudong_envelope::member::{MemberRoot, Unlock, Whose};
use shudong_envelope::pin::pin;

use super::city::{BUREAU, CITY, COMMITTEE, Entry, Kind, Staff};
use super::file::{self, City};
use crate::clock::Day;
use crate::directory::{self, Colleague, Founder, NewOrganisation, Organisation};
use crate::ids::{MemberId, OrganisationId};
use crate::keyring::Keyring;
use crate::members::{self, NewMember, Profile};
use crate::storage::Tx;

type Founded<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Roles that hold their organisation's identity.
const CHAIRS: [u8; 2] = [1, 20];

/// Founds the whole city in one transaction.
pub(super) async fn found(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    day: Day,
) -> Founded<City> {
    let mut city = City {
        organisations: Vec::new(),
        members: Vec::new(),
    };
    let mut places: Vec<(Organisation, Founder)> = Vec::new();
    let mut keys = Vec::new();
    for entry in &CITY {
        let parent = places.get(entry.parent).map(|(parent, _)| parent.id);
        let new = new_organisation(entry, parent);
        let (organisation, founder) = match places.get(entry.parent) {
            None => directory::found(tx, rng, &new, keyring.service().public(), day).await?,
            Some((_, above)) => {
                let organisation = directory::add_organisation(tx, rng, &new).await?;
                let founder = above.appoint(tx, rng, &organisation, day).await?;
                (organisation, founder)
            }
        };
        if let Some(above) = parent_key(&keys, entry) {
            directory::hand_identity_to(tx, rng, &founder, above).await?;
        }
        let key = staff(
            tx,
            keyring,
            rng,
            day,
            (entry, &organisation, &founder),
            &mut city,
        )
        .await?;
        if entry.staff == Staff::Committee {
            let above = &places[entry.parent].1;
            directory::confirm_roster(tx, above, organisation.id, day).await?;
        }
        city.organisations
            .push(describe(entry, &organisation, &founder, &places));
        keys.push(key);
        places.push((organisation, founder));
    }
    Ok(city)
}

type PublicKey = shudong_envelope::kem::PublicKey;

fn parent_key<'k>(keys: &'k [Option<PublicKey>], entry: &Entry) -> Option<&'k PublicKey> {
    keys.get(entry.parent).and_then(Option::as_ref)
}

fn new_organisation(entry: &Entry, parent: Option<OrganisationId>) -> NewOrganisation<'static> {
    let (kind, stage) = match entry.kind {
        Kind::City => (directory::Kind::City, None),
        Kind::County => (directory::Kind::County, None),
        Kind::Department => (directory::Kind::Department, None),
        Kind::School(stage) => (directory::Kind::School, Some(stage)),
    };
    NewOrganisation {
        name: entry.name,
        initials: entry.initials,
        kind,
        stage,
        city_run: city_run(entry),
        parent,
    }
}

fn city_run(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::School(_)) && entry.parent == 0
}

fn describe(
    entry: &Entry,
    organisation: &Organisation,
    founder: &Founder,
    places: &[(Organisation, Founder)],
) -> file::Organisation {
    let root = places.first().map_or(founder, |(_, founder)| founder);
    let pin = pin(&root.identity.public(), &founder.identity.public());
    let new = new_organisation(entry, None);
    file::Organisation {
        code: organisation.code.clone(),
        name: organisation.name.clone(),
        kind: organisation.kind.word().to_owned(),
        parent: places
            .get(entry.parent)
            .map(|(parent, _)| parent.code.clone()),
        stage: new.stage.map(str::to_owned),
        city_run: new.city_run,
        working: entry.staff != Staff::Nobody,
        pin: URL_SAFE_NO_PAD.encode(pin),
        address: String::new(),
    }
}

/// A member and all their secrets, before anything is sealed.
struct Person {
    id: MemberId,
    root: MemberRoot,
    role: u8,
    name: &'static str,
    account: String,
    passphrase: String,
    recovery: [u8; 16],
}

/// Members and the first epoch; returns the organisation's key, none without members.
async fn staff(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    day: Day,
    (entry, organisation, founder): (&Entry, &Organisation, &Founder),
    city: &mut City,
) -> Founded<Option<PublicKey>> {
    let roles: &[(u8, &str, &'static str)] = match entry.staff {
        Staff::Bureau => &BUREAU,
        Staff::Committee | Staff::Unconfirmed => &COMMITTEE,
        Staff::Nobody => return Ok(None),
    };
    let people: Vec<Person> = roles
        .iter()
        .map(|(role, word, name)| person(entry, *role, word, name, rng))
        .collect();
    let mut colleagues = Vec::with_capacity(people.len());
    for (person, unlock) in people.iter().zip(unlocks(keyring, &people)) {
        let new = sealed(person, &unlock, organisation, founder, rng)?;
        members::add(tx, keyring, rng, &new).await?;
        let colleague = Colleague {
            member: person.id,
            role: person.role,
            signing: person.root.signing().public(),
            kem: person.root.kem().public()?,
        };
        if CHAIRS.contains(&person.role) {
            directory::hand_identity_to(tx, rng, founder, &colleague.kem).await?;
        }
        colleagues.push(colleague);
        city.members.push(entry_of(person, organisation));
    }
    let epoch = directory::begin_epoch(tx, rng, founder, &colleagues, day).await?;
    Ok(Some(epoch.public_key))
}

fn person(
    entry: &Entry,
    role: u8,
    word: &str,
    name: &'static str,
    rng: &mut impl CryptoRng,
) -> Person {
    let mut group = || format!("{:04}", rng.random_range(0..10_000));
    let passphrase = [group(), group(), group(), group()].join("-");
    Person {
        id: MemberId::random(rng),
        root: MemberRoot::random(rng),
        role,
        name,
        account: format!("{}-{word}", entry.initials),
        passphrase,
        recovery: rng.random(),
    }
}

/// One Argon2 run each, two at a time.
fn unlocks(keyring: &Keyring, people: &[Person]) -> Vec<Unlock> {
    let unlock =
        |person: &Person| Unlock::new(&person.passphrase, &members::salt(keyring, &person.account));
    let halves = people.split_at(people.len() / 2);
    thread::scope(|scope| {
        let first = scope.spawn(|| halves.0.iter().map(unlock).collect::<Vec<_>>());
        let second: Vec<Unlock> = halves.1.iter().map(unlock).collect();
        first
            .join()
            .unwrap_or_default()
            .into_iter()
            .chain(second)
            .collect()
    })
}

fn sealed(
    person: &Person,
    unlock: &Unlock,
    organisation: &Organisation,
    founder: &Founder,
    rng: &mut impl CryptoRng,
) -> Founded<NewMember> {
    let whose = Whose {
        deployment: founder.deployment,
        member: person.id.bytes(),
    };
    Ok(NewMember {
        member: members::Member {
            id: person.id,
            organisation: organisation.id,
            role: person.role,
            signing_key: person.root.signing().public().to_vec(),
            kem_key: person.root.kem().public()?.bytes().to_vec(),
            profile: Profile {
                account: person.account.clone(),
                name: person.name.to_owned(),
            },
            sealed_root: person.root.seal(unlock, &whose, rng),
        },
        auth: *unlock.auth(),
        recovery: person.root.seal_recovery(&person.recovery, &whose, rng),
    })
}

fn entry_of(person: &Person, organisation: &Organisation) -> file::Member {
    let hex: Vec<String> = person
        .recovery
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let groups: Vec<String> = hex.chunks(2).map(<[String]>::concat).collect();
    file::Member {
        organisation: organisation.code.clone(),
        organisation_name: organisation.name.clone(),
        name: person.name.to_owned(),
        role: person.role,
        account: person.account.clone(),
        passphrase: person.passphrase.clone(),
        recovery_code: groups.join("-"),
        totp_secret: None,
    }
}
