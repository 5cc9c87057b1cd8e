//! A case's files, in sealed chunks. Nothing here knows which chunks are one file, or whether a
//! record names them: the records that say so are sealed.

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::access::CaseAccess;
use super::{CaseError, store};
use crate::audit::Act;
use crate::clock::Day;
use crate::ids::CaseId;
use crate::keyring::{Keyring, Lock, Place};
use crate::storage::Tx;

/// The name of a chunk's row: the same for the same chunk, and without the keyring any 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkId([u8; 32]);

impl ChunkId {
    /// Of a file's chunk in a case.
    pub fn of(keyring: &Keyring, case: CaseId, file: &[u8; 16], index: u32) -> Self {
        let what = [&case.bytes()[..], file, &index.to_be_bytes()].concat();
        Self(keyring.lookup("chunk", &what))
    }

    /// As stored.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn place(row: &[u8]) -> Place<'_> {
    Place {
        table: "chunks",
        column: "body",
        row,
    }
}

async fn shred(tx: &mut Tx, case: CaseId) -> Result<Zeroizing<[u8; 32]>, CaseError> {
    let shred = store::shred(tx, case).await?.ok_or(CaseError::Damaged)?;
    let shred = <[u8; 32]>::try_from(&shred[..]).map_err(|_| CaseError::Damaged)?;
    Ok(Zeroizing::new(shred))
}

/// Keeps a chunk under its case's row key; one that is there already stays.
///
/// # Errors
/// If the database fails or there is no such case.
pub async fn keep_chunk(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    case: CaseId,
    id: &[u8],
    chunk: &[u8],
) -> Result<(), CaseError> {
    let shred = shred(tx, case).await?;
    let body = keyring.seal(Lock::Rows, &shred, place(id), chunk, rng)?;
    Ok(store::put_chunk(tx, case, id, &body).await?)
}

/// A chunk that was delivered.
///
/// # Errors
/// If the database fails or the row does not open.
pub async fn kept_chunk(
    tx: &mut Tx,
    keyring: &Keyring,
    case: CaseId,
    id: &ChunkId,
) -> Result<Option<Vec<u8>>, CaseError> {
    let Some(body) = store::chunk(tx, case, id.bytes()).await? else {
        return Ok(None);
    };
    let shred = shred(tx, case).await?;
    let chunk = keyring.open(Lock::Rows, &shred, place(id.bytes()), &body)?;
    Ok(Some(chunk.to_vec()))
}

impl CaseAccess<'_> {
    /// A chunk of a file; `None` while it has not arrived. That evidence was opened is noted.
    ///
    /// # Errors
    /// If the database fails or the row does not open.
    pub async fn chunk(
        &self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        file: &[u8; 16],
        index: u32,
        today: Day,
    ) -> Result<Option<Vec<u8>>, CaseError> {
        let keyring = self.seal.keyring;
        let id = ChunkId::of(keyring, self.id(), file, index);
        let chunk = kept_chunk(tx, keyring, self.id(), &id).await?;
        if chunk.is_some() {
            self.note(tx, rng, Act::Evidence, today).await?;
        }
        Ok(chunk)
    }
}
