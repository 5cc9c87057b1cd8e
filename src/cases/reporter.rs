//! A case as its reporter may see it.

use zeroize::Zeroizing;

use super::access::open_row;
use super::{CaseError, store};
use crate::clock::{Day, Hour};
use crate::ids::{CaseId, OrganisationId};
use crate::keyring::Keyring;
use crate::storage::Tx;

/// Most records of one side in a fetch.
const NEWEST: u8 = 2;

/// What a reporter's page gets.
#[derive(Debug)]
pub struct ReporterView {
    /// The holder.
    pub organisation: OrganisationId,
    /// The stage.
    pub stage: u8,
    /// "In danger now".
    pub urgent: bool,
    /// The hour at which desks saw it.
    pub seen: Hour,
    /// Day of the first look.
    pub opened: Option<Day>,
    /// The sealed box.
    pub letterbox: Zeroizing<Vec<u8>>,
    /// The tip record.
    pub tip: Vec<u8>,
    /// Newest own records that desks can see, ascending.
    pub own: Vec<Vec<u8>>,
    /// Newest records of the committee, ascending.
    pub school: Vec<Vec<u8>>,
}

/// The reporter's view of a case; `None` if there is none.
///
/// # Errors
/// If the database fails or the case is damaged.
pub async fn for_reporter(
    tx: &mut Tx,
    keyring: &Keyring,
    case: CaseId,
) -> Result<Option<ReporterView>, CaseError> {
    let Some(row) = store::case(tx, case).await? else {
        return Ok(None);
    };
    let (seal, fields) = open_row(tx, keyring, &row).await?;
    Ok(Some(ReporterView {
        organisation: row.organisation,
        stage: store::stage(&row),
        urgent: fields.urgent,
        seen: store::hour(&row),
        opened: fields.opened,
        letterbox: seal.open("box", &row.r#box)?,
        own: store::newest(tx, case, 0, u32::MAX, NEWEST).await?,
        school: store::newest(tx, case, 1, u32::MAX, NEWEST).await?,
        tip: row.tip,
    }))
}

/// Whether there is a case of that id.
///
/// # Errors
/// If the database fails.
pub async fn exists(tx: &mut Tx, case: CaseId) -> Result<bool, CaseError> {
    Ok(store::case(tx, case).await?.is_some())
}

/// Earlier records of a side, at most `most`, ascending.
///
/// # Errors
/// If the database fails.
pub async fn records_before(
    tx: &mut Tx,
    case: CaseId,
    side: u8,
    before: u32,
    most: u8,
) -> Result<Vec<Vec<u8>>, CaseError> {
    Ok(store::newest(tx, case, side, before, most).await?)
}

/// One record of the reporter's side.
///
/// # Errors
/// If the database fails.
pub async fn reporter_record(
    tx: &mut Tx,
    case: CaseId,
    seq: u32,
) -> Result<Option<Vec<u8>>, CaseError> {
    Ok(store::record(tx, case, 0, seq).await?)
}
