//! Every route of the service for every kind of caller, in two tables.

use serde_json::{Value, json};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use shudong_envelope::exchange::{EXCHANGE, Operation};
use tower::ServiceExt;

use crate::city::{City, Person, SignedIn, bytes, on_each_engine};
use crate::collector;
use crate::evidence;
use crate::member::hex;

/// Method, path, body; then what the signed-out, the other school's, the left-out, the right member
/// and the bureau's get.
type Row = (&'static str, &'static str, fn() -> Option<Value>, [u16; 5]);

const NONE: fn() -> Option<Value> = || None;

/// Bodies of the right form whose content no case accepts, so that 400 means "let in".
const TABLE: [Row; 11] = [
    (
        "POST",
        "/salt",
        || Some(json!({ "account": "x" })),
        [200, 200, 200, 200, 200],
    ),
    (
        "POST",
        "/session",
        || Some(json!({ "account": "x", "auth": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" })),
        [401, 401, 401, 401, 401],
    ),
    ("GET", "/session", NONE, [401, 200, 200, 200, 200]),
    ("GET", "/cases", NONE, [401, 200, 200, 200, 200]),
    ("GET", "/cases/{id}", NONE, [401, 404, 404, 200, 404]),
    (
        "GET",
        "/cases/{id}/files/{file}/chunks/{index}",
        NONE,
        [401, 404, 404, 200, 404],
    ),
    (
        "PUT",
        "/cases/{id}/cache",
        || Some(json!({ "dossier": false, "sealed": base64(72) })),
        [401, 404, 404, 204, 404],
    ),
    (
        "POST",
        "/cases/{id}/records",
        || Some(json!({ "records": [base64(4224)] })),
        [401, 404, 404, 400, 404],
    ),
    (
        "PUT",
        "/cases/{id}/dossier",
        || Some(json!({ "commit": base64(32), "wraps": [], "record": base64(4224) })),
        [401, 404, 404, 400, 404],
    ),
    (
        "PUT",
        "/cases/{id}/stage",
        || Some(json!({ "stage": 2, "record": base64(4224) })),
        [401, 404, 404, 400, 404],
    ),
    ("DELETE", "/session", NONE, [401, 204, 204, 204, 204]),
];

/// Who an address is for, and what of its answer may differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// Visitors: byte for byte the same, whoever asks.
    Visitors,
    /// Visitors: of one length; what is inside is random.
    VisitorsSealed,
    /// Members.
    Members,
    /// Operators, at the pages' listener.
    Operators,
    /// Operators, at a listener of its own.
    Metrics,
}

/// Everything that is not described as the desk's API. The same five callers.
const SERVICE: [(&str, &str, For, [u16; 5]); 29] = [
    ("GET", "/", For::Visitors, [200; 5]),
    ("GET", "/en", For::Visitors, [200; 5]),
    ("GET", "/return", For::Visitors, [200; 5]),
    ("GET", "/en/return", For::Visitors, [200; 5]),
    ("POST", "/return", For::Visitors, [200; 5]),
    ("POST", "/en/return", For::Visitors, [200; 5]),
    ("GET", "/s/{code}/plain", For::VisitorsSealed, [200; 5]),
    ("GET", "/en/s/{code}/plain", For::VisitorsSealed, [200; 5]),
    ("POST", "/s/{code}/plain", For::VisitorsSealed, [200; 5]),
    ("POST", "/en/s/{code}/plain", For::VisitorsSealed, [200; 5]),
    ("GET", "/help", For::Visitors, [200; 5]),
    ("GET", "/en/help", For::Visitors, [200; 5]),
    ("GET", "/privacy", For::Visitors, [200; 5]),
    ("GET", "/en/privacy", For::Visitors, [200; 5]),
    ("POST", "/find", For::Visitors, [200; 5]),
    ("POST", "/en/find", For::Visitors, [200; 5]),
    ("GET", "/s/{code}", For::Visitors, [200; 5]),
    ("GET", "/en/s/{code}", For::Visitors, [200; 5]),
    ("GET", "/s/{code}/tell", For::Visitors, [200; 5]),
    ("GET", "/en/s/{code}/tell", For::Visitors, [200; 5]),
    ("GET", "/s/{code}/keys", For::VisitorsSealed, [200; 5]),
    ("POST", "/x", For::VisitorsSealed, [200; 5]),
    ("GET", "/assets/{file}", For::Visitors, [200; 5]),
    ("GET", "/desk", For::Members, [200; 5]),
    ("GET", "/desk/cases/{id}", For::Members, [200; 5]),
    ("GET", "/desk/api/v1/openapi.json", For::Members, [200; 5]),
    ("GET", "/healthz", For::Operators, [200; 5]),
    ("GET", "/readyz", For::Operators, [200; 5]),
    ("GET", "/metrics", For::Metrics, [200; 5]),
];

/// Addresses that name nothing: what a visitor gets there is the same for everybody too.
const NOTHING: [(&str, &str, u16); 7] = [
    ("GET", "/s/00000000", 404),
    ("GET", "/en/s/00000000/tell", 404),
    ("GET", "/s/00000000/keys", 404),
    ("GET", "/assets/none.js", 404),
    ("GET", "/nowhere", 404),
    ("GET", "/x", 405),
    ("POST", "/s/00000000", 405),
];

fn callers(city: &City) -> [Option<&Person>; 5] {
    [
        None,
        Some(&city.other.people[0]),
        Some(&city.school.people[0]),
        Some(&city.school.people[1]),
        Some(&city.county.people[0]),
    ]
}

/// What every answer carries, also a refusal.
fn has_fixed_headers(response: &Response<Body>, what: &str) {
    let value = |name: header::HeaderName| {
        let all: Vec<_> = response.headers().get_all(name).iter().collect();
        assert_eq!(all.len(), 1, "{what}");
        all[0].to_str().unwrap().to_owned()
    };
    assert_eq!(value(header::CACHE_CONTROL), "no-store", "{what}");
    assert_eq!(value(header::REFERRER_POLICY), "no-referrer", "{what}");
    assert_eq!(value(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{what}");
    assert_eq!(value(header::X_FRAME_OPTIONS), "DENY", "{what}");
    let policy = value(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none';"), "{what}");
    assert!(policy.contains("; frame-src 'none';"), "{what}");
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{what}"
    );
}

async fn answer(
    router: &Router,
    by: Option<&SignedIn>,
    (method, path): (&str, &str),
) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(by) = by {
        request = request
            .header(header::COOKIE, &by.cookie)
            .header("x-csrf", &by.csrf);
    }
    let (media, body) = match path {
        "/x" => ("application/octet-stream", vec![1; EXCHANGE]),
        _ => ("application/x-www-form-urlencoded", b"q=school".to_vec()),
    };
    let request = request.header(header::CONTENT_TYPE, media);
    router
        .clone()
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap()
}

/// Some file of the bundle, as a page names it.
async fn some_asset(city: &City) -> String {
    let page = bytes(answer(&city.router, None, ("GET", "/")).await).await;
    let page = String::from_utf8(page).unwrap();
    let (_, rest) = page.split_once("/assets/").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_address_answers_every_caller_as_the_table_says() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        city.submit(&told.submit).await;
        city.tick().await;
        let id: String = told.case.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = some_asset(&city).await;
        let metrics = shudong::server::metrics(city.app.clone());
        let mut sessions = Vec::new();
        for caller in callers(&city) {
            sessions.push(match caller {
                Some(person) => Some(city.sign_in(person).await),
                None => None,
            });
        }
        for (method, template, whose, expected) in SERVICE {
            let code = &city.school.organisation.code;
            let path = template.replace("{code}", code).replace("{id}", &id);
            let path = path.replace("{file}", &file);
            let router = if whose == For::Metrics {
                &metrics
            } else {
                &city.router
            };
            let mut bodies = Vec::new();
            for (session, expected) in sessions.iter().zip(expected) {
                let what = format!("{method} {template}");
                let answer = answer(router, session.as_ref(), (method, &path)).await;
                assert_eq!(answer.status(), expected, "{what}");
                assert!(!answer.headers().contains_key(header::SET_COOKIE), "{what}");
                if whose != For::Metrics {
                    has_fixed_headers(&answer, &what);
                }
                bodies.push((answer.headers().clone(), bytes(answer).await));
            }
            let signed_out = bodies[0].clone();
            for (headers, body) in bodies {
                match whose {
                    For::Visitors | For::Operators | For::Metrics => {
                        assert_eq!((headers, body), signed_out, "{template}");
                    }
                    For::VisitorsSealed => {
                        let lengths = (headers, body.len());
                        assert_eq!(lengths, (signed_out.0.clone(), signed_out.1.len()));
                    }
                    For::Members => {}
                }
            }
        }
        for (method, path, status) in NOTHING {
            let signed_out = answer(&city.router, None, (method, path)).await;
            has_fixed_headers(&signed_out, path);
            let head = (signed_out.status(), signed_out.headers().clone());
            assert_eq!(head.0, status, "{method} {path}");
            let body = bytes(signed_out).await;
            let member = answer(&city.router, sessions[3].as_ref(), (method, path)).await;
            assert_eq!((member.status(), member.headers().clone()), head);
            assert_eq!(bytes(member).await, body);
        }
    })
    .await;
}

/// The comparison above can fail: the desk's own answers differ with the cookie, and one sets it.
#[tokio::test]
async fn a_cookie_makes_a_difference_at_the_desk_alone() {
    on_each_engine(async |city: City| {
        let teacher = city.sign_in(&city.school.people[1]).await;
        let path = ("GET", "/desk/api/v1/session");
        let without = bytes(answer(&city.router, None, path).await).await;
        let with = bytes(answer(&city.router, Some(&teacher), path).await).await;
        assert_ne!(without, with);
        let out = ("DELETE", "/desk/api/v1/session");
        let out = answer(&city.router, Some(&teacher), out).await;
        let cookie = out.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("Path=/desk;") && cookie.contains("HttpOnly"));
    })
    .await;
}

