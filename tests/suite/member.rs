//! A member at their desk, who signs and seals as their browser does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::CryptoRng;
use serde_json::{Value, json};
use shudong_envelope::case::CaseKey;
use shudong_envelope::kem::PublicKey;
use shudong_envelope::member::MemberRoot;
use shudong_envelope::record::{self, Chain, Head, Kind, Preface, Seen, Side};
use shudong_envelope::wrap::{Context, Purpose, wrap};

use crate::city::{City, Person, SignedIn, Told};

/// Signed in, with what their browser knows of the organisation.
pub(crate) struct Member {
    pub(crate) session: SignedIn,
    pub(crate) described: Value,
    root: MemberRoot,
}

/// A dossier that a member made: its key, its first record, and the request's body.
pub(crate) struct Dossier {
    pub(crate) key: CaseKey,
    pub(crate) first: Vec<u8>,
    pub(crate) body: Value,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap()).unwrap()
}

impl City {
    pub(crate) async fn at_desk(&self, person: &Person) -> Member {
        let session = self.sign_in(person).await;
        let (_, described) = self.desk(Some(&session), "GET", "/session", None).await;
        Member {
            session,
            described,
            root: person.root.clone(),
        }
    }
}

impl Member {
    /// The record that follows `previous` on a side.
    pub(crate) fn record(
        &self,
        told: &Told,
        (side, kind): (Side, Kind),
        previous: Option<&[u8]>,
        key: &CaseKey,
        rng: &mut impl CryptoRng,
    ) -> Vec<u8> {
        let chain = previous.map_or(Chain::of(told.case), |one| Chain::after(one).unwrap());
        let head = Head {
            kind,
            side,
            seq: chain.next(),
            prev: chain.prev(),
            ..Head::of(&told.submit.tip).unwrap()
        };
        self.sealed(&head, &json!({ "v": 1, "text": "words" }), key, rng)
    }

    /// A record under any head, also one that no browser would make.
    pub(crate) fn sealed(
        &self,
        head: &Head,
        text: &Value,
        key: &CaseKey,
        rng: &mut impl CryptoRng,
    ) -> Vec<u8> {
        let preface = Preface::Member {
            statement: from_base64(&self.described["member"]["statement"]),
            seen: Seen::NOTHING,
        };
        let text = text.to_string();
        let author = self.root.signing();
        record::seal(head, &preface, text.as_bytes(), &author, key, rng).unwrap()
    }

    pub(crate) fn reply(
        &self,
        told: &Told,
        previous: Option<&[u8]>,
        rng: &mut impl CryptoRng,
    ) -> Vec<u8> {
        self.record(
            told,
            (Side::Committee, Kind::Message),
            previous,
            &told.key,
            rng,
        )
    }

    /// Makes a dossier for the holders that the case's summary names and the levels above.
    pub(crate) async fn dossier(
        &self,
        city: &City,
        told: &Told,
        rng: &mut impl CryptoRng,
    ) -> Dossier {
        let key = CaseKey::random(rng);
        let context = Context {
            purpose: Purpose::Dossier,
            commit: key.commit(),
            ..told.context
        };
        let mut wraps = Vec::new();
        for (usage, to) in self.recipients(city, told).await {
            let context = Context { usage, ..context };
            wraps.push(base64(&wrap(key.bytes(), &to, &context, rng).unwrap()));
        }
        let head = Head {
            kind: Kind::Key,
            side: Side::Dossier,
            ..Head::of(&told.submit.tip).unwrap()
        };
        let text = json!({ "v": 1, "commit": hex(&key.commit()) });
        let first = self.sealed(&head, &text, &key, rng);
        let body = json!({
            "commit": base64(&key.commit()), "wraps": wraps, "record": base64(&first)
        });
        Dossier { key, first, body }
    }

    async fn recipients(&self, city: &City, told: &Told) -> Vec<(u8, PublicKey)> {
        let path = format!("/cases/{}", hex(&told.case));
        let (_, case) = city.desk(Some(&self.session), "GET", &path, None).await;
        let public = |text: &Value| PublicKey::from_bytes(&from_base64(text)).unwrap();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let organisation = &self.described["organisation"];
        let people = list(&organisation["colleagues"])
            .into_iter()
            .map(|one| public(&one["kem"]));
        let epochs = list(&organisation["epochs"])
            .into_iter()
            .map(|one| public(&one["public_key"]));
        let known: Vec<PublicKey> = people.chain(epochs).collect();
        let holders = list(&case["summary"]["holders"]).into_iter().map(|id| {
            let found = known.iter().find(|key| hex(&key.id()) == id);
            (0, found.unwrap().clone())
        });
        let above = list(&self.described["above"]).into_iter();
        let above = above.map(|one| {
            let usage = one["use"].as_u64().unwrap();
            (u8::try_from(usage).unwrap(), public(&one["public_key"]))
        });
        holders.chain(above).collect()
    }

    /// What the API answers to a change in the case.
    pub(crate) async fn change(
        &self,
        city: &City,
        told: &Told,
        (method, what): (&str, &str),
        body: &Value,
    ) -> u16 {
        let path = format!("/cases/{}/{what}", hex(&told.case));
        city.desk(Some(&self.session), method, &path, Some(body))
            .await
            .0
    }

    pub(crate) async fn write(&self, city: &City, told: &Told, records: &[&[u8]]) -> u16 {
        let records: Vec<String> = records.iter().map(|one| base64(one)).collect();
        let body = json!({ "records": records });
        self.change(city, told, ("POST", "records"), &body).await
    }

    pub(crate) async fn set_stage(&self, city: &City, told: &Told, to: u8, step: &[u8]) -> u16 {
        let body = json!({ "stage": to, "record": base64(step) });
        self.change(city, told, ("PUT", "stage"), &body).await
    }

    pub(crate) async fn begin(&self, city: &City, told: &Told, dossier: &Dossier) -> u16 {
        self.change(city, told, ("PUT", "dossier"), &dossier.body)
            .await
    }

    /// The case as it is delivered to this member.
    pub(crate) async fn open(&self, city: &City, told: &Told) -> Value {
        let path = format!("/cases/{}", hex(&told.case));
        city.desk(Some(&self.session), "GET", &path, None).await.1
    }
}
