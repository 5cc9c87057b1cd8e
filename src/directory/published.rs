//! What visitors are shown: the `keys` document, who is working, to whom a tip may be sealed.

use rand::CryptoRng;
use shudong_envelope::kdf::hash16;
use shudong_envelope::keys_document::{Items, LevelItems};
use shudong_envelope::statement::{Epoch, Identity, Roster, Service, Statement};

use super::{DirectoryError, Organisation, store};
use crate::clock::{Day, Moment};
use crate::ids::OrganisationId;
use crate::storage::Tx;

/// From the city down to `id`; empty if there is no such organisation.
///
/// # Errors
/// If the database fails.
pub async fn path(tx: &mut Tx, id: OrganisationId) -> Result<Vec<Organisation>, DirectoryError> {
    let mut path = Vec::new();
    let mut next = Some(id);
    while let Some(organisation) = match next {
        Some(id) => store::by_id(tx, id).await?,
        None => None,
    } {
        next = organisation.parent;
        path.push(organisation);
    }
    path.reverse();
    Ok(path)
}

/// A valid epoch with its key, if the organisation has one on `day`.
async fn epoch(
    tx: &mut Tx,
    id: OrganisationId,
    day: Day,
) -> Result<Option<(Epoch, Vec<u8>, Vec<u8>)>, DirectoryError> {
    let Some(bytes) = store::statement::<Epoch>(tx, id, day).await? else {
        return Ok(None);
    };
    let epoch = Epoch::parse(bytes.get(..Epoch::BODY).unwrap_or_default())?;
    let key = store::epoch_key(tx, id, epoch.epoch)
        .await?
        .ok_or(DirectoryError::Missing)?;
    Ok((epoch.from <= day.0).then_some((epoch, bytes, key)))
}

/// The document for the organisation that an address names; always of one length.
///
/// # Errors
/// If the database fails, or what is stored does not fit.
pub async fn keys_document(
    tx: &mut Tx,
    rng: &mut impl CryptoRng,
    about: &Organisation,
    now: Moment,
) -> Result<Vec<u8>, DirectoryError> {
    let day = now.day();
    let deployment = store::deployment(tx)
        .await?
        .ok_or(DirectoryError::Missing)?;
    let path = path(tx, about.id).await?;
    let city = path.first().ok_or(DirectoryError::Missing)?.id;
    let mut levels = Vec::with_capacity(path.len());
    for organisation in &path {
        levels.push(level(tx, organisation, day).await?);
    }
    let service = store::statement::<Service>(tx, city, day).await?;
    let intake = store::intake_keys(tx, day).await?.into_iter().next();
    let (intake_key, intake_statement, _) = intake.ok_or(DirectoryError::Missing)?;
    let mut challenge = [0; 33];
    rng.fill_bytes(&mut challenge[1..]);
    let items = Items {
        deployment: deployment.id,
        hour: now.hour().0,
        day: day.0,
        about: about.code.clone(),
        levels,
        members: members(tx, about, day).await?,
        service: service.ok_or(DirectoryError::Missing)?,
        intake: (intake_statement, intake_key),
        challenge,
    };
    Ok(items.bytes()?)
}

async fn level(
    tx: &mut Tx,
    organisation: &Organisation,
    day: Day,
) -> Result<LevelItems, DirectoryError> {
    let id = organisation.id;
    Ok(LevelItems {
        code: organisation.code.clone(),
        name: organisation.name.clone(),
        identity: store::statement::<Identity>(tx, id, day).await?,
        handovers: Vec::new(),
        epoch: epoch(tx, id, day)
            .await?
            .map(|(_, statement, key)| (statement, key)),
        roster: store::statement::<Roster>(tx, id, day).await?,
    })
}

async fn members(
    tx: &mut Tx,
    about: &Organisation,
    day: Day,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, DirectoryError> {
    if about.kind.level() != 2 {
        return Ok(Vec::new());
    }
    let Some((epoch, ..)) = epoch(tx, about.id, day).await? else {
        return Ok(Vec::new());
    };
    let colleagues = store::colleagues(tx, about.id, epoch.epoch).await?;
    Ok(colleagues
        .into_iter()
        .map(|(_, statement, key)| (statement, key))
        .collect())
}

/// Whether an organisation can open letters on `day`.
async fn is_working(tx: &mut Tx, id: OrganisationId, day: Day) -> Result<bool, DirectoryError> {
    let named = store::statement::<Identity>(tx, id, day).await?.is_some();
    Ok(named && epoch(tx, id, day).await?.is_some())
}

/// The lowest organisation from `id` upwards that can open letters.
///
/// # Errors
/// If the database fails.
pub async fn working_holder(
    tx: &mut Tx,
    id: OrganisationId,
    day: Day,
) -> Result<Option<Organisation>, DirectoryError> {
    for organisation in path(tx, id).await?.into_iter().rev() {
        if is_working(tx, organisation.id, day).await? {
            return Ok(Some(organisation));
        }
    }
    Ok(None)
}

/// An organisation's key on `day` and the epoch statement that names it; `None` if it is not working.
///
/// # Errors
/// If the database fails.
pub async fn current_key(
    tx: &mut Tx,
    id: OrganisationId,
    day: Day,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, DirectoryError> {
    let epoch = epoch(tx, id, day).await?;
    Ok(epoch.map(|(_, statement, key)| (key, statement)))
}

/// The key ids that a tip for an organisation may and must be sealed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealable {
    /// The organisation key.
    pub organisation: [u8; 16],
    /// Each member's key.
    pub members: Vec<[u8; 16]>,
    /// Use (1 the level above, 2 the city) and key id of the levels above.
    pub upper: Vec<(u8, [u8; 16])>,
}

/// Keys of a working organisation; `None` if it is not working.
///
/// # Errors
/// If the database fails.
pub async fn sealable(
    tx: &mut Tx,
    id: OrganisationId,
    day: Day,
) -> Result<Option<Sealable>, DirectoryError> {
    if !is_working(tx, id, day).await? {
        return Ok(None);
    }
    let Some((current, _, key)) = epoch(tx, id, day).await? else {
        return Ok(None);
    };
    let members = store::colleagues(tx, id, current.epoch).await?;
    let mut upper = Vec::new();
    for (above, usage) in path(tx, id).await?.into_iter().rev().skip(1).zip(1..) {
        if let Some((_, _, key)) = epoch(tx, above.id, day).await? {
            upper.push((usage, hash16(&[&key])));
        }
    }
    Ok(Some(Sealable {
        organisation: hash16(&[&key]),
        members: members.iter().map(|(_, _, key)| hash16(&[key])).collect(),
        upper,
    }))
}
