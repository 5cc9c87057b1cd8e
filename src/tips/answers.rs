//! What a returning reporter gets, from the acknowledgement on.

use std::collections::BTreeMap;

use shudong_envelope::answer::{self, Fetched, Status};
use shudong_envelope::exchange::MOST_RECORDS;
use shudong_envelope::record::Head;

use super::intake::{self, hour};
use super::submit::lookup;
use super::{TipError, store};
use crate::cases::{self, Limits};
use crate::clock::{Day, Hour, Moment};
use crate::directory;
use crate::ids::{CaseId, OrganisationId};
use crate::keyring::Keyring;
use crate::storage::Tx;

/// What a fetch shows at most of the reporter's own later records.
const OWN: usize = 2;

/// The answer to `fetch`; zeros for a code that opens nothing.
///
/// # Errors
/// If the database fails or the case is damaged.
pub async fn fetch(
    tx: &mut Tx,
    keyring: &Keyring,
    now: Moment,
    limits: Limits,
    auth: &[u8; 32],
) -> Result<Vec<u8>, TipError> {
    let lookup = lookup(keyring, auth);
    let Some(found) = find(tx, keyring, &lookup).await? else {
        return Ok(vec![0]);
    };
    let due = limits.due(found.stage, found.seen.day(), found.opened);
    let status = Status {
        case: found.case.bytes(),
        stage: found.stage,
        urgent: found.urgent,
        duty: due.map_or(0, |(duty, _)| duty.code()),
        due: due.map_or(0, |(_, day)| day.0),
        seen_hour: found.seen.0,
        now_hour: now.hour().0,
        today: now.day().0,
        limits: [limits.acknowledge, limits.investigate].map(|n| u8::try_from(n).unwrap_or(0)),
        identities: directory::identity_chain(tx, found.organisation).await?,
    };
    let own = found.own.len().saturating_sub(OWN);
    let records = found.own[own..]
        .iter()
        .chain(&found.school)
        .cloned()
        .collect();
    Ok(Fetched {
        status,
        letterbox: found.letterbox,
        tip: found.tip,
        records,
    }
    .bytes()?)
}

struct Found {
    case: CaseId,
    organisation: OrganisationId,
    stage: u8,
    urgent: bool,
    seen: Hour,
    opened: Option<Day>,
    letterbox: Vec<u8>,
    tip: Vec<u8>,
    own: Vec<Vec<u8>>,
    school: Vec<Vec<u8>>,
}

async fn find(
    tx: &mut Tx,
    keyring: &Keyring,
    lookup: &[u8; 32],
) -> Result<Option<Found>, TipError> {
    let resting = store::resting(tx, lookup).await?;
    let mut own = Vec::new();
    for row in resting.iter().filter(|row| row.seq > 0) {
        own.push(intake::open(keyring, row)?.to_vec());
    }
    if let Some(case) = store::case_of(tx, lookup).await? {
        let view = cases::for_reporter(tx, keyring, case)
            .await?
            .ok_or(TipError::Damaged)?;
        // What a tick delivered between the two looks is in both.
        own.retain(|resting| !view.own.contains(resting));
        return Ok(Some(Found {
            case,
            organisation: view.organisation,
            stage: view.stage,
            urgent: view.urgent,
            seen: view.seen,
            opened: view.opened,
            letterbox: view.letterbox.to_vec(),
            tip: view.tip,
            own: view.own.into_iter().chain(own).collect(),
            school: view.school,
        }));
    }
    let Some(row) = resting.first() else {
        return Ok(None);
    };
    let arrival = intake::arrival(row, &intake::open(keyring, row)?)?;
    Ok(Some(Found {
        case: arrival.id,
        organisation: arrival.organisation,
        stage: cases::stage::DELIVERED,
        urgent: arrival.urgent,
        seen: hour(row.due_second),
        opened: None,
        letterbox: arrival.letterbox.to_vec(),
        tip: arrival.tip,
        own,
        school: Vec::new(),
    }))
}

/// The answer to `older`: earlier records of one side, those that still rest among them; none for a
/// code that opens nothing.
///
/// # Errors
/// If the database fails or what rests is damaged.
pub async fn older(
    tx: &mut Tx,
    keyring: &Keyring,
    auth: &[u8; 32],
    side: u8,
    before: u32,
) -> Result<Vec<u8>, TipError> {
    let lookup = lookup(keyring, auth);
    // Where letters leave before where they arrive: what a tick moves between the two looks is in both.
    let mut found = match side {
        0 => resting_before(tx, keyring, &lookup, before).await?,
        _ => BTreeMap::new(),
    };
    if let Some(case) = store::case_of(tx, &lookup).await?
        && side <= 1
    {
        let most = u8::try_from(MOST_RECORDS).unwrap_or(u8::MAX);
        for record in cases::records_before(tx, case, side, before, most).await? {
            found.insert(Head::of(&record)?.seq, record);
        }
    }
    let records: Vec<_> = found.into_values().collect();
    let newest = records.len().saturating_sub(MOST_RECORDS);
    Ok(answer::older(&records[newest..])?)
}

/// The reporter's letters below a number that are not delivered yet.
async fn resting_before(
    tx: &mut Tx,
    keyring: &Keyring,
    lookup: &[u8; 32],
    before: u32,
) -> Result<BTreeMap<u32, Vec<u8>>, TipError> {
    let mut found = BTreeMap::new();
    for row in store::resting(tx, lookup).await? {
        let seq = u32::try_from(row.seq).map_err(|_| TipError::Damaged)?;
        if (1..before).contains(&seq) {
            found.insert(seq, intake::open(keyring, &row)?.to_vec());
        }
    }
    Ok(found)
}
