//! A case's sealed columns: flags, box, wraps, dossier; all under the case's shred key.

use rand::CryptoRng;
use shudong_envelope::wrap::WRAP;
use zeroize::Zeroizing;

use super::CaseError;
use crate::clock::Day;
use crate::ids::CaseId;
use crate::keyring::{Keyring, Lock, Place};

/// Slots for holders, always stored: a count would tell that somebody was left out.
pub const HOLDER_SLOTS: usize = 14;
/// Slots for the level above and the city.
pub(super) const UPPER_SLOTS: usize = 2;

/// The keyring and the shred key of one case.
pub(super) struct CaseSeal<'a> {
    pub(super) keyring: &'a Keyring,
    pub(super) case: CaseId,
    pub(super) shred: Zeroizing<[u8; 32]>,
}

impl CaseSeal<'_> {
    pub(super) fn seal(
        &self,
        column: &str,
        plain: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CaseError> {
        self.seal_with(Lock::Rows, column, plain, rng)
    }

    pub(super) fn seal_with(
        &self,
        lock: Lock,
        column: &str,
        plain: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CaseError> {
        let row = self.case.bytes();
        let place = Place {
            table: "cases",
            column,
            row: &row,
        };
        Ok(self.keyring.seal(lock, &self.shred, place, plain, rng)?)
    }

    pub(super) fn open(&self, column: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, CaseError> {
        let row = self.case.bytes();
        let place = Place {
            table: "cases",
            column,
            row: &row,
        };
        Ok(self.keyring.open(Lock::Rows, &self.shred, place, bytes)?)
    }
}

/// The coded fields of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) urgent: bool,
    pub(super) commit: [u8; 32],
    /// Day of the first look.
    pub(super) opened: Option<Day>,
}

impl Fields {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let opened = self.opened.map_or(0, |day| day.0).to_be_bytes();
        [&[u8::from(self.urgent)][..], &self.commit, &opened].concat()
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CaseError> {
        let parts = bytes.split_at_checked(33).filter(|(_, day)| day.len() == 4);
        let (head, day) = parts.ok_or(CaseError::Damaged)?;
        let day = u32::from_be_bytes(day.try_into().map_err(|_| CaseError::Damaged)?);
        Ok(Self {
            urgent: head[0] == 1,
            commit: head[1..].try_into().map_err(|_| CaseError::Damaged)?,
            opened: (day != 0).then_some(Day(day)),
        })
    }
}

/// Wraps in a fixed number of slots: count ‖ slots.
pub(super) fn slots(wraps: &[&[u8]], slots: usize) -> Result<Vec<u8>, CaseError> {
    if wraps.len() > slots {
        return Err(CaseError::Refused);
    }
    let mut bytes = vec![u8::try_from(wraps.len()).map_err(|_| CaseError::Refused)?];
    bytes.extend(wraps.concat());
    bytes.resize(1 + slots * WRAP, 0);
    Ok(bytes)
}

/// The wraps of [`slots`].
pub(super) fn wraps(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CaseError> {
    let (count, slots) = bytes.split_first().ok_or(CaseError::Damaged)?;
    Ok(slots
        .chunks_exact(WRAP)
        .take(usize::from(*count))
        .map(<[u8]>::to_vec)
        .collect())
}
