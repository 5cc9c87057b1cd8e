//! The `keys` document: everything a visitor verifies before sealing, always 28,672 bytes.

use crate::bytes::{Reader, array, padded};
use crate::kem::PublicKey;
use crate::statement::{
    EPOCH_DAYS, Epoch, Handover, Identity, Intake, Member, Roster, Service, Statement,
    members_hash, roster_hash,
};
use crate::{Refused, Result};

/// Bytes of the document.
pub const KEYS: usize = 28_672;
/// Most members of an organisation.
pub const MOST_MEMBERS: usize = 14;
const MOST_HANDOVERS: usize = 4;
const MOST_LEVELS: usize = 3;
/// Bytes of a public code.
const CODE: usize = 8;

const DEPLOYMENT: u8 = 1;
const NOW: u8 = 2;
const ABOUT: u8 = 3;
const ORGANISATION: u8 = 4;
const IDENTITY: u8 = 5;
const HANDOVER: u8 = 6;
const EPOCH: u8 = 7;
const ORGANISATION_KEY: u8 = 8;
const ROSTER: u8 = 9;
const MEMBER: u8 = 10;
const MEMBER_KEY: u8 = 11;
const SERVICE: u8 = 12;
const INTAKE: u8 = 13;
const INTAKE_KEY: u8 = 14;
const CHALLENGE: u8 = 15;

/// One organisation as its statements show it; unverified bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelItems {
    /// Public code, 8 characters.
    pub code: String,
    /// Name.
    pub name: String,
    /// `identity` statement.
    pub identity: Option<Vec<u8>>,
    /// `handover` statements, oldest first.
    pub handovers: Vec<Vec<u8>>,
    /// `epoch` statement and organisation key.
    pub epoch: Option<(Vec<u8>, Vec<u8>)>,
    /// `roster` statement.
    pub roster: Option<Vec<u8>>,
}

/// The document's content; unverified bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// The deployment.
    pub deployment: [u8; 16],
    /// This hour.
    pub hour: u32,
    /// Today in the city.
    pub day: u32,
    /// Code of the organisation that the address names.
    pub about: String,
    /// From the city down to that organisation.
    pub levels: Vec<LevelItems>,
    /// `member` statements with X-Wing keys, by member id.
    pub members: Vec<(Vec<u8>, Vec<u8>)>,
    /// `service` statement.
    pub service: Vec<u8>,
    /// `intake` statement and key.
    pub intake: (Vec<u8>, Vec<u8>),
    /// Difficulty and nonce of the proof of work.
    pub challenge: [u8; 33],
}

