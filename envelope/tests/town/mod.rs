//! A town for tests: a city, a bureau and a school with its members, and the `keys` document that
//! shows them. Its secrets are public on purpose: tests sign with them, rightly and wrongly.
#![allow(dead_code, reason = "each test binary uses its own part")]

use shudong_envelope::kdf::hash;
use shudong_envelope::kem::Seed;
use shudong_envelope::keys_document::{Items, LevelItems};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{
    Epoch, Handover, Identity, Intake, Member, Roster, Service, Statement, members_hash,
    roster_hash,
};
use zeroize::Zeroizing;

pub(crate) const DAY: u32 = 20_000;
pub(crate) const CODES: [&str; 3] = ["AB12CD30", "AB12CD31", "AB12CD32"];
const DEPLOYMENT: [u8; 16] = [9; 16];

pub(crate) fn seed(n: u8) -> Seed {
    Seed::from_bytes(Zeroizing::new([n; 32]))
}

pub(crate) fn signer(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

/// An organisation or a person, by the number from which its id and keys follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Party(pub(crate) u8);

impl Party {
    pub(crate) fn id(self) -> [u8; 16] {
        [self.0; 16]
    }

    pub(crate) fn signing(self) -> SigningKey {
        signer(self.0 + 1)
    }

    pub(crate) fn kem(self) -> Seed {
        seed(self.0 + 2)
    }

    pub(crate) fn public(self) -> Vec<u8> {
        self.kem().public().unwrap().bytes().to_vec()
    }
}

pub(crate) const CITY: Party = Party(0x10);
pub(crate) const BUREAU: Party = Party(0x20);
pub(crate) const SCHOOL: Party = Party(0x30);
/// Chair, teacher, psychology teacher, counsellor.
pub(crate) const PEOPLE: [(Party, u8); 4] = [
    (Party(0x40), 1),
    (Party(0x50), 3),
    (Party(0x60), 4),
    (Party(0x70), 5),
];
pub(crate) const SERVICE: u8 = 0x81;
pub(crate) const INTAKE: u8 = 0x82;

pub(crate) fn identity(child: Party, parent: Party, level: u8) -> Identity {
    Identity {
        deployment: DEPLOYMENT,
        parent: parent.id(),
        child: child.id(),
        level,
        serial: 1,
        until: DAY + 300,
        key: child.signing().public(),
    }
}

pub(crate) fn member(person: Party, role: u8, home: Party) -> Member {
    Member {
        deployment: DEPLOYMENT,
        organisation: home.id(),
        member: person.id(),
        role,
        epoch: 5,
        until: DAY + 60,
        signing: person.signing().public(),
        kem_hash: hash(&[&person.public()]),
    }
}

pub(crate) fn epoch(home: Party, members: &[Vec<u8>]) -> Epoch {
    Epoch {
        deployment: DEPLOYMENT,
        organisation: home.id(),
        epoch: 5,
        from: DAY - 20,
        until: DAY + 60,
        key_hash: hash(&[&home.public()]),
        members_hash: members_hash(members),
        previous: [0; 32],
    }
}

pub(crate) fn handover(home: Party, from: &SigningKey, to: [u8; 32]) -> Vec<u8> {
    Handover {
        deployment: DEPLOYMENT,
        organisation: home.id(),
        key: to,
    }
    .signed(from)
}

fn level(home: Party, parent: Party, number: u8, members: &[Vec<u8>]) -> LevelItems {
    LevelItems {
        code: CODES[usize::from(number)].into(),
        name: format!("组织{number}"),
        identity: Some(identity(home, parent, number).signed(&parent.signing())),
        handovers: Vec::new(),
        epoch: Some((epoch(home, members).signed(&home.signing()), home.public())),
        roster: None,
    }
}

/// What the document shows when nobody lies.
pub(crate) fn items() -> Items {
    let said = PEOPLE.map(|(person, role)| member(person, role, SCHOOL));
    let statements: Vec<Vec<u8>> = said.iter().map(|m| m.signed(&SCHOOL.signing())).collect();
    let mut school = level(SCHOOL, BUREAU, 2, &statements);
    let roster = Roster {
        deployment: DEPLOYMENT,
        organisation: SCHOOL.id(),
        until: DAY + 60,
        members_hash: roster_hash(&said),
    };
    school.roster = Some(roster.signed(&BUREAU.signing()));
    let intake_key = seed(INTAKE).public().unwrap();
    let service = Service {
        deployment: DEPLOYMENT,
        key: signer(SERVICE).public(),
        from: DAY - 1,
        until: DAY + 300,
    };
    let intake = Intake {
        deployment: DEPLOYMENT,
        key_hash: intake_key.hash(),
        from: DAY - 1,
        until: DAY + 6,
    };
    let mut challenge = [0x5a; 33];
    challenge[0] = 0;
    Items {
        deployment: DEPLOYMENT,
        hour: DAY * 24,
        day: DAY,
        about: CODES[2].into(),
        levels: vec![
            level(CITY, CITY, 0, &[]),
            level(BUREAU, CITY, 1, &[]),
            school,
        ],
        members: statements
            .into_iter()
            .zip(PEOPLE.map(|(person, _)| person.public()))
            .collect(),
        service: service.signed(&CITY.signing()),
        intake: (intake.signed(&signer(SERVICE)), intake_key.bytes().to_vec()),
        challenge,
    }
}
