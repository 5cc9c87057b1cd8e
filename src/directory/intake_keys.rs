//! The service's weekly key for exchanges: made ahead, published a week, destroyed a day after.

use rand::CryptoRng;
use shudong_envelope::kem::Seed;
use shudong_envelope::statement::{Intake, Statement};
use zeroize::Zeroizing;

use super::{DirectoryError, store};
use crate::clock::Day;
use crate::keyring::{Keyring, Lock, NO_SHRED, Place};
use crate::storage::Tx;

/// Days that a key is published.
const DAYS: u32 = 7;

fn place(key_id: &[u8]) -> Place<'_> {
    Place {
        table: "intake_keys",
        column: "secret",
        row: key_id,
    }
}

/// Makes the key for `day` if there is none, and destroys those that are over.
///
/// # Errors
/// If the database fails or no deployment was founded.
pub async fn keep_current(
    tx: &mut Tx,
    keyring: &Keyring,
    rng: &mut impl CryptoRng,
    day: Day,
) -> Result<(), DirectoryError> {
    store::drop_intake_keys(tx, day).await?;
    if !store::intake_keys(tx, day).await?.is_empty() {
        return Ok(());
    }
    let deployment = store::deployment(tx)
        .await?
        .ok_or(DirectoryError::Missing)?;
    let seed = Seed::random(rng);
    let public = seed.public()?;
    let until = day.plus(DAYS);
    let statement = Intake {
        deployment: deployment.id,
        key_hash: public.hash(),
        from: day.0,
        until: until.0,
    };
    let bytes = statement.signed(keyring.service());
    let key_id = public.id();
    let secret = keyring.seal(Lock::Rows, &NO_SHRED, place(&key_id), seed.bytes(), rng)?;
    store::put_intake_key(tx, &public, day, until, &bytes, &secret).await?;
    Ok(())
}

/// The seed whose key id begins with these 15 bytes, while it exists.
///
/// # Errors
/// If the database fails or a secret is damaged.
pub async fn opened_by(
    tx: &mut Tx,
    keyring: &Keyring,
    key_id: &[u8; 15],
    day: Day,
) -> Result<Option<Seed>, DirectoryError> {
    for (id, secret) in store::opening_keys(tx, day).await? {
        if id.starts_with(key_id) {
            let seed = keyring.open(Lock::Rows, &NO_SHRED, place(&id), &secret)?;
            let seed: [u8; 32] = seed[..]
                .try_into()
                .map_err(|_| shudong_envelope::Refused::Length)?;
            return Ok(Some(Seed::from_bytes(Zeroizing::new(seed))));
        }
    }
    Ok(None)
}
