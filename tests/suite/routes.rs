//! Every route of the desk's API for every kind of caller, in one table.

use serde_json::{Value, json};

use crate::city::{City, on_each_engine};

/// Method, path, body; then what the signed-out, the other school's, the left-out, the right member
/// and the bureau's get.
type Row = (&'static str, &'static str, fn() -> Option<Value>, [u16; 5]);

const NONE: fn() -> Option<Value> = || None;

/// Bodies of the right form whose content no case accepts, so that 400 means "let in".
const TABLE: [Row; 10] = [
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

fn base64(length: usize) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(vec![0; length])
}

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        city.submit(&told.submit).await;
        city.tick().await;
        let id: String = told.case.iter().map(|byte| format!("{byte:02x}")).collect();
        for (method, path, body, expected) in TABLE {
            let path = path.replace("{id}", &id);
            let callers = [
                None,
                Some(&city.other.people[0]),
                Some(&city.school.people[0]),
                Some(&city.school.people[1]),
                Some(&city.county.people[0]),
            ];
            for (caller, expected) in callers.into_iter().zip(expected) {
                let session = match caller {
                    Some(person) => Some(city.sign_in(person).await),
                    None => None,
                };
                let (status, _) = city
                    .desk(session.as_ref(), method, &path, body().as_ref())
                    .await;
                let who = caller.map_or("signed out", |person| &person.account);
                assert_eq!(status, expected, "{method} {path} for {who}");
            }
        }
    })
    .await;
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