impl Items {
    /// The document.
    ///
    /// # Errors
    /// [`Refused::Length`] if there is more than it holds.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(KEYS);
        let mut put = |kind: u8, value: &[u8]| -> Result<()> {
            let length = u16::try_from(value.len()).map_err(|_| Refused::Length)?;
            out.push(kind);
            out.extend(length.to_be_bytes());
            out.extend(value);
            Ok(())
        };
        put(DEPLOYMENT, &self.deployment)?;
        put(
            NOW,
            &[self.hour.to_be_bytes(), self.day.to_be_bytes()].concat(),
        )?;
        put(ABOUT, self.about.as_bytes())?;
        for level in &self.levels {
            put(
                ORGANISATION,
                &[level.code.as_bytes(), level.name.as_bytes()].concat(),
            )?;
            if let Some(identity) = &level.identity {
                put(IDENTITY, identity)?;
            }
            for handover in &level.handovers {
                put(HANDOVER, handover)?;
            }
            if let Some((epoch, key)) = &level.epoch {
                put(EPOCH, epoch)?;
                put(ORGANISATION_KEY, key)?;
            }
            if let Some(roster) = &level.roster {
                put(ROSTER, roster)?;
            }
        }
        for (statement, key) in &self.members {
            put(MEMBER, statement)?;
            put(MEMBER_KEY, key)?;
        }
        put(SERVICE, &self.service)?;
        put(INTAKE, &self.intake.0)?;
        put(INTAKE_KEY, &self.intake.1)?;
        put(CHALLENGE, &self.challenge)?;
        padded(out, KEYS)
    }

    /// Reads a document; nothing is verified yet.
    ///
    /// # Errors
    /// [`Refused::Length`], [`Refused::Version`] for unknown or misplaced items.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != KEYS {
            return Err(Refused::Length);
        }
        let mut items = Cursor::new(bytes)?;
        let deployment = array(items.need(DEPLOYMENT)?)?;
        let now: [u8; 8] = array(items.need(NOW)?)?;
        let mut now = Reader::new(&now);
        let (hour, day) = (now.u32()?, now.u32()?);
        let about: [u8; CODE] = array(items.need(ABOUT)?)?;
        let about = text(&about)?;
        let mut levels = Vec::new();
        while let Some(named) = items.next_if(ORGANISATION)? {
            levels.push(level(named, &mut items)?);
        }
        let mut members = Vec::new();
        while let Some(statement) = items.next_if(MEMBER)? {
            members.push((statement.to_vec(), items.need(MEMBER_KEY)?.to_vec()));
        }
        let parsed = Self {
            deployment,
            hour,
            day,
            about,
            levels,
            members,
            service: items.need(SERVICE)?.to_vec(),
            intake: (
                items.need(INTAKE)?.to_vec(),
                items.need(INTAKE_KEY)?.to_vec(),
            ),
            challenge: array(items.need(CHALLENGE)?)?,
        };
        items.rest.zeros()?;
        let fits = (1..=MOST_LEVELS).contains(&parsed.levels.len())
            && parsed.members.len() <= MOST_MEMBERS;
        if fits {
            Ok(parsed)
        } else {
            Err(Refused::Length)
        }
    }
}

fn text(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Refused::Version)
}

fn level(named: &[u8], items: &mut Cursor<'_>) -> Result<LevelItems> {
    let (code, name) = named.split_at_checked(CODE).ok_or(Refused::Length)?;
    let mut level = LevelItems {
        code: text(code)?,
        name: text(name)?,
        ..LevelItems::default()
    };
    level.identity = items.next_if(IDENTITY)?.map(<[u8]>::to_vec);
    while let Some(handover) = items.next_if(HANDOVER)? {
        level.handovers.push(handover.to_vec());
    }
    if level.handovers.len() > MOST_HANDOVERS {
        return Err(Refused::Length);
    }
    if let Some(epoch) = items.next_if(EPOCH)? {
        level.epoch = Some((epoch.to_vec(), items.need(ORGANISATION_KEY)?.to_vec()));
    }
    level.roster = items.next_if(ROSTER)?.map(<[u8]>::to_vec);
    Ok(level)
}

/// Items one after the other, with one of look-ahead.
struct Cursor<'a> {
    rest: Reader<'a>,
    ahead: Option<(u8, &'a [u8])>,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut cursor = Self {
            rest: Reader::new(bytes),
            ahead: None,
        };
        cursor.advance()?;
        Ok(cursor)
    }

    fn advance(&mut self) -> Result<()> {
        let kind = self.rest.u8()?;
        self.ahead = None;
        if kind != 0 {
            let length = usize::from(self.rest.u16()?);
            self.ahead = Some((kind, self.rest.take(length)?));
        }
        Ok(())
    }

    fn next_if(&mut self, kind: u8) -> Result<Option<&'a [u8]>> {
        match self.ahead {
            Some((found, value)) if found == kind => {
                self.advance()?;
                Ok(Some(value))
            }
            _ => Ok(None),
        }
    }

    fn need(&mut self, kind: u8) -> Result<&'a [u8]> {
        self.next_if(kind)?.ok_or(Refused::Version)
    }
}

/// An organisation whose identity its parent signed.
#[derive(Clone, Debug)]
pub struct Level {
    /// The statement.
    pub identity: Identity,
    /// Its present identity key.
    pub key: [u8; 32],
    /// `handover` statements that lead to it, oldest first.
    pub handovers: Vec<Vec<u8>>,
    /// Name for display.
    pub name: String,
    /// Epoch and organisation key, if it is working.
    pub working: Option<(Epoch, PublicKey)>,
}

/// A committee's member whose statement is in the epoch.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// The statement.
    pub statement: Member,
    /// The X-Wing key.
    pub kem: PublicKey,
}

