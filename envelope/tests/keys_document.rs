//! Who speaks for whom: what a `keys` document must hold, with and without a pin, and handovers.
//! Beside every refusal stands the document that nobody touched, which is accepted.
#![expect(clippy::unwrap_used, reason = "a test's own documents hold")]

mod town;

use shudong_envelope::keys_document::{Items, Level, verify};
use shudong_envelope::pin::pin;
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{Identity, Roster, Service, Statement};
use shudong_envelope::{Refused, Result};
use town::{BUREAU, CITY, DAY, INTAKE, PEOPLE, Party, SCHOOL, SERVICE, handover, seed, signer};

/// Over the wire and back, so that what is verified is what a phone receives.
fn verdict(items: &Items, pinned: Option<&[u8; 16]>) -> Result<()> {
    verify(&Items::parse(&items.bytes()?)?, pinned).map(drop)
}

fn school_pin() -> [u8; 16] {
    pin(&CITY.signing().public(), &SCHOOL.signing().public())
}

fn changed(change: impl FnOnce(&mut Items)) -> Items {
    let mut items = town::items();
    change(&mut items);
    items
}

/// An epoch of the school's that counts the members shown.
fn recount(items: &mut Items, by: &SigningKey) {
    let shown: Vec<Vec<u8>> = items.members.iter().map(|(one, _)| one.clone()).collect();
    items.levels[2].epoch.as_mut().unwrap().0 = town::epoch(SCHOOL, &shown).signed(by);
}

#[test]
fn the_untouched_document_is_accepted() {
    let items = Items::parse(&town::items().bytes().unwrap()).unwrap();
    assert_eq!(items, town::items());
    let verified = verify(&items, Some(&school_pin())).unwrap();
    assert_eq!(verified.holder(), Some(2));
    assert_eq!(verified.members.len(), PEOPLE.len());
    assert!(verified.roster_valid && verified.reads_itself);
}

/// A whole other town that the server made up: every statement holds, under its own root.
fn invented(level: usize, items: &mut Items) {
    let (real, parent) = [(CITY, CITY), (BUREAU, CITY), (SCHOOL, BUREAU)][level];
    let false_key = signer(0xa0);
    let number = u8::try_from(level).unwrap();
    let named = Identity {
        key: false_key.public(),
        ..town::identity(real, parent, number)
    };
    let by = if level == 0 {
        &false_key
    } else {
        &parent.signing()
    };
    items.levels[level].identity = Some(named.signed(by));
    let shown: Vec<Vec<u8>> = if level == 2 {
        items.members = PEOPLE
            .iter()
            .map(|&(who, role)| {
                (
                    town::member(who, role, SCHOOL).signed(&false_key),
                    who.public(),
                )
            })
            .collect();
        items
            .members
            .iter()
            .map(|(bytes, _)| bytes.clone())
            .collect()
    } else {
        Vec::new()
    };
    let epoch = town::epoch(real, &shown).signed(&false_key);
    items.levels[level].epoch = Some((epoch, real.public()));
    if level == 0 {
        let below = town::identity(BUREAU, CITY, 1).signed(&false_key);
        items.levels[1].identity = Some(below);
        let service = Service {
            deployment: items.deployment,
            key: signer(SERVICE).public(),
            from: DAY - 1,
            until: DAY + 1,
        };
        items.service = service.signed(&false_key);
    }
}

#[test]
fn under_a_pin_a_swapped_root_or_school_is_refused_though_every_signature_holds() {
    for level in [0, 2] {
        let items = changed(|items| invented(level, items));
        // Without a pin nothing tells: trust on first use. That is what the pin is for.
        assert_eq!(verdict(&items, None), Ok(()), "level {level}");
        let refused = verdict(&items, Some(&school_pin()));
        assert_eq!(refused, Err(Refused::Statement), "level {level}");
    }
}

