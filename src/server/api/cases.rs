//! The inbox and the work in a case.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::guard::SignedIn;
use super::wire::{self, b64};
use crate::app::App;
use crate::cases::{self, CaseAccess, NewDossier, Written};
use crate::ids::{CaseId, RowId};
use crate::members;
use crate::server::exchange::limits;
use crate::server::failure::Failure;
use crate::storage::Tx;

/// Most records in one request.
const MOST_RECORDS: usize = 16;

/// The cases this member may open.
#[utoipa::path(get, path = "/cases", tag = "desk", responses((status = 200, body = wire::Inbox)))]
pub(super) async fn inbox(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Json<wire::Inbox>, Failure> {
    let mut tx = app.store.begin().await?;
    let (_, viewer) = signed_in.viewer(&app, &mut tx).await?;
    let today = app.clock.now().day();
    let inbox = cases::inbox(&mut tx, &app.keyring, &mut app.rng(), &viewer, today).await?;
    let mut summaries = Vec::with_capacity(inbox.len());
    for access in &inbox {
        summaries.push(summary(&app, &mut tx, access).await?);
    }
    tx.commit().await?;
    Ok(Json(wire::Inbox {
        today: today.0,
        cases: summaries,
    }))
}

async fn summary(
    app: &App,
    tx: &mut Tx,
    access: &CaseAccess<'_>,
) -> Result<wire::CaseSummary, Failure> {
    let seen = access.seen().day();
    let due = limits(app).due(access.stage(), seen, access.opened());
    let heads = access.heads(tx).await?;
    let hex = |id: &[u8; 16]| id.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(wire::CaseSummary {
        id: access.id().to_string(),
        stage: access.stage(),
        urgent: access.urgent(),
        seen_day: seen.0,
        due: due.map(|(duty, day)| wire::Due {
            duty: duty.word().to_owned(),
            day: day.0,
        }),
        commit: b64(access.commit()),
        wrap: b64(&access.holding.wrap),
        holders: access.holding.holders.iter().map(hex).collect(),
        cache: access.kept_key(tx, false).await?.map(|key| b64(&key)),
        tip: b64(access.tip()),
        answer: access.newest_answer(tx).await?.map(|bytes| b64(&bytes)),
        said: access
            .newest_said(tx)
            .await?
            .iter()
            .map(|bytes| b64(bytes))
            .collect(),
        heads: heads
            .into_iter()
            .map(|(side, seq)| wire::Head { side, seq })
            .collect(),
    })
}

/// Opens a case for this request; what is absent and what is not theirs are one answer.
async fn access<'a>(
    app: &'a App,
    tx: &mut Tx,
    signed_in: &SignedIn,
    id: &str,
) -> Result<CaseAccess<'a>, Failure> {
    let case = CaseId::parse(id).ok_or(Failure::NotFound)?;
    let (_, viewer) = signed_in.viewer(app, tx).await?;
    let today = app.clock.now().day();
    let found = CaseAccess::open(tx, &app.keyring, &mut app.rng(), &viewer, case, today).await?;
    found.ok_or(Failure::NotFound)
}

/// Opens a case. The look stands in its audit chain before the answer leaves.
#[utoipa::path(get, path = "/cases/{id}", tag = "desk", params(("id" = String, Path)),
    responses((status = 200, body = wire::Case), (status = 404, body = wire::Problem)))]
pub(super) async fn open(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<wire::Case>, Failure> {
    let mut tx = app.store.begin().await?;
    let access = access(&app, &mut tx, &signed_in, &id).await?;
    let dossier = match access.dossier_wrap()? {
        Some((commit, wrap)) => {
            let cache = access.kept_key(&mut tx, true).await?.map(|key| b64(&key));
            Some(wire::Dossier {
                commit: b64(&commit),
                wrap: b64(&wrap),
                cache,
            })
        }
        None => None,
    };
    let records = access
        .records(&mut tx)
        .await?
        .into_iter()
        .map(|record| wire::Record {
            side: record.side,
            seq: record.seq,
            day: record.day.0,
            bytes: b64(&record.bytes),
        });
    let case = wire::Case {
        records: records.collect(),
        summary: summary(&app, &mut tx, &access).await?,
        dossier,
        seen_by: seen_by(&app, &mut tx, &access).await?,
    };
    tx.commit().await?;
    Ok(Json(case))
}

async fn seen_by(
    app: &App,
    tx: &mut Tx,
    access: &CaseAccess<'_>,
) -> Result<Vec<wire::Look>, Failure> {
    let colleagues = members::colleagues(tx, &app.keyring, access.viewer.organisation).await?;
    let name = |id| {
        let found = colleagues.iter().find(|colleague| colleague.id == id);
        found
            .map(|colleague| colleague.profile.name.clone())
            .unwrap_or_default()
    };
    let looks = access.looks(tx).await?;
    Ok(looks
        .into_iter()
        .map(|entry| wire::Look {
            day: entry.day.0,
            member: entry.member.to_string(),
            name: name(entry.member),
            act: entry.act.word().to_owned(),
        })
        .collect())
}

/// One sealed piece of a file. That evidence was opened stands in the case's audit chain before the
/// answer leaves; a piece that has not arrived yet is not found.
#[utoipa::path(get, path = "/cases/{id}/files/{file}/chunks/{index}", tag = "desk",
    params(("id" = String, Path), ("file" = String, Path), ("index" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = wire::Problem)))]
