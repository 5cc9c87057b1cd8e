//! Founding: organisations, identities, epochs. The demo and a real deployment call the same verbs;
//! they differ only in where the members' keys were made.

use rand::CryptoRng;
use shudong_envelope::kdf::hash;
use shudong_envelope::kem::{PublicKey, Seed};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{
    self, EPOCH_DAYS, Identity, Member, Roster, Service, Statement, members_hash, roster_hash,
};
use shudong_envelope::wrap::{Context, Purpose, wrap};

use super::{Deployment, DirectoryError, Kind, Organisation, code, store};
use crate::clock::Day;
use crate::ids::{MemberId, OrganisationId};
use crate::storage::Tx;

/// Life of an identity and of a roster in days. A roster is renewed when people change.
const IDENTITY_DAYS: u32 = 5 * 366;
/// Life of the service key's statement in days.
const SERVICE_DAYS: u32 = 366;

/// What is to be known of a new organisation.
#[derive(Clone, Copy, Debug)]
pub struct NewOrganisation<'a> {
    /// Its name.
    pub name: &'a str,
    /// Pinyin initials of the name, lower case.
    pub initials: &'a str,
    /// What it is.
    pub kind: Kind,
    /// primary, junior, senior or technical, for a school.
    pub stage: Option<&'a str>,
    /// A school that reports to the city directly.
    pub city_run: bool,
    /// The organisation above.
    pub parent: Option<OrganisationId>,
}

/// Who signs: an organisation with the secret half of its identity.
#[derive(Clone, Debug)]
pub struct Founder {
    /// The deployment.
    pub deployment: [u8; 16],
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its identity key.
    pub identity: SigningKey,
}

/// A member as an epoch names them.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// Their id.
    pub member: MemberId,
    /// Their role's code.
    pub role: u8,
    /// Their Ed25519 key.
    pub signing: [u8; 32],
    /// Their X-Wing key.
    pub kem: PublicKey,
}

/// What an epoch was begun with.
#[derive(Debug)]
pub struct Epoch {
    /// The signed statements by member id.
    pub members: Vec<Vec<u8>>,
    /// The organisation's public key.
    pub public_key: PublicKey,
}

/// Adds an organisation to the tree, with a fresh id and public code.
///
/// # Errors
/// If the database fails.
pub async fn add_organisation(
    tx: &mut Tx,
    rng: &mut impl CryptoRng,
    new: &NewOrganisation<'_>,
) -> Result<Organisation, DirectoryError> {
    let mut code = code::random(rng);
    while store::organisation(tx, &code).await?.is_some() {
        code = code::random(rng);
    }
    let made = Organisation {
        id: OrganisationId::random(rng),
        parent: new.parent,
        code,
        name: new.name.to_owned(),
        kind: new.kind,
    };
    store::put_organisation(tx, &made, new).await?;
    Ok(made)
}

/// Founds the deployment: its id, its city root, and the statement for the service's key.
///
/// # Errors
/// If there is a deployment already, or the database fails.
pub async fn found(
    tx: &mut Tx,
    rng: &mut impl CryptoRng,
    city: &NewOrganisation<'_>,
    service_key: [u8; 32],
    day: Day,
) -> Result<(Organisation, Founder), DirectoryError> {
    let city = add_organisation(tx, rng, city).await?;
    let mut deployment = [0; 16];
    rng.fill_bytes(&mut deployment);
    let founder = Founder {
        deployment,
        organisation: city.id,
        identity: identity_key(rng),
    };
    let root = founder.identity.public();
    store::put_deployment(
        tx,
        &Deployment {
            id: deployment,
            root,
        },
    )
    .await?;
    name_identity(tx, &founder, &city, root, day).await?;
    let until = day.plus(SERVICE_DAYS);
    let service = Service {
        deployment,
        key: service_key,
        from: day.0,
        until: until.0,
    };
    let bytes = service.signed(&founder.identity);
    store::put_statement::<Service>(tx, city.id, day.0, until.0, &bytes).await?;
    Ok((city, founder))
}

fn identity_key(rng: &mut impl CryptoRng) -> SigningKey {
    SigningKey::from_seed(Seed::random(rng).bytes())
}

/// The parent signs a child's identity key.
///
/// # Errors
/// If the database fails.
pub async fn name_identity(
    tx: &mut Tx,
    parent: &Founder,
    child: &Organisation,
    key: [u8; 32],
    day: Day,
) -> Result<(), DirectoryError> {
    let until = day.plus(IDENTITY_DAYS);
    let identity = Identity {
        deployment: parent.deployment,
        parent: parent.organisation.bytes(),
        child: child.id.bytes(),
        level: child.kind.level(),
        serial: day.0,
        until: until.0,
        key,
    };
    let bytes = identity.signed(&parent.identity);
    store::put_statement::<Identity>(tx, child.id, day.0, until.0, &bytes).await?;
    Ok(())
}