fn base64(length: usize) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(vec![0; length])
}

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        city.submit(&told.submit).await;
        let chunk = evidence::piece(&mut city, &told, 0, 1);
        let file = hex(&chunk.file);
        city.ask(Operation::Chunk(Box::new(chunk)), false).await;
        city.tick().await;
        let id: String = told.case.iter().map(|byte| format!("{byte:02x}")).collect();
        for (method, path, body, expected) in TABLE {
            let path = path.replace("{id}", &id);
            let path = path.replace("{file}", &file).replace("{index}", "0");
            for (caller, expected) in callers(&city).into_iter().zip(expected) {
                let session = match caller {
                    Some(person) => Some(city.sign_in(person).await),
                    None => None,
                };
                let body = body();
                let answer = city
                    .desk_answer(session.as_ref(), method, &path, body.as_ref())
                    .await;
                let who = caller.map_or("signed out", |person| &person.account);
                let what = format!("{method} {path} for {who}");
                assert_eq!(answer.status(), expected, "{what}");
                has_fixed_headers(&answer, &what);
            }
        }
    })
    .await;
}

#[test]
fn every_route_in_the_sources_has_a_row() {
    let rows = SERVICE.iter();
    let rows = rows.map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()));
    assert_eq!(collector::routes(), rows.collect());
}

