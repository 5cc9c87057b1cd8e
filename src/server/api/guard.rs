//! Who may speak to the API: a session's cookie, and for changes its CSRF value and our own origin.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::wire;
use crate::app::App;
use crate::cases::Viewer;
use crate::directory;
use crate::members::{self, Member, Session, SessionRules};
use crate::server::failure::Failure;
use crate::server::keys::directory_failure;
use crate::storage::Tx;

/// `__Secure-` and not `__Host-`: that one would need `Path=/` and ride along to `/s/…`.
const COOKIE: &str = "__Secure-desk";

/// A request of a member whose session holds.
pub(super) struct SignedIn {
    pub(super) token: [u8; 32],
    pub(super) session: Session,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let token = token(&parts.headers).ok_or(Failure::Unauthenticated)?;
        let mut tx = app.store.begin().await?;
        let now = app.clock.now();
        let found = members::find(&mut tx, &app.keyring, &token, now, rules(app)).await?;
        tx.commit().await?;
        let session = found.ok_or(Failure::Unauthenticated)?;
        let shown = parts.headers.get("x-csrf").map(|value| {
            let shown = value.to_str().ok().and_then(|text| wire::bytes(text).ok());
            bool::from(shown.unwrap_or_default()[..].ct_eq(&session.csrf))
        });
        if parts.method != Method::GET {
            own_origin(&parts.headers)?;
            if shown != Some(true) {
                return Err(Failure::Forbidden);
            }
        } else if shown == Some(false) {
            // A tab whose session another tab's sign-in replaced: the cookie is no longer its own, and
            // it must not be handed what somebody else may open.
            return Err(Failure::Unauthenticated);
        }
        Ok(Self { token, session })
    }
}

impl SignedIn {
    /// The member, and what of the cases is theirs to open.
    pub(super) async fn viewer(&self, app: &App, tx: &mut Tx) -> Result<(Member, Viewer), Failure> {
        let member = members::member(tx, &app.keyring, self.session.member).await?;
        let member = member.ok_or(Failure::Unauthenticated)?;
        let own = shudong_envelope::kdf::hash16(&[&member.kem_key]);
        let epochs = directory::epochs(tx, member.organisation, &own).await;
        let epochs = epochs.map_err(directory_failure)?;
        let wrapped = epochs.into_iter().filter(|epoch| epoch.wrap.is_some());
        let keys = wrapped.map(|epoch| epoch.public_key);
        let viewer = Viewer::new(member.id, member.organisation, &member.kem_key, keys);
        Ok((member, viewer))
    }
}

/// The deployment's session rules.
pub(super) fn rules(app: &App) -> SessionRules {
    SessionRules {
        idle: i64::from(app.config.desk.idle_seconds),
    }
}

/// A browser that names an origin must name ours; the CSRF value decides for those that do not.
pub(super) fn own_origin(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let named = origin.split_once("://").map(|(_, rest)| rest);
    if named == Some(host) {
        Ok(())
    } else {
        Err(Failure::Forbidden)
    }
}

fn token(headers: &HeaderMap) -> Option<[u8; 32]> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let value = cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    URL_SAFE_NO_PAD.decode(value?).ok()?.try_into().ok()
}

/// `Set-Cookie` for a session that begins.
pub(super) fn cookie(token: &[u8; 32]) -> String {
    format!("{COOKIE}={}; {ATTRIBUTES}", URL_SAFE_NO_PAD.encode(token))
}

/// `Set-Cookie` for one that ends.
pub(super) fn no_cookie() -> String {
    format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}")
}

const ATTRIBUTES: &str = "Path=/desk; HttpOnly; Secure; SameSite=Strict";