pub(super) async fn chunk(
    State(app): State<App>,
    signed_in: SignedIn,
    Path((id, file, index)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Failure> {
    let file = RowId::parse(&file).ok_or(Failure::NotFound)?;
    let index = index.parse().map_err(|_| Failure::NotFound)?;
    let mut tx = app.store.begin().await?;
    let access = access(&app, &mut tx, &signed_in, &id).await?;
    let today = app.clock.now().day();
    let chunk = access
        .chunk(&mut tx, &mut app.rng(), &file.bytes(), index, today)
        .await?
        .ok_or(Failure::NotFound)?;
    tx.commit().await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], chunk))
}

/// Keeps a key resealed under the member's own, so that the inbox opens fast next time.
#[utoipa::path(put, path = "/cases/{id}/cache", tag = "desk", params(("id" = String, Path)),
    request_body = wire::KeptKey, responses((status = 204)))]
pub(super) async fn keep_key(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(kept): Json<wire::KeptKey>,
) -> Result<StatusCode, Failure> {
    let sealed = wire::bytes(&kept.sealed)?;
    // A sealed 32-byte key.
    if sealed.len() != 72 {
        return Err(Failure::Malformed);
    }
    let mut tx = app.store.begin().await?;
    let case = CaseId::parse(&id).ok_or(Failure::NotFound)?;
    let (_, viewer) = signed_in.viewer(&app, &mut tx).await?;
    let today = app.clock.now().day();
    // An inbox caches what it lists; that is no opening.
    let inbox = cases::inbox(&mut tx, &app.keyring, &mut app.rng(), &viewer, today).await?;
    let access = inbox
        .into_iter()
        .find(|access| access.id() == case)
        .ok_or(Failure::NotFound)?;
    access.keep_key(&mut tx, kept.dossier, &sealed).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes to the reporter (side 1) or into the dossier (side 2).
#[utoipa::path(post, path = "/cases/{id}/records", tag = "desk", params(("id" = String, Path)),
    request_body = wire::Records,
    responses((status = 201), (status = 409, body = wire::Problem)))]
pub(super) async fn write(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(offered): Json<wire::Records>,
) -> Result<StatusCode, Failure> {
    if offered.records.is_empty() || offered.records.len() > MOST_RECORDS {
        return Err(Failure::Malformed);
    }
    let records: Result<Vec<_>, _> = offered
        .records
        .iter()
        .map(|text| wire::bytes(text))
        .collect();
    let mut tx = app.store.begin().await?;
    let access = access(&app, &mut tx, &signed_in, &id).await?;
    let today = app.clock.now().day();
    let written = access
        .write(&mut tx, &mut app.rng(), &records?, today)
        .await?;
    finish(tx, written).await
}

/// Begins the dossier; who comes second gets a conflict and adopts what is there.
#[utoipa::path(put, path = "/cases/{id}/dossier", tag = "desk", params(("id" = String, Path)),
    request_body = wire::NewDossier,
    responses((status = 201), (status = 409, body = wire::Problem)))]
pub(super) async fn begin_dossier(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(offered): Json<wire::NewDossier>,
) -> Result<StatusCode, Failure> {
    let wraps: Result<Vec<_>, _> = offered.wraps.iter().map(|text| wire::bytes(text)).collect();
    let commit = wire::bytes(&offered.commit)?
        .try_into()
        .map_err(|_| Failure::Malformed)?;
    let made = NewDossier {
        commit,
        wraps: wraps?,
        record: wire::bytes(&offered.record)?,
    };
    let mut tx = app.store.begin().await?;
    let mut access = access(&app, &mut tx, &signed_in, &id).await?;
    let today = app.clock.now().day();
    let rng = &mut app.rng();
    let written = access.begin_dossier(&mut tx, rng, &made, today).await?;
    finish(tx, written).await
}

/// Sets the stage, 1 to 5, with the signed step that says so.
#[utoipa::path(put, path = "/cases/{id}/stage", tag = "desk", params(("id" = String, Path)),
    request_body = wire::NewStage,
    responses((status = 201), (status = 409, body = wire::Problem)))]
pub(super) async fn set_stage(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(new): Json<wire::NewStage>,
) -> Result<StatusCode, Failure> {
    let record = wire::bytes(&new.record)?;
    let mut tx = app.store.begin().await?;
    let mut access = access(&app, &mut tx, &signed_in, &id).await?;
    let today = app.clock.now().day();
    let written = access
        .set_stage(&mut tx, &mut app.rng(), new.stage, &record, today)
        .await?;
    finish(tx, written).await
}

/// Commits what was written; a conflict leaves nothing, and nothing was shown.
async fn finish(tx: Tx, written: Written) -> Result<StatusCode, Failure> {
    match written {
        Written::Stored | Written::Again => {
            tx.commit().await?;
            Ok(StatusCode::CREATED)
        }
        Written::Conflict => Err(Failure::Conflict),
    }
}
