//! A left-out member's world equals one without the case.

use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use shudong_envelope::exchange::Operation;
use shudong_envelope::record::{Kind, Side};

use crate::city::{City, Told, bytes, on_each_engine};
use crate::member::{Member, base64, hex};

/// An answer, down to its headers.
type Answer = (String, u16, HeaderMap<HeaderValue>, Vec<u8>);

/// Every answer a desk can ask for about its world, and changes to a case it may know of by name.
async fn world(city: &City, member: &Member, case: &str) -> Vec<Answer> {
    let absent = "00000000000000000000000000000000";
    let mut asked: Vec<(&str, String, Option<Value>)> = vec![
        ("GET", "/session".to_owned(), None),
        ("GET", "/cases".to_owned(), None),
        ("GET", "/openapi.json".to_owned(), None),
    ];
    let record = base64(&[0; 4224]);
    for id in [case, absent] {
        asked.push(("GET", format!("/cases/{id}"), None));
        for (method, what, body) in [
            (
                "PUT",
                "cache",
                json!({ "dossier": false, "sealed": base64(&[0; 72]) }),
            ),
            ("POST", "records", json!({ "records": [record] })),
            ("PUT", "stage", json!({ "stage": 2, "record": record })),
        ] {
            asked.push((method, format!("/cases/{id}/{what}"), Some(body)));
        }
    }
    let mut answers = Vec::new();
    for (method, path, body) in asked {
        let answer = city
            .desk_answer(Some(&member.session), method, &path, body.as_ref())
            .await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        answers.push((
            format!("{method} {path}"),
            status,
            headers,
            bytes(answer).await,
        ));
    }
    answers
}

/// Delivered at once, so that the clock and the sessions stand; then everything a case can hold.
async fn lively(city: &mut City, told: &Told, teacher: &Member) {
    let operation = Operation::Submit(Box::new(told.submit.clone()));
    city.ask(operation, true).await;
    let rng = &mut city.own_rng();
    let reply = teacher.reply(told, None, rng);
    assert_eq!(teacher.write(city, told, &[&reply]).await, 201);
    let dossier = teacher.dossier(city, told, rng).await;
    assert_eq!(teacher.begin(city, told, &dossier).await, 201);
    let step = (Side::Dossier, Kind::Step);
    let step = teacher.record(told, step, Some(&dossier.first), &dossier.key, rng);
    assert_eq!(teacher.set_stage(city, told, 2, &step).await, 201);
    let letter = told.letter("more", &told.submit.tip, rng);
    city.post(told, vec![letter]).await;
}

#[tokio::test]
async fn a_left_out_members_world_equals_one_without_the_case() {
    on_each_engine(async |mut city: City| {
        let told = city.tip("one", Some(1)).await;
        let case = hex(&told.case);
        let chair = city.at_desk(&city.school.people[0]).await;
        let teacher = city.at_desk(&city.school.people[1]).await;
        let without = world(&city, &chair, &case).await;
        let same = world(&city, &teacher, &case).await;
        lively(&mut city, &told, &teacher).await;
        assert_eq!(world(&city, &chair, &case).await, without);
        let seen = world(&city, &teacher, &case).await;
        let differs = |path: &str| {
            let of = |world: &[Answer]| world.iter().find(|one| one.0 == path).unwrap().clone();
            of(&seen) != of(&same)
        };
        assert!(differs("GET /cases"), "the control");
        assert!(differs(&format!("GET /cases/{case}")));
        assert!(differs(&format!("PUT /cases/{case}/cache")));
        assert!(!differs("GET /session"));
        let signed_in_anew = city.at_desk(&city.school.people[0]).await;
        let mut anew = signed_in_anew.described;
        assert_ne!(anew["csrf"], chair.described["csrf"]);
        anew["csrf"] = chair.described["csrf"].clone();
        assert_eq!(anew, chair.described);
    })
    .await;
}
