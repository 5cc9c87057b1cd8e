//! Who may open a case: the proof, and what it lets a member see.

use rand::CryptoRng;
use shudong_envelope::kdf::hash16;
use shudong_envelope::wrap;
use zeroize::Zeroizing;

use super::at_rest::{CaseSeal, Fields, wraps};
use super::store::CaseRow;
use super::{CaseError, stage, store};
use crate::audit::{self, Act, Entry};
use crate::clock::{Day, Hour};
use crate::ids::{CaseId, MemberId, OrganisationId};
use crate::keyring::Keyring;
use crate::storage::Tx;

/// A signed-in member as cases see them.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who.
    pub member: MemberId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Ids of the keys they can unwrap with: their own, and their organisation's of each epoch.
    pub key_ids: Vec<[u8; 16]>,
}

impl Viewer {
    /// Collects the ids from a member's own key and the epochs that were wrapped to it.
    pub fn new(
        member: MemberId,
        organisation: OrganisationId,
        own_key: &[u8],
        epoch_keys: impl Iterator<Item = Vec<u8>>,
    ) -> Self {
        let epochs = epoch_keys.map(|key| hash16(&[&key]));
        let key_ids = std::iter::once(hash16(&[own_key])).chain(epochs).collect();
        Self {
            member,
            organisation,
            key_ids,
        }
    }
}

/// Who holds a case, as a member may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Key id of each holder's wrap.
    pub holders: Vec<[u8; 16]>,
    /// The wrap that this member can open.
    pub wrap: Vec<u8>,
}

/// Proof that a member may open a case, and that the look is in its audit chain.
pub struct CaseAccess<'k> {
    pub(super) row: CaseRow,
    pub(super) seal: CaseSeal<'k>,
    pub(super) fields: Fields,
    /// Who looks.
    pub viewer: Viewer,
    /// Who holds it.
    pub holding: Holding,
}

/// Opens a row's seal and coded fields.
pub(super) async fn open_row<'k>(
    tx: &mut Tx,
    keyring: &'k Keyring,
    row: &CaseRow,
) -> Result<(CaseSeal<'k>, Fields), CaseError> {
    let shred = store::shred(tx, row.id).await?.ok_or(CaseError::Damaged)?;
    let shred = <[u8; 32]>::try_from(&shred[..]).map_err(|_| CaseError::Damaged)?;
    let seal = CaseSeal {
        keyring,
        case: row.id,
        shred: Zeroizing::new(shred),
    };
    let fields = Fields::parse(&seal.open("fields", &row.fields)?)?;
    Ok((seal, fields))
}

async fn admit<'k>(
    tx: &mut Tx,
    keyring: &'k Keyring,
    row: CaseRow,
    viewer: &Viewer,
) -> Result<Option<CaseAccess<'k>>, CaseError> {
    if row.organisation != viewer.organisation {
        return Ok(None);
    }
    let (seal, fields) = open_row(tx, keyring, &row).await?;
    let mut holders = Vec::new();
    let mut mine = None;
    for wrap in wraps(&seal.open("holders", &row.holders)?)? {
        let (_, recipient) = wrap::head(&wrap)?;
        holders.push(recipient);
        if viewer.key_ids.contains(&recipient) {
            mine = Some(wrap);
        }
    }
    let viewer = viewer.clone();
    Ok(mine.map(|wrap| CaseAccess {
        row,
        seal,
        fields,
        viewer,
        holding: Holding { holders, wrap },
    }))
}

/// The cases a member may open. That a letter was delivered to their inbox is noted in its chain.
///
/// # Errors
/// If the database fails or a case is damaged.
pub async fn inbox<'k>(
    tx: &mut Tx,
    keyring: &'k Keyring,
    rng: &mut impl CryptoRng,
    viewer: &Viewer,
    today: Day,
) -> Result<Vec<CaseAccess<'k>>, CaseError> {
    let mut inbox = Vec::new();
    for row in store::cases_of(tx, viewer.organisation).await? {
        if let Some(access) = admit(tx, keyring, row, viewer).await? {
            // In the order of ids, so that two inboxes never wait for each other.
            store::hold(tx, access.id()).await?;
            access.note(tx, rng, Act::Listed, today).await?;
            inbox.push(access);
        }
    }
    Ok(inbox)
}

impl<'k> CaseAccess<'k> {
    /// Opens one case; `None` if there is none, or none for this member. The look is noted, and the
    /// first look moves the case to "somebody looked".
    ///
    /// # Errors
    /// If the database fails or the case is damaged.
    pub async fn open(
        tx: &mut Tx,
        keyring: &'k Keyring,
        rng: &mut impl CryptoRng,
        viewer: &Viewer,
        case: CaseId,
        today: Day,
    ) -> Result<Option<Self>, CaseError> {
        store::hold(tx, case).await?;
        let Some(row) = store::case(tx, case).await? else {
            return Ok(None);
        };
        let Some(mut access) = admit(tx, keyring, row, viewer).await? else {
            return Ok(None);
        };
        access.note(tx, rng, Act::Opened, today).await?;
        if access.stage() == stage::DELIVERED {
            access.fields.opened = Some(today);
            access.put_stage(tx, rng, stage::SEEN).await?;
        }
        Ok(Some(access))
    }

    /// Writes one act of this member into the case's chain.
    pub(super) async fn note(
        &self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        act: Act,
        day: Day,
    ) -> Result<(), CaseError> {
        let entry = Entry {
            day,
            member: self.viewer.member,
            act,
        };
        let keyring = self.seal.keyring;
        Ok(audit::append(tx, keyring, rng, self.id(), &self.seal.shred, entry).await?)
    }

    pub(super) async fn put_stage(
        &mut self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        stage: u8,
    ) -> Result<(), CaseError> {
        let fields = self.seal.seal("fields", &self.fields.bytes(), rng)?;
        store::set_stage(tx, self.id(), stage, &fields).await?;
        self.row.stage = i64::from(stage);
        Ok(())
    }

    /// The case.
    pub fn id(&self) -> CaseId {
        self.row.id
    }

    /// Its stage.
    pub fn stage(&self) -> u8 {
        store::stage(&self.row)
    }

    /// "In danger now".
    pub fn urgent(&self) -> bool {
        self.fields.urgent
    }

    /// Commitment of the case key.
    pub fn commit(&self) -> &[u8; 32] {
        &self.fields.commit
    }

    /// The hour at which desks saw it.
    pub fn seen(&self) -> Hour {
        store::hour(&self.row)
    }

    /// Day of the first look.
    pub fn opened(&self) -> Option<Day> {
        self.fields.opened
    }

    /// The tip record.
    pub fn tip(&self) -> &[u8] {
        &self.row.tip
    }

    /// The whole audit chain.
    ///
    /// # Errors
    /// If the database fails or the chain is broken.
    pub async fn looks(&self, tx: &mut Tx) -> Result<Vec<Entry>, CaseError> {
        Ok(audit::entries(tx, self.seal.keyring, self.id(), &self.seal.shred).await?)
    }
}
