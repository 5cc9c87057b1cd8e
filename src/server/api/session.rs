//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::{self, SignedIn};
use super::wire::{self, b64};
use crate::app::App;
use crate::directory;
use crate::members::{self, Member};
use crate::server::failure::Failure;
use crate::server::keys::directory_failure;
use crate::storage::Tx;

/// An account's salt; accounts that do not exist have one too.
#[utoipa::path(post, path = "/salt", tag = "desk", request_body = wire::SaltRequest,
    responses((status = 200, body = wire::Salt)))]
pub(super) async fn salt(
    State(app): State<App>,
    headers: HeaderMap,
    Json(asked): Json<wire::SaltRequest>,
) -> Result<Json<wire::Salt>, Failure> {
    guard::own_origin(&headers)?;
    Ok(Json(wire::Salt {
        salt: b64(&members::salt(&app.keyring, &asked.account)),
    }))
}

/// Signs in.
#[utoipa::path(post, path = "/session", tag = "desk", request_body = wire::SignIn,
    responses((status = 200, body = wire::Session), (status = 401, body = wire::Problem)))]
pub(super) async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(shown): Json<wire::SignIn>,
) -> Result<Response, Failure> {
    guard::own_origin(&headers)?;
    let account = app.keyring.lookup("account", shown.account.as_bytes());
    app.guesses.check_key(&account).map_err(|_| Failure::Busy)?;
    let auth = wire::bytes(&shown.auth)?
        .try_into()
        .map_err(|_| Failure::Malformed)?;
    let mut tx = app.store.begin().await?;
    let member = members::sign_in(&mut tx, &app.keyring, &shown.account, &auth).await?;
    let member = member.ok_or(Failure::SignInFailed)?;
    let (now, rules) = (app.clock.now(), guard::rules(&app));
    let (token, session) =
        members::begin(&mut tx, &app.keyring, &mut app.rng(), member.id, now, rules).await?;
    let body = describe(&app, &mut tx, &member, &session).await?;
    tx.commit().await?;
    Ok(([(header::SET_COOKIE, guard::cookie(&token))], Json(body)).into_response())
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "desk",
    responses((status = 200, body = wire::Session), (status = 401, body = wire::Problem)))]
pub(super) async fn session(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Json<wire::Session>, Failure> {
    let mut tx = app.store.read().await?;
    let (member, _) = signed_in.viewer(&app, &mut tx).await?;
    Ok(Json(
        describe(&app, &mut tx, &member, &signed_in.session).await?,
    ))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "desk", responses((status = 204)))]
pub(super) async fn sign_out(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Response, Failure> {
    let mut tx = app.store.begin().await?;
    members::end(&mut tx, &signed_in.token).await?;
    tx.commit().await?;
    let gone = [(header::SET_COOKIE, guard::no_cookie())];
    Ok((StatusCode::NO_CONTENT, gone).into_response())
}

async fn describe(
    app: &App,
    tx: &mut Tx,
    member: &Member,
    session: &members::Session,
) -> Result<wire::Session, Failure> {
    let deployment = directory::deployment(tx).await.map_err(directory_failure)?;
    let deployment = deployment.ok_or(Failure::Unavailable)?;
    let config = &app.config;
    Ok(wire::Session {
        csrf: b64(&session.csrf),
        deployment: b64(&deployment.id),
        today: app.clock.now().day().0,
        refresh_seconds: config.desk.refresh_seconds,
        idle_seconds: config.desk.idle_seconds,
        limits: wire::Limits {
            acknowledge_days: config.limits.acknowledge_days,
            investigate_days: config.limits.investigate_days,
            confirmed: config.limits.confirmed.clone(),
        },
        member: describe_member(tx, member).await?,
        organisation: organisation(app, tx, member).await?,
        above: above(app, tx, member).await?,
    })
}

async fn describe_member(tx: &mut Tx, member: &Member) -> Result<wire::Member, Failure> {
    let own = shudong_envelope::kdf::hash16(&[&member.kem_key]);
    let epochs = directory::epochs(tx, member.organisation, &own).await;
    let newest = epochs
        .map_err(directory_failure)?
        .first()
        .map_or(0, |epoch| epoch.epoch);
    let colleagues = directory::colleagues(tx, member.organisation, newest).await?;
    let statement = colleagues.into_iter().find(|(id, ..)| *id == member.id);
    Ok(wire::Member {
        id: member.id.to_string(),
        account: member.profile.account.clone(),
        name: member.profile.name.clone(),
        role: member.role,
        statement: b64(&statement.map(|(_, bytes, _)| bytes).unwrap_or_default()),
        sealed_root: b64(&member.sealed_root),
    })
}

async fn organisation(
    app: &App,
    tx: &mut Tx,
    member: &Member,
) -> Result<wire::Organisation, Failure> {
    let own = shudong_envelope::kdf::hash16(&[&member.kem_key]);
    let id = member.organisation;
    let path = directory::path(tx, id).await.map_err(directory_failure)?;
    let this = path.last().ok_or(Failure::Unavailable)?;
    let chain = directory::identity_chain(tx, id)
        .await
        .map_err(directory_failure)?;
    let epochs = directory::epochs(tx, id, &own)
        .await
        .map_err(directory_failure)?;
    let mut described = Vec::with_capacity(epochs.len());
    let mut newest = Vec::new();
    // Oldest first, so that the last one's members stay.
    for epoch in epochs.into_iter().rev() {
        newest = directory::colleagues(tx, id, epoch.epoch).await?;
        described.push(wire::Epoch {
            epoch: epoch.epoch,
            statement: b64(&epoch.statement),
            members: newest.iter().map(|(_, bytes, _)| b64(bytes)).collect(),
            public_key: b64(&epoch.public_key),
            wrap: epoch.wrap.map(|wrap| b64(&wrap)),
            back: epoch.back.map(|back| b64(&back)),
        });
    }
    described.reverse();
    let statement = |of| newest.iter().find(|(id, ..)| *id == of);
    let colleagues = members::colleagues(tx, &app.keyring, id).await?;
    let colleague = |colleague: Member| wire::Colleague {
        id: colleague.id.to_string(),
        name: colleague.profile.name,
        role: colleague.role,
        kem: b64(&colleague.kem_key),
        statement: statement(colleague.id).map(|(_, bytes, _)| b64(bytes)),
    };
    Ok(wire::Organisation {
        id: id.to_string(),
        code: this.code.clone(),
        name: this.name.clone(),
        level: this.kind.level(),
        colleagues: colleagues.into_iter().map(colleague).collect(),
        chain: chain.iter().map(|bytes| b64(bytes)).collect(),
        epochs: described,
    })
}

async fn above(app: &App, tx: &mut Tx, member: &Member) -> Result<Vec<wire::Above>, Failure> {
    let path = directory::path(tx, member.organisation)
        .await
        .map_err(directory_failure)?;
    let mut above = Vec::new();
    for (organisation, usage) in path.into_iter().rev().skip(1).zip(1..) {
        let today = app.clock.now().day();
        let key = directory::current_key(tx, organisation.id, today).await;
        if let Some((key, statement)) = key.map_err(directory_failure)? {
            above.push(wire::Above {
                r#use: usage,
                name: organisation.name,
                public_key: b64(&key),
                statement: b64(&statement),
            });
        }
    }
    Ok(above)
}