#[test]
fn every_described_route_has_a_row() {
    let described: Value =
        serde_json::from_str(&shudong::server::api::openapi_json().unwrap()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.replace("/desk/api/v1", "")));
        }
    }
    let mut rows: Vec<_> = TABLE
        .iter()
        .map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    routes.sort();
    rows.sort();
    assert_eq!(routes, rows);
}

/// The desk's types are generated from this file: `shudong schema > web/src/desk/openapi.json`, then
/// `npm run types` in `web`.
#[test]
fn the_description_that_types_are_made_from_is_current() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/desk/openapi.json");
    let kept = std::fs::read_to_string(file).unwrap();
    assert_eq!(
        kept.trim(),
        shudong::server::api::openapi_json().unwrap().trim()
    );
}

#[tokio::test]
async fn a_left_out_member_and_a_stranger_get_the_same_bytes() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        city.submit(&told.submit).await;
        city.tick().await;
        let id: String = told.case.iter().map(|byte| format!("{byte:02x}")).collect();
        let chair = city.sign_in(&city.school.people[0]).await;
        let (_, hidden) = city
            .desk(Some(&chair), "GET", &format!("/cases/{id}"), None)
            .await;
        let absent = "/cases/00000000000000000000000000000000";
        let (_, absent) = city.desk(Some(&chair), "GET", absent, None).await;
        assert_eq!(hidden, absent);
        let (_, inbox) = city.desk(Some(&chair), "GET", "/cases", None).await;
        assert_eq!(inbox["cases"], json!([]));
        let teacher = city.sign_in(&city.school.people[1]).await;
        let (_, seen) = city
            .desk(Some(&teacher), "GET", &format!("/cases/{id}"), None)
            .await;
        assert_ne!(
            seen, absent,
            "the same comparison tells two answers that differ"
        );
    })
    .await;
}

#[tokio::test]
async fn a_change_needs_its_session_its_csrf_value_and_our_origin() {
    on_each_engine(async |city: City| {
        let mut session = city.sign_in(&city.school.people[1]).await;
        let own = std::mem::replace(&mut session.csrf, base64(32));
        assert_eq!(
            city.desk(Some(&session), "DELETE", "/session", None)
                .await
                .0,
            403
        );
        assert_eq!(
            city.desk(Some(&session), "GET", "/session", None).await.0,
            401,
            "a tab must not be handed what a later sign-in in another tab opens"
        );
        session.csrf = own;
        assert_eq!(
            city.desk(Some(&session), "GET", "/session", None).await.0,
            200
        );
        city.app.clock.advance(1801);
        assert_eq!(
            city.desk(Some(&session), "GET", "/session", None).await.0,
            401
        );
    })
    .await;
}

#[tokio::test]
async fn a_look_is_in_the_chain_once_a_day() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", None).await;
        city.submit(&told.submit).await;
        city.tick().await;
        let id: String = told.case.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = format!("/cases/{id}");
        let teacher = city.sign_in(&city.school.people[1]).await;
        let (_, first) = city.desk(Some(&teacher), "GET", &path, None).await;
        assert_eq!(
            first["seen_by"].as_array().unwrap().len(),
            1,
            "a look is seen by itself"
        );
        assert_eq!(first["summary"]["stage"], 1);
        let (_, again) = city.desk(Some(&teacher), "GET", &path, None).await;
        assert_eq!(again["seen_by"], first["seen_by"]);
        let colleague = city.sign_in(&city.school.people[2]).await;
        let (_, second) = city.desk(Some(&colleague), "GET", &path, None).await;
        assert_eq!(second["seen_by"].as_array().unwrap().len(), 2);
    })
    .await;
}