/// The name of a swap, what it does, and why it is refused.
type Swap = (&'static str, fn(&mut Items), Refused);

const SWAPS: &[Swap] = &[
    (
        "bureau identity, signed by the server",
        |items| {
            let named = Identity {
                key: signer(0xa0).public(),
                ..town::identity(BUREAU, CITY, 1)
            };
            items.levels[1].identity = Some(named.signed(&signer(SERVICE)));
        },
        Refused::Signature,
    ),
    (
        // Only the city can do this one, and the school's identity then hangs in the air.
        "bureau identity, signed by the city",
        |items| invented(1, items),
        Refused::Signature,
    ),
    (
        "bureau left out",
        |items| drop(items.levels.remove(1)),
        Refused::Signature,
    ),
    (
        "bureau's level no higher than the school's",
        |items| {
            let named = town::identity(BUREAU, CITY, 2);
            items.levels[1].identity = Some(named.signed(&CITY.signing()));
        },
        Refused::Statement,
    ),
    (
        "epoch, signed by the server",
        |items| {
            let (bytes, _) = items.levels[1].epoch.as_mut().unwrap();
            *bytes = town::epoch(BUREAU, &[]).signed(&signer(SERVICE));
        },
        Refused::Signature,
    ),
    (
        "epoch of another organisation",
        |items| {
            let (bytes, _) = items.levels[1].epoch.as_mut().unwrap();
            *bytes = town::epoch(SCHOOL, &[]).signed(&BUREAU.signing());
        },
        Refused::Statement,
    ),
    (
        "epoch longer than a quarter",
        |items| {
            let longer = town::epoch(BUREAU, &[]);
            let longer = shudong_envelope::statement::Epoch {
                until: longer.from + 91,
                ..longer
            };
            items.levels[1].epoch.as_mut().unwrap().0 = longer.signed(&BUREAU.signing());
        },
        Refused::Statement,
    ),
    (
        "organisation key",
        |items| {
            items.levels[2].epoch.as_mut().unwrap().1 =
                seed(0xa2).public().unwrap().bytes().to_vec()
        },
        Refused::Statement,
    ),
    (
        "bureau's organisation key",
        |items| {
            items.levels[1].epoch.as_mut().unwrap().1 =
                seed(0xa2).public().unwrap().bytes().to_vec()
        },
        Refused::Statement,
    ),
    (
        "intake key",
        |items| items.intake.1 = seed(0xa3).public().unwrap().bytes().to_vec(),
        Refused::Statement,
    ),
    (
        "intake key and statement, by another service",
        |items| {
            let key = seed(0xa3).public().unwrap();
            let said = shudong_envelope::statement::Intake {
                deployment: items.deployment,
                key_hash: key.hash(),
                from: DAY,
                until: DAY,
            };
            items.intake = (said.signed(&signer(0xa4)), key.bytes().to_vec());
        },
        Refused::Signature,
    ),
    (
        "service key",
        |items| {
            let said = Service {
                deployment: items.deployment,
                key: signer(0xa4).public(),
                from: DAY,
                until: DAY,
            };
            items.service = said.signed(&signer(0xa4));
        },
        Refused::Signature,
    ),
    (
        "intake statement of yesterday",
        |items| {
            let said = shudong_envelope::statement::Intake {
                deployment: items.deployment,
                key_hash: seed(INTAKE).public().unwrap().hash(),
                from: DAY - 8,
                until: DAY - 1,
            };
            items.intake.0 = said.signed(&signer(SERVICE));
        },
        Refused::Statement,
    ),
    (
        "member key",
        |items| items.members[1].1 = seed(0xa5).public().unwrap().bytes().to_vec(),
        Refused::Statement,
    ),
    (
        "member statement and key, signed by the server",
        |items| {
            let who = Party(0xa6);
            items.members[1] = (
                town::member(who, 3, SCHOOL).signed(&signer(SERVICE)),
                who.public(),
            );
        },
        Refused::Statement,
    ),
    (
        // A member's own signature is not read: what holds is the epoch's, over the bytes of all.
        "member statement and key, and an epoch that counts them, signed by the server",
        |items| {
            let who = Party(0xa6);
            items.members[1] = (
                town::member(who, 3, SCHOOL).signed(&SCHOOL.signing()),
                who.public(),
            );
            recount(items, &signer(SERVICE));
        },
        Refused::Signature,
    ),
    (
        // The chair has the identity's key, but the epoch counts the members.
        "a member more than the epoch says",
        |items| {
            let who = Party(0xa6);
            items.members.push((
                town::member(who, 3, SCHOOL).signed(&SCHOOL.signing()),
                who.public(),
            ));
        },
        Refused::Statement,
    ),
    (
        "a member left out",
        |items| drop(items.members.pop()),
        Refused::Statement,
    ),
    (
        "members turned round",
        |items| items.members.reverse(),
        Refused::Statement,
    ),
    (
        "deployment",
        |items| items.deployment = [8; 16],
        Refused::Statement,
    ),
    (
        "city root, alone",
        |items| {
            let named = Identity {
                key: signer(0xa0).public(),
                ..town::identity(CITY, CITY, 0)
            };
            items.levels[0].identity = Some(named.signed(&signer(0xa0)));
        },
        Refused::Signature,
    ),
];

#[test]
fn swaps_are_refused_with_a_pin_and_without() {
    for (name, swap, reason) in SWAPS {
        let items = changed(swap);
        assert_eq!(verdict(&items, Some(&school_pin())), Err(*reason), "{name}");
        assert_eq!(verdict(&items, None), Err(*reason), "{name}, no pin");
    }
    assert_eq!(verdict(&town::items(), Some(&school_pin())), Ok(()));
}

#[test]
fn the_epoch_alone_speaks_for_its_members() {
    let void_signature = |signer: SigningKey| {
        changed(|items| {
            if let Some(last) = items.members[1].0.last_mut() {
                *last ^= 1;
            }
            recount(items, &signer);
        })
    };
    let by_the_school = void_signature(SCHOOL.signing());
    assert_eq!(verdict(&by_the_school, Some(&school_pin())), Ok(()));
    let by_the_server = void_signature(signer(SERVICE));
    assert_eq!(verdict(&by_the_server, None), Err(Refused::Signature));
}

#[test]
fn under_a_pin_a_school_cannot_be_made_to_vanish() {
    let vanished = changed(|items| items.levels[2].identity = None);
    // A school that no parent named is not working; its bureau reads.
    let open = verify(&vanished, None).unwrap();
    assert_eq!((open.holder(), open.levels.len()), (Some(1), 2));
    assert_eq!(
        verdict(&vanished, Some(&school_pin())),
        Err(Refused::Statement)
    );
}

#[test]
fn a_lapsed_epoch_is_not_working_and_no_error() {
    let lapsed = changed(|items| {
        items.day = DAY + 61;
        items.intake.0 = shudong_envelope::statement::Intake {
            deployment: items.deployment,
            key_hash: seed(INTAKE).public().unwrap().hash(),
            from: DAY,
            until: DAY + 90,
        }
        .signed(&signer(SERVICE));
    });
    let verified = verify(&lapsed, Some(&school_pin())).unwrap();
    assert_eq!(verified.holder(), None);
    assert!(!verified.reads_itself && !verified.roster_valid && verified.members.is_empty());
}

#[test]
fn a_roster_confirms_exactly_these_members_or_nobody() {
    let valid = |items: &Items| verify(items, None).unwrap().roster_valid;
    assert!(valid(&town::items()));
    let by_the_chair = changed(|items| {
        let roster = items.levels[2].roster.as_mut().unwrap();
        let body = Roster::parse(&roster[..Roster::BODY]).unwrap();
        *roster = body.signed(&SCHOOL.signing());
    });
    let lapsed = changed(|items| {
        let roster = items.levels[2].roster.as_mut().unwrap();
        let body = Roster::parse(&roster[..Roster::BODY]).unwrap();
        *roster = Roster {
            until: DAY - 1,
            ..body
        }
        .signed(&BUREAU.signing());
    });
    let invented_colleague = changed(|items| {
        let who = Party(0xa6);
        items.members.push((
            town::member(who, 3, SCHOOL).signed(&SCHOOL.signing()),
            who.public(),
        ));
        recount(items, &SCHOOL.signing());
    });
    let none = changed(|items| items.levels[2].roster = None);
    for items in [by_the_chair, lapsed, invented_colleague, none] {
        assert!(!valid(&items));
    }
}

// -- handovers: the same cases as in the TypeScript suite ------------------------------------------

/// Keys 0xb0, 0xb1, … hand over to each other and at last to the school's.
fn row(length: u8) -> Vec<Vec<u8>> {
    (0..length)
        .map(|n| {
            let last = n + 1 == length;
            let to = if last {
                SCHOOL.signing()
            } else {
                signer(0xb1 + n)
            };
            handover(SCHOOL, &signer(0xb0 + n), to.public())
        })
        .collect()
}

fn school_after(handovers: Vec<Vec<u8>>) -> Result<Level> {
    let items = changed(|items| items.levels[2].handovers = handovers);
    let items = Items::parse(&items.bytes()?)?;
    Ok(verify(&items, Some(&school_pin()))?.levels.remove(2))
}

#[test]
fn up_to_four_handovers_in_a_row_lead_to_the_key_that_the_parent_names() {
    for length in 0..=4 {
        let school = school_after(row(length)).unwrap();
        assert_eq!(school.key, SCHOOL.signing().public());
        for at in 0..length {
            let heirs = school.successors(&signer(0xb0 + at).public());
            assert_eq!(
                heirs.len(),
                usize::from(length - at),
                "of {length}, from {at}"
            );
            assert_eq!(heirs.last(), Some(&school.key));
        }
        assert_eq!(school.successors(&school.key), Vec::<[u8; 32]>::new());
        assert_eq!(
            school.successors(&signer(0xc0).public()),
            Vec::<[u8; 32]>::new()
        );
    }
    assert_eq!(school_after(row(5)).err(), Some(Refused::Length));
}

#[test]
fn a_row_of_handovers_that_does_not_hold_is_refused() {
    let good = row(3);
    let with = |at: usize, bytes: Vec<u8>| {
        let mut bad = good.clone();
        bad[at] = bytes;
        school_after(bad).err()
    };
    let to = |n: u8| signer(n).public();
    let other = shudong_envelope::statement::Handover {
        deployment: [9; 16],
        organisation: BUREAU.id(),
        key: to(0xb1),
    };
    let elsewhere = shudong_envelope::statement::Handover {
        deployment: [8; 16],
        organisation: SCHOOL.id(),
        ..other
    };
    assert!(school_after(good.clone()).is_ok());
    let forged = handover(SCHOOL, &signer(SERVICE), to(0xb2));
    assert_eq!(with(1, forged), Some(Refused::Signature), "forged");
    assert_eq!(
        with(0, other.signed(&signer(0xb0))),
        Some(Refused::Statement),
        "organisation"
    );
    assert_eq!(
        with(0, elsewhere.signed(&signer(0xb0))),
        Some(Refused::Statement),
        "deployment"
    );
    let astray = handover(SCHOOL, &signer(0xb2), to(0xc0));
    assert_eq!(
        with(2, astray),
        Some(Refused::Statement),
        "not the parent's key"
    );
    assert_eq!(
        with(0, good[0][..127].to_vec()),
        Some(Refused::Length),
        "short"
    );
    assert_eq!(
        with(1, good[1][..127].to_vec()),
        Some(Refused::Length),
        "short"
    );
    let reversed = good.iter().rev().cloned().collect();
    assert_eq!(
        school_after(reversed).err(),
        Some(Refused::Signature),
        "turned round"
    );
}

#[test]
fn the_first_signature_counts_for_who_knows_the_old_key() {
    // Anyone can write a first handover, since its signer is not shown; it makes nobody an heir.
    let forged = vec![handover(
        SCHOOL,
        &signer(SERVICE),
        SCHOOL.signing().public(),
    )];
    let school = school_after(forged).unwrap();
    assert!(school.successors(&signer(0xb0).public()).is_empty());
    let honest = school_after(row(1)).unwrap();
    assert_eq!(honest.successors(&signer(0xb0).public()), [honest.key]);
}

#[test]
fn a_pin_names_the_present_key_only() {
    let old = pin(&CITY.signing().public(), &signer(0xb0).public());
    let items = changed(|items| items.levels[2].handovers = row(1));
    assert_eq!(verdict(&items, Some(&old)), Err(Refused::Statement));
    assert_eq!(verdict(&items, Some(&school_pin())), Ok(()));
}
