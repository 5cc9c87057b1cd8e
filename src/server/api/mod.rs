//! The desk's JSON API, version 1. The wire types live here; the rooms know no JSON.

mod cases;
mod guard;
mod session;
mod wire;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::failure::Failure;
use crate::app::App;
use crate::cases::CaseError;
use crate::members::MemberError;

/// Where the API lives; the description states whole paths.
const BASE: &str = "/desk/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(title = "Shudong desk", version = "1"),
    components(schemas(wire::Problem)),
    tags((name = "desk", description = "For members; every operation needs a session save sign-in and salt."))
)]
struct Description;

fn described() -> (Router<App>, utoipa::openapi::OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(routes!(session::salt))
        .routes(routes!(
            session::sign_in,
            session::session,
            session::sign_out
        ))
        .routes(routes!(cases::inbox))
        .routes(routes!(cases::open))
        .routes(routes!(cases::chunk))
        .routes(routes!(cases::keep_key))
        .routes(routes!(cases::write))
        .routes(routes!(cases::begin_dossier))
        .routes(routes!(cases::set_stage));
    OpenApiRouter::with_openapi(Description::openapi())
        .nest(BASE, routes)
        .split_for_parts()
}

/// Every address of the API.
pub(super) fn router() -> Router<App> {
    described()
        .0
        .route(&format!("{BASE}/openapi.json"), get(openapi))
}

/// The description tells nothing that the source does not; tools read it without a session.
async fn openapi() -> Result<Response, Failure> {
    let json = openapi_json().map_err(|_| Failure::Internal("no description"))?;
    Ok((
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        json,
    )
        .into_response())
}

/// The API's description in OpenAPI's form.
///
/// # Errors
/// None in practice.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    described().1.to_pretty_json()
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Storage(error) => error.into(),
            CaseError::Refused => Self::Malformed,
            CaseError::Damaged => Self::Internal("a case is damaged"),
        }
    }
}

impl From<MemberError> for Failure {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Storage(error) => error.into(),
            MemberError::Damaged => Self::Internal("a member is damaged"),
        }
    }
}