/// A document whose every statement was checked, those of the members by their epoch's.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The deployment.
    pub deployment: [u8; 16],
    /// Today in the city.
    pub day: u32,
    /// Code of the organisation that the address names.
    pub about: String,
    /// Organisations with an identity, from the city down, without a gap.
    pub levels: Vec<Level>,
    /// Whether the addressed organisation is the last of `levels` and working.
    pub reads_itself: bool,
    /// Members of the addressed organisation, if it is a working school.
    pub members: Vec<Colleague>,
    /// Whether the parent confirmed exactly these members.
    pub roster_valid: bool,
    /// The intake key.
    pub intake: PublicKey,
}

impl Verified {
    /// The lowest working organisation; `None` if nobody can read.
    pub fn holder(&self) -> Option<usize> {
        self.levels
            .iter()
            .rposition(|level| level.working.is_some())
    }
}

/// Checks every statement of a document, those of the members by their epoch's; `pinned` is a poster's pin.
///
/// # Errors
/// What was wrong first. An organisation that is merely lapsed is not an error: it is not working.
pub fn verify(items: &Items, pinned: Option<&[u8; 16]>) -> Result<Verified> {
    let levels = chain(items)?;
    let root = levels.first().ok_or(Refused::Statement)?.key;
    let complete = levels.len() == items.levels.len();
    if let Some(pinned) = pinned {
        let lowest = levels.last().ok_or(Refused::Statement)?.key;
        if !complete || crate::pin::pin(&root, &lowest) != *pinned {
            return Err(Refused::Statement);
        }
    }
    let reads_itself = complete && levels.last().is_some_and(|level| level.working.is_some());
    let members = match levels.last() {
        Some(school) if reads_itself && school.identity.level == 2 => members(items, school)?,
        _ => Vec::new(),
    };
    Ok(Verified {
        deployment: items.deployment,
        day: items.day,
        about: items.about.clone(),
        roster_valid: reads_itself && roster_valid(items, &levels, &members),
        intake: intake(items, &root)?,
        levels,
        reads_itself,
        members,
    })
}

fn chain(items: &Items) -> Result<Vec<Level>> {
    let mut levels: Vec<Level> = Vec::new();
    for shown in &items.levels {
        let Some(bytes) = &shown.identity else { break };
        let (parent, signer) = match levels.last() {
            Some(above) => (above.identity.child, above.key),
            None => own_root(bytes)?,
        };
        let identity = Identity::verify(bytes, &signer)?;
        let above = levels.last().map(|level| level.identity.level);
        let ascending = above.map_or(identity.level == 0, |above| identity.level > above);
        if identity.deployment != items.deployment || identity.parent != parent || !ascending {
            return Err(Refused::Statement);
        }
        if identity.until < items.day {
            break;
        }
        check_handovers(&identity, &shown.handovers)?;
        let key = identity.key;
        let working = epoch(shown, &identity, &key, items.day)?;
        levels.push(Level {
            identity,
            key,
            handovers: shown.handovers.clone(),
            name: shown.name.clone(),
            working,
        });
    }
    Ok(levels)
}

/// The city root signs itself: the signer's key is read from the statement it must verify.
fn own_root(bytes: &[u8]) -> Result<([u8; 16], [u8; 32])> {
    let identity = Identity::claimed(bytes)?;
    if identity.parent == identity.child {
        Ok((identity.child, identity.key))
    } else {
        Err(Refused::Statement)
    }
}

/// A row of handovers must be this organisation's, each signed by the key that the one before
/// names, and end in the key that the parent's `identity` names. Who signed the first is not in
/// the document: [`Level::successors`] tells, to who knows that key.
fn check_handovers(identity: &Identity, handovers: &[Vec<u8>]) -> Result<()> {
    let mut signer = None;
    for bytes in handovers {
        let said = match signer {
            Some(signer) => Handover::verify(bytes, &signer)?,
            None => Handover::claimed(bytes)?,
        };
        if said.deployment != identity.deployment || said.organisation != identity.child {
            return Err(Refused::Statement);
        }
        signer = Some(said.key);
    }
    if signer.is_none_or(|newest| newest == identity.key) {
        Ok(())
    } else {
        Err(Refused::Statement)
    }
}

