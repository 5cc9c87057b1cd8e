//! The directory's SQL.

use shudong_envelope::kem::PublicKey;
use shudong_envelope::statement::{Epoch, Statement};

use super::{DirectoryError, Kind, Organisation};
use crate::clock::Day;
use crate::ids::{MemberId, OrganisationId};
use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional};

/// The deployment's permanent facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its random id.
    pub id: [u8; 16],
    /// The city root's public key.
    pub root: [u8; 32],
}

/// One epoch's organisation key as its members get it.
#[derive(Clone, Debug)]
pub struct EpochKey {
    /// Number of the epoch.
    pub epoch: u32,
    /// The statement, 204 bytes.
    pub statement: Vec<u8>,
    /// The public key, 1,216 bytes.
    pub public_key: Vec<u8>,
    /// The seed wrapped to the member who asks; none if they came later.
    pub wrap: Option<Vec<u8>>,
    /// The previous seed sealed under this one.
    pub back: Option<Vec<u8>>,
}

/// The deployment, if one was founded.
///
/// # Errors
/// If the database fails or holds something else.
pub async fn deployment(tx: &mut Tx) -> Result<Option<Deployment>, DirectoryError> {
    let row = fetch_optional!(
        tx,
        (OrganisationId, Vec<u8>),
        "SELECT id, root_key FROM deployment WHERE only_one = 1"
    )?;
    row.map(|(id, root)| {
        let root = root
            .try_into()
            .map_err(|_| shudong_envelope::Refused::Length)?;
        Ok(Deployment {
            id: id.bytes(),
            root,
        })
    })
    .transpose()
}

pub(super) async fn put_deployment(tx: &mut Tx, made: &Deployment) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO deployment (only_one, id, root_key) VALUES (1, $1, $2)",
        OrganisationId::from_bytes(made.id),
        &made.root[..]
    )?;
    Ok(())
}

type Row = (
    OrganisationId,
    Option<OrganisationId>,
    String,
    String,
    String,
);

fn organisation_of(row: Row) -> Result<Organisation, DirectoryError> {
    let (id, parent, code, name, kind) = row;
    let kind = Kind::parse(&kind).ok_or(shudong_envelope::Refused::Version)?;
    Ok(Organisation {
        id,
        parent,
        code,
        name,
        kind,
    })
}

/// By public code.
///
/// # Errors
/// If the database fails.
pub async fn organisation(tx: &mut Tx, code: &str) -> Result<Option<Organisation>, DirectoryError> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, parent, code, name, kind FROM organisations WHERE code = $1",
        code
    )?;
    row.map(organisation_of).transpose()
}

pub(super) async fn by_id(
    tx: &mut Tx,
    id: OrganisationId,
) -> Result<Option<Organisation>, DirectoryError> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, parent, code, name, kind FROM organisations WHERE id = $1",
        id
    )?;
    row.map(organisation_of).transpose()
}

/// The city itself; `None` before the founding.
///
/// # Errors
/// If the database fails.
pub async fn city(tx: &mut Tx) -> Result<Option<Organisation>, DirectoryError> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, parent, code, name, kind FROM organisations WHERE parent IS NULL"
    )?;
    row.map(organisation_of).transpose()
}

/// Every organisation with its search initials, by name.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<(Organisation, String)>, DirectoryError> {
    type Searchable = (
        OrganisationId,
        Option<OrganisationId>,
        String,
        String,
        String,
        String,
    );
    let rows = fetch_all!(
        tx,
        Searchable,
        "SELECT id, parent, code, name, kind, initials FROM organisations ORDER BY name"
    )?;
    rows.into_iter()
        .map(|(id, parent, code, name, kind, initials)| {
            Ok((organisation_of((id, parent, code, name, kind))?, initials))
        })
        .collect()
}

pub(super) async fn put_organisation(
    tx: &mut Tx,
    made: &Organisation,
    new: &super::NewOrganisation<'_>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO organisations (id, parent, code, name, initials, kind, stage, level, city_run) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        made.id,
        made.parent,
        &made.code,
        &made.name,
        new.initials,
        made.kind.word(),
        new.stage,
        i64::from(made.kind.level()),
        i64::from(new.city_run)
    )?;
    Ok(())
}

/// Which statement: its kind's name, its subject and serial.
pub(super) async fn put_statement<S: Statement>(
    tx: &mut Tx,
    subject: OrganisationId,
    serial: u32,
    until: u32,
    bytes: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO statements (kind, subject, serial, until_day, bytes) \
         VALUES ($1, $2, $3, $4, $5)",
        S::NAME,
        subject,
        i64::from(serial),
        i64::from(until),
        bytes
    )?;
    Ok(())
}

/// The newest statement of a kind about a subject that is valid on `day`.
pub(super) async fn statement<S: Statement>(
    tx: &mut Tx,
    subject: OrganisationId,
    day: Day,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT bytes FROM statements WHERE kind = $1 AND subject = $2 AND until_day >= $3 \
         ORDER BY serial DESC LIMIT 1",
        S::NAME,
        subject,
        i64::from(day.0)
    )?;
    Ok(row.map(|(bytes,)| bytes))
}