/// Begins an organisation's next epoch: a new key, wrapped to each member, and their statements.
///
/// # Errors
/// If the database fails.
pub async fn begin_epoch(
    tx: &mut Tx,
    rng: &mut impl CryptoRng,
    by: &Founder,
    colleagues: &[Colleague],
    day: Day,
) -> Result<Epoch, DirectoryError> {
    let epoch = 0;
    let until = day.plus(EPOCH_DAYS);
    let seed = Seed::random(rng);
    let public = seed.public()?;
    store::put_epoch_key(tx, by.organisation, epoch, &public, None).await?;
    let mut colleagues = colleagues.to_vec();
    colleagues.sort_by_key(|colleague| colleague.member);
    let context = seed_context(by, Purpose::OrganisationSeed, public.hash());
    let mut statements = Vec::with_capacity(colleagues.len());
    for colleague in &colleagues {
        let bytes = member(by, colleague, epoch, until).signed(&by.identity);
        let id = colleague.member;
        store::put_colleague(tx, by.organisation, epoch, id, &bytes, &colleague.kem).await?;
        let wrapped = wrap(seed.bytes(), &colleague.kem, &context, rng)?;
        store::put_seed_wrap(tx, by.organisation, context.purpose as u8, epoch, &wrapped).await?;
        statements.push(bytes);
    }
    let statement = statement::Epoch {
        deployment: by.deployment,
        organisation: by.organisation.bytes(),
        epoch,
        from: day.0,
        until: until.0,
        key_hash: public.hash(),
        members_hash: members_hash(&statements),
        previous: [0; 32],
    };
    let bytes = statement.signed(&by.identity);
    store::put_statement::<statement::Epoch>(tx, by.organisation, epoch, until.0, &bytes).await?;
    Ok(Epoch {
        members: statements,
        public_key: public,
    })
}

fn member(by: &Founder, colleague: &Colleague, epoch: u32, until: Day) -> Member {
    Member {
        deployment: by.deployment,
        organisation: by.organisation.bytes(),
        member: colleague.member.bytes(),
        role: colleague.role,
        epoch,
        until: until.0,
        signing: colleague.signing,
        kem_hash: colleague.kem.hash(),
    }
}

fn seed_context(by: &Founder, purpose: Purpose, commit: [u8; 32]) -> Context {
    Context {
        purpose,
        deployment: by.deployment,
        object: by.organisation.bytes(),
        generation: 0,
        usage: 0,
        commit,
    }
}

/// Wraps an identity's seed to one key: a chair's, or the parent organisation's.
///
/// # Errors
/// If the database fails.
pub async fn hand_identity_to(
    tx: &mut Tx,
    rng: &mut impl CryptoRng,
    of: &Founder,
    to: &PublicKey,
) -> Result<(), DirectoryError> {
    let commit = hash(&[&of.identity.public()]);
    let context = seed_context(of, Purpose::IdentitySeed, commit);
    let wrapped = wrap(&of.identity.seed(), to, &context, rng)?;
    store::put_seed_wrap(tx, of.organisation, context.purpose as u8, 0, &wrapped).await?;
    Ok(())
}

/// The parent confirms a child's present members.
///
/// # Errors
/// If the database fails or a stored statement is damaged.
pub async fn confirm_roster(
    tx: &mut Tx,
    parent: &Founder,
    child: OrganisationId,
    day: Day,
) -> Result<(), DirectoryError> {
    let until = day.plus(IDENTITY_DAYS);
    let members: Result<Vec<Member>, _> = store::colleagues(tx, child, 0)
        .await?
        .iter()
        .map(|(_, bytes, _)| Member::parse(bytes.get(..Member::BODY).unwrap_or_default()))
        .collect();
    let roster = Roster {
        deployment: parent.deployment,
        organisation: child.bytes(),
        until: until.0,
        members_hash: roster_hash(&members?),
    };
    let bytes = roster.signed(&parent.identity);
    store::put_statement::<Roster>(tx, child, day.0, until.0, &bytes).await?;
    Ok(())
}

impl Founder {
    /// A child's founder: the same deployment, a fresh identity, signed by this one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn appoint(
        &self,
        tx: &mut Tx,
        rng: &mut impl CryptoRng,
        child: &Organisation,
        day: Day,
    ) -> Result<Self, DirectoryError> {
        let identity = identity_key(rng);
        name_identity(tx, self, child, identity.public(), day).await?;
        Ok(Self {
            deployment: self.deployment,
            organisation: child.id,
            identity,
        })
    }
}
