//! A tip becomes a case; a reporter's later record joins it.

use rand::CryptoRng;
use shudong_envelope::letterbox::BOX;
use shudong_envelope::wrap;
use zeroize::Zeroizing;

use super::at_rest::{CaseSeal, Fields, HOLDER_SLOTS, UPPER_SLOTS, slots};
use super::{CaseError, stage, store};
use crate::clock::{Day, Hour};
use crate::ids::{CaseId, OrganisationId};
use crate::keyring::{Keyring, Lock};
use crate::storage::Tx;

/// A tip as the tick delivers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its id.
    pub id: CaseId,
    /// The organisation that holds it.
    pub organisation: OrganisationId,
    /// Commitment of the case key.
    pub commit: [u8; 32],
    /// The reporter's sealed box.
    pub letterbox: [u8; BOX],
    /// Wraps of 1,185 bytes, holders' and upper ones.
    pub wraps: Vec<Vec<u8>>,
    /// The tip record, 11,392 bytes.
    pub tip: Vec<u8>,
    /// "In danger now".
    pub urgent: bool,
    /// The hour at which desks see it.
    pub seen: Hour,
}

/// Stores a case under a fresh shred key.
///
/// # Errors
/// If the database fails or the wraps do not fit.
pub async fn arrive(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    arrival: &Arrival,
) -> Result<(), CaseError> {
    let mut shred = Zeroizing::new([0; 32]);
    rng.fill_bytes(shred.as_mut());
    store::put_shred(tx, arrival.id, &shred).await?;
    let seal = CaseSeal {
        keyring,
        case: arrival.id,
        shred,
    };
    let fields = Fields {
        urgent: arrival.urgent,
        commit: arrival.commit,
        opened: None,
    };
    let (mut holders, mut upper) = (Vec::new(), Vec::new());
    for wrap in &arrival.wraps {
        let (usage, _) = wrap::head(wrap)?;
        if usage == 0 {
            holders.push(&wrap[..])
        } else {
            upper.push(&wrap[..])
        }
    }
    let row = store::CaseRow {
        id: arrival.id,
        organisation: arrival.organisation,
        seen_hour: i64::from(arrival.seen.0),
        stage: i64::from(stage::DELIVERED),
        fields: seal.seal("fields", &fields.bytes(), rng)?,
        r#box: seal.seal("box", &arrival.letterbox, rng)?,
        holders: seal.seal("holders", &slots(&holders, HOLDER_SLOTS)?, rng)?,
        upper: seal.seal_with(Lock::Release, "upper", &slots(&upper, UPPER_SLOTS)?, rng)?,
        tip: arrival.tip.clone(),
        dossier: None,
    };
    Ok(store::put_case(tx, row).await?)
}

/// Adds a record of the reporter's side.
///
/// # Errors
/// If the database fails.
pub async fn add_reporter_record(
    tx: &mut Tx,
    case: CaseId,
    seq: u32,
    day: Day,
    bytes: &[u8],
) -> Result<(), CaseError> {
    Ok(store::put_record(tx, case, 0, seq, day, bytes).await?)
}