/// The identity statements from the city down to `id`, whether still valid or not.
///
/// # Errors
/// If the database fails.
pub async fn identity_chain(
    tx: &mut Tx,
    id: OrganisationId,
) -> Result<Vec<Vec<u8>>, DirectoryError> {
    let mut chain = Vec::new();
    for organisation in super::path(tx, id).await? {
        type Identity = shudong_envelope::statement::Identity;
        chain.extend(statement::<Identity>(tx, organisation.id, Day(0)).await?);
    }
    Ok(chain)
}

pub(super) async fn put_epoch_key(
    tx: &mut Tx,
    organisation: OrganisationId,
    epoch: u32,
    key: &PublicKey,
    back: Option<&[u8]>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO organisation_keys (organisation, epoch, public_key, back) \
         VALUES ($1, $2, $3, $4)",
        organisation,
        i64::from(epoch),
        &key.bytes()[..],
        back
    )?;
    Ok(())
}

pub(super) async fn epoch_key(
    tx: &mut Tx,
    organisation: OrganisationId,
    epoch: u32,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "SELECT public_key FROM organisation_keys WHERE organisation = $1 AND epoch = $2",
        organisation,
        i64::from(epoch)
    )?;
    Ok(row.map(|(key,)| key))
}

pub(super) async fn put_colleague(
    tx: &mut Tx,
    organisation: OrganisationId,
    epoch: u32,
    member: MemberId,
    statement: &[u8],
    kem: &PublicKey,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO colleagues (organisation, epoch, member, statement, kem_key) \
         VALUES ($1, $2, $3, $4, $5)",
        organisation,
        i64::from(epoch),
        member,
        statement,
        &kem.bytes()[..]
    )?;
    Ok(())
}

/// An epoch's members by id: member, statement, X-Wing key.
///
/// # Errors
/// If the database fails.
pub async fn colleagues(
    tx: &mut Tx,
    organisation: OrganisationId,
    epoch: u32,
) -> Result<Vec<(MemberId, Vec<u8>, Vec<u8>)>, StorageError> {
    fetch_all!(
        tx,
        (MemberId, Vec<u8>, Vec<u8>),
        "SELECT member, statement, kem_key FROM colleagues \
         WHERE organisation = $1 AND epoch = $2 ORDER BY member",
        organisation,
        i64::from(epoch)
    )
}

pub(super) async fn put_seed_wrap(
    tx: &mut Tx,
    organisation: OrganisationId,
    purpose: u8,
    epoch: u32,
    wrap: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO seed_wraps (organisation, purpose, epoch, recipient, wrap) \
         VALUES ($1, $2, $3, $4, $5)",
        organisation,
        i64::from(purpose),
        i64::from(epoch),
        &wrap[1..17],
        wrap
    )?;
    Ok(())
}

/// All epochs of an organisation, newest first, as the holder of `recipient` gets them.
///
/// # Errors
/// If the database fails or a statement is damaged.
pub async fn epochs(
    tx: &mut Tx,
    organisation: OrganisationId,
    recipient: &[u8; 16],
) -> Result<Vec<EpochKey>, DirectoryError> {
    type Row = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT s.bytes, k.public_key, w.wrap, k.back FROM organisation_keys k \
         JOIN statements s ON s.kind = 'epoch' AND s.subject = k.organisation AND s.serial = k.epoch \
         LEFT JOIN seed_wraps w ON w.organisation = k.organisation AND w.purpose = 3 \
              AND w.epoch = k.epoch AND w.recipient = $2 \
         WHERE k.organisation = $1 ORDER BY k.epoch DESC",
        organisation,
        &recipient[..]
    )?;
    rows.into_iter()
        .map(|(statement, public_key, wrap, back)| {
            let body = statement.get(..Epoch::BODY).unwrap_or_default();
            Ok(EpochKey {
                epoch: Epoch::parse(body)?.epoch,
                statement,
                public_key,
                wrap,
                back,
            })
        })
        .collect()
}

/// An intake key: public key, statement, sealed secret.
pub(super) type IntakeRow = (Vec<u8>, Vec<u8>, Vec<u8>);

pub(super) async fn intake_keys(tx: &mut Tx, day: Day) -> Result<Vec<IntakeRow>, StorageError> {
    fetch_all!(
        tx,
        IntakeRow,
        "SELECT public_key, statement, secret FROM intake_keys \
         WHERE from_day <= $1 AND until_day >= $1 ORDER BY until_day DESC",
        i64::from(day.0)
    )
}

/// Those that may still open a request: a day longer than they are published.
pub(super) async fn opening_keys(
    tx: &mut Tx,
    day: Day,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StorageError> {
    fetch_all!(
        tx,
        (Vec<u8>, Vec<u8>),
        "SELECT key_id, secret FROM intake_keys WHERE until_day + 1 >= $1",
        i64::from(day.0)
    )
}

pub(super) async fn put_intake_key(
    tx: &mut Tx,
    public: &PublicKey,
    from: Day,
    until: Day,
    statement: &[u8],
    secret: &[u8],
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO intake_keys (key_id, public_key, from_day, until_day, statement, secret) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &public.id()[..],
        &public.bytes()[..],
        i64::from(from.0),
        i64::from(until.0),
        statement,
        secret
    )?;
    Ok(())
}

pub(super) async fn drop_intake_keys(tx: &mut Tx, day: Day) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM intake_keys WHERE until_day + 1 < $1",
        i64::from(day.0)
    )?;
    Ok(())
}