impl Level {
    /// The keys that an older identity key handed over to, oldest first; none if it did not.
    pub fn successors(&self, old: &[u8; 32]) -> Vec<[u8; 32]> {
        let named = self.handovers.iter().map(|bytes| Handover::claimed(bytes));
        let Ok(named) = named.map(|said| Ok(said?.key)).collect::<Result<Vec<_>>>() else {
            return Vec::new();
        };
        if let Some(at) = named.iter().position(|key| key == old) {
            return named[at + 1..].to_vec();
        }
        match self.handovers.first() {
            Some(first) if Handover::verify(first, old).is_ok() => named,
            _ => Vec::new(), // The first was signed by somebody else.
        }
    }
}

fn epoch(
    shown: &LevelItems,
    identity: &Identity,
    key: &[u8; 32],
    day: u32,
) -> Result<Option<(Epoch, PublicKey)>> {
    let Some((bytes, organisation_key)) = &shown.epoch else {
        return Ok(None);
    };
    let epoch = Epoch::verify(bytes, key)?;
    let public = PublicKey::from_bytes(organisation_key)?;
    let span = epoch
        .until
        .checked_sub(epoch.from)
        .ok_or(Refused::Statement)?;
    let ours = epoch.deployment == identity.deployment && epoch.organisation == identity.child;
    if !ours || span > EPOCH_DAYS || public.hash() != epoch.key_hash {
        return Err(Refused::Statement);
    }
    let current = (epoch.from..=epoch.until).contains(&day);
    Ok(current.then_some((epoch, public)))
}

/// The members that the school's epoch counts. Its statement names the hash of theirs, and one key signs both: with the
/// epoch it has spoken for these very bytes, so that their own signatures need not be verified again.
fn members(items: &Items, school: &Level) -> Result<Vec<Colleague>> {
    let Some((epoch, _)) = &school.working else {
        return Ok(Vec::new());
    };
    let statements = items.members.iter().map(|(bytes, _)| bytes.clone());
    if members_hash(&statements.collect::<Vec<_>>()) != epoch.members_hash {
        return Err(Refused::Statement);
    }
    let mut colleagues: Vec<Colleague> = Vec::new();
    for (bytes, key) in &items.members {
        let statement = Member::claimed(bytes)?;
        let kem = PublicKey::from_bytes(key)?;
        let ours = statement.deployment == items.deployment
            && statement.organisation == school.identity.child
            && statement.epoch == epoch.epoch
            && statement.until >= items.day
            && statement.kem_hash == kem.hash()
            && colleagues
                .last()
                .is_none_or(|last| last.statement.member < statement.member);
        if !ours {
            return Err(Refused::Statement);
        }
        colleagues.push(Colleague { statement, kem });
    }
    Ok(colleagues)
}

/// A roster that does not verify is no error: it only confirms nobody.
fn roster_valid(items: &Items, levels: &[Level], members: &[Colleague]) -> bool {
    let [.., above, school] = levels else {
        return false;
    };
    let Some(bytes) = items.levels.last().and_then(|level| level.roster.as_ref()) else {
        return false;
    };
    let statements: Vec<Member> = members.iter().map(|member| member.statement).collect();
    Roster::verify(bytes, &above.key).is_ok_and(|roster| {
        roster.deployment == items.deployment
            && roster.organisation == school.identity.child
            && roster.until >= items.day
            && roster.members_hash == roster_hash(&statements)
    })
}

fn intake(items: &Items, root: &[u8; 32]) -> Result<PublicKey> {
    let service = Service::verify(&items.service, root)?;
    let intake = Intake::verify(&items.intake.0, &service.key)?;
    let key = PublicKey::from_bytes(&items.intake.1)?;
    let ours = service.deployment == items.deployment
        && intake.deployment == items.deployment
        && (service.from..=service.until).contains(&items.day)
        && (intake.from..=intake.until).contains(&items.day)
        && intake.key_hash == key.hash();
    if ours {
        Ok(key)
    } else {
        Err(Refused::Statement)
    }
}
