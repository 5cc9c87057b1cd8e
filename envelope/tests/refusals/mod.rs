//! Refusals on disk: bytes that one language wrote and the other must refuse, each for its reason.

use rand::rngs::StdRng;
use serde_json::{Value, json};
use shudong_envelope::answer::parse_outcome;
use shudong_envelope::case::CaseKey;
use shudong_envelope::evidence::open_chunk;
use shudong_envelope::kdf::{hash, kdf};
use shudong_envelope::kem::{PublicKey, Seed};
use shudong_envelope::keys_document::{Items, KEYS, verify};
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::record::{self, Chain, HEAD, Head, Kind, Preface, Seen, Side};
use shudong_envelope::statement::{Epoch, Member, Statement};
use shudong_envelope::{Refused, Result, sealed, wrap};
use zeroize::Zeroizing;

use crate::town::{BUREAU, CITY, DAY, PEOPLE, SCHOOL, SERVICE, epoch, member, signer};
use crate::{array, bytes, chunk_of, chunk_place, context, hex};

/// What must be on disk, from either side.
pub(crate) fn required() -> Vec<String> {
    let small = (0..14).flat_map(|n| {
        [
            format!("small-order key {n}"),
            format!("small-order encapsulation {n}"),
        ]
    });
    let others = [
        "key that is not reduced",
        "wrong commit",
        "wrap under another commit",
        "wrap of another case",
        "wrap of another generation",
        "wrap for another use",
        "box of another case",
        "box with padding",
        "record of another case",
        "record after a gap",
        "record replayed",
        "record with another seq",
        "record of another generation",
        "record with padding",
        "record of version 2",
        "record of an unknown kind",
        "record by another author",
        "statement by another signer",
        "statement with a part of small order",
        "keys of version 2",
        "keys with padding",
        "keys under another pin",
        "keys with an epoch too long",
        "keys with an epoch of another organisation",
        "outcome unknown",
        "outcome with padding",
        "chunk of another case",
        "chunk of another file",
        "chunk at another index",
        "chunk of another count",
        "chunk of a count that is not rounded",
    ];
    small.chain(others.map(String::from)).collect()
}

/// Bytes as hex, or those of another vector with a few overwritten.
fn given(value: &Value, vectors: &Value) -> Vec<u8> {
    if value.is_string() {
        return bytes(value);
    }
    let of = value["of"].as_str().unwrap().split('.');
    let found = of.fold(vectors, |at, name| match name.parse::<usize>() {
        Ok(index) => &at[index],
        Err(_) => &at[name],
    });
    let mut whole = bytes(found);
    let (at, new) = (
        usize::try_from(value["at"].as_u64().unwrap()).unwrap(),
        bytes(&value["bytes"]),
    );
    whole[at..at + new.len()].copy_from_slice(&new);
    whole
}

fn word(refused: Refused) -> &'static str {
    match refused {
        Refused::Length => "length",
        Refused::Version => "version",
        Refused::Padding => "padding",
        Refused::Sealed => "sealed",
        Refused::Commitment => "commitment",
        Refused::WeakKey => "weak-key",
        Refused::Signature => "signature",
        Refused::Statement => "statement",
        Refused::Thread => "thread",
    }
}

/// What this side says of a refusal's input; "accepted" is a failure.
pub(crate) fn verdict(refusal: &Value, vectors: &Value) -> &'static str {
    let input = &refusal["input"];
    let b = |name: &str| given(&input[name], vectors);
    let fixed = |name: &str| -> [u8; 32] { b(name).try_into().unwrap() };
    let short = |name: &str| -> [u8; 16] { b(name).try_into().unwrap() };
    let secret = |name: &str| Zeroizing::new(fixed(name));
    let said: Result<()> = match refusal["form"].as_str().unwrap() {
        "key" => PublicKey::from_bytes(&b("key")).map(drop),
        "commit" => CaseKey::committed(secret("key"), &fixed("commit")).map(drop),
        "wrap" => wrap::open(
            &b("wrap"),
            &Seed::from_bytes(secret("seed")),
            &context(input),
        )
        .map(drop),
        "box" => Letterbox::open(
            &b("box"),
            &fixed("key"),
            &short("deployment"),
            &short("case"),
        )
        .map(drop),
        "record" => CaseKey::committed(secret("key"), &kdf(&fixed("key"), "commit"))
            .and_then(|key| record::open(&b("record"), &key)?.by(&fixed("author"))),
        "chain" => {
            Chain::after(&b("first")).and_then(|mut chain| chain.take(&b("second")).map(drop))
        }
        "statement" => Member::verify(&b("statement"), &fixed("signer")).map(drop),
        "keys" => {
            let mut document = b("document");
            document.resize(KEYS, 0);
            Items::parse(&document).and_then(|items| {
                let pin = short("pin");
                verify(&items, Some(&pin)).map(drop)
            })
        }
        "outcome" => parse_outcome(&b("answer")).map(drop),
        "chunk" => {
            let sealed = chunk_of(&vectors["chunk"]);
            let key = array(&vectors["chunk"]["key"]);
            open_chunk(&key, &chunk_place(input), &sealed).map(drop)
        }
        form => panic!("unknown form {form}"),
    };
    said.map_or_else(word, |()| "accepted")
}

/// The fourteen encodings of X25519 points of small order.
fn small_order_shares() -> Vec<String> {
    let low = [
        "00".repeat(32),
        format!("01{}", "00".repeat(31)),
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800".into(),
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157".into(),
        format!("ec{}7f", "ff".repeat(30)),
        format!("ed{}7f", "ff".repeat(30)),
        format!("ee{}7f", "ff".repeat(30)),
    ];
    let each = |share: String| {
        let mut high = bytes(&json!(share));
        high[31] |= 0x80;
        [share, hex(&high)]
    };
    low.into_iter().flat_map(each).collect()
}

/// Refusals as this side writes them, over vectors it has written.
pub(crate) fn written(vectors: &Value, rng: &mut StdRng) -> Value {
    let mut out = Vec::new();
    let mut add = |what: &str, form: &str, reason: &str, input: Value| {
        out.push(json!({ "what": what, "form": form, "reason": reason, "input": input }));
    };
    let with = |whole: &Value, name: &str, value: Value| {
        let mut changed = whole.clone();
        changed[name] = value;
        changed
    };
    let first = &vectors["wraps"][0];
    let wrapped = json!({
        "wrap": first["wrap"], "seed": first["seed"], "purpose": first["purpose"], "deployment": first["deployment"],
        "object": first["object"], "commit": first["commit"], "generation": 0, "use": 0,
    });
    for (n, share) in small_order_shares().iter().enumerate() {
        let key = json!({ "key": { "of": "wraps.0.public", "at": 1184, "bytes": share } });
        add(&format!("small-order key {n}"), "key", "weak-key", key);
        let enc = json!({ "of": "wraps.0.wrap", "at": 1105, "bytes": share });
        let name = format!("small-order encapsulation {n}");
        add(&name, "wrap", "weak-key", with(&wrapped, "wrap", enc));
    }
    let unreduced = json!({ "key": { "of": "wraps.0.public", "at": 0, "bytes": "ffffff" } });
    add("key that is not reduced", "key", "weak-key", unreduced);
    let (other, commit) = (
        json!(hex(&[0xee; 16])),
        json!(hex(&kdf(&[2; 32], "commit")[..])),
    );
    let wrong = json!({ "key": hex(&[1; 32]), "commit": commit });
    add("wrong commit", "commit", "commitment", wrong);
    for (what, name, value) in [
        ("wrap under another commit", "commit", commit.clone()),
        ("wrap of another case", "object", other.clone()),
        ("wrap of another generation", "generation", json!(1)),
        ("wrap for another use", "use", json!(1)),
    ] {
        add(what, "wrap", "sealed", with(&wrapped, name, value));
    }
    let boxed = &vectors["box"];
    let letterbox = json!({
        "box": boxed["box"], "key": boxed["key"], "deployment": boxed["deployment"], "case": boxed["case"],
    });
    add(
        "box of another case",
        "box",
        "sealed",
        with(&letterbox, "case", other),
    );
    let (key, aad) = (
        array(&boxed["key"]),
        [
            &b"shudong/1 box\0"[..],
            &bytes(&boxed["deployment"]),
            &bytes(&boxed["case"]),
        ]
        .concat(),
    );
    let mut inside = sealed::open(&key, &aad, &bytes(&boxed["box"])).unwrap();
    *inside.last_mut().unwrap() = 1;
    let dirty = json!(hex(&sealed::seal(&key, &aad, &inside, rng)));
    add(
        "box with padding",
        "box",
        "padding",
        with(&letterbox, "box", dirty),
    );
    records(&mut add, rng);
    let (who, role) = PEOPLE[1];
    let statement = member(who, role, SCHOOL).signed(&SCHOOL.signing());
    let forged = json!({ "statement": hex(&statement), "signer": hex(&signer(SERVICE).public()) });
    add(
        "statement by another signer",
        "statement",
        "signature",
        forged,
    );
    // R has a part of small order: an equation with the cofactor takes it, a strict one does not.
    let mixed = json!({
        "statement": format!("{}{}", "07".repeat(121), MIXED),
        "signer": "9109db55f79797a396462fb895c2adcea7e8683c2f3056c07a5475155537b73e",
    });
    add(
        "statement with a part of small order",
        "statement",
        "signature",
        mixed,
    );
    keys(&mut add, vectors);
    let unknown = json!({ "answer": format!("05{}", "00".repeat(12)) });
    add("outcome unknown", "outcome", "version", unknown);
    let trailing = json!({ "answer": format!("00{}01", "00".repeat(4)) });
    add("outcome with padding", "outcome", "padding", trailing);
    let (whole, other) = (&vectors["chunk"], json!(hex(&[0xee; 16])));
    let chunk = json!({
        "deployment": whole["deployment"], "case": whole["case"], "file": whole["file"],
        "index": whole["index"], "count": whole["count"],
    });
    for (what, reason, name, value) in [
        ("chunk of another case", "sealed", "case", other.clone()),
        ("chunk of another file", "sealed", "file", other),
        ("chunk at another index", "sealed", "index", json!(1)),
        ("chunk of another count", "sealed", "count", json!(8)),
        (
            "chunk of a count that is not rounded",
            "length",
            "count",
            json!(3),
        ),
    ] {
        add(what, "chunk", reason, with(&chunk, name, value));
    }
    json!(out)
}

const MIXED: &str = "40a4cf5c611d737a2f1c6fcca84d9cabfed80987f186a5a6c57e629bff1af27f\
                     3eeaad68590a5ce74770b1a6d732e7812337563ad52b7ceb6e09db9cf2513f08";

fn records(add: &mut impl FnMut(&str, &str, &str, Value), rng: &mut StdRng) {
    let key = CaseKey::committed(Zeroizing::new([0x21; 32]), &kdf(&[0x21; 32], "commit")).unwrap();
    let author = signer(0x22);
    let head = Head {
        kind: Kind::Message,
        side: Side::Reporter,
        generation: 0,
        seq: 1,
        deployment: [0x24; 16],
        case: [0x23; 16],
        object: [0x23; 16],
        prev: [0x25; 32],
    };
    let mut letter = |head: &Head| {
        let preface = Preface::Reporter(Seen::NOTHING);
        record::seal(head, &preface, br#"{"v":1}"#, &author, &key, rng).unwrap()
    };
    let first = letter(&head);
    let after = Head {
        seq: 2,
        prev: hash(&[&first]),
        ..head
    };
    let foreign = Head {
        case: [0xee; 16],
        object: [0xee; 16],
        ..after
    };
    for (what, second) in [
        ("record of another case", letter(&foreign)),
        ("record after a gap", letter(&Head { seq: 3, ..after })),
        ("record replayed", first.clone()),
    ] {
        let chain = json!({ "first": hex(&first), "second": hex(&second) });
        add(what, "chain", "thread", chain);
    }
    let altered = |at: usize, value: u8| {
        let mut bytes = first.clone();
        bytes[at] = value;
        bytes
    };
    let (clear, body) = first.split_at(HEAD);
    let record_key = kdf(key.bytes(), "record");
    let mut plain = sealed::open(&record_key, clear, body).unwrap();
    *plain.last_mut().unwrap() = 1;
    let dirty = [clear, &sealed::seal(&record_key, clear, &plain, rng)].concat();
    for (what, reason, record, by) in [
        ("record with another seq", "sealed", altered(7, 2), 0x22),
        (
            "record of another generation",
            "sealed",
            altered(3, 1),
            0x22,
        ),
        ("record with padding", "padding", dirty, 0x22),
        ("record of version 2", "version", altered(0, 2), 0x22),
        ("record of an unknown kind", "version", altered(1, 8), 0x22),
        ("record by another author", "signature", first.clone(), 0x26),
    ] {
        let input = json!({ "record": hex(&record), "key": hex(key.bytes()), "author": hex(&signer(by).public()) });
        add(what, "record", reason, input);
    }
}

fn keys(add: &mut impl FnMut(&str, &str, &str, Value), vectors: &Value) {
    let document = vectors["keys"]["document"].as_str().unwrap();
    let honest = epoch(BUREAU, &[]);
    let at = document
        .find(&hex(&honest.signed(&BUREAU.signing())))
        .unwrap()
        / 2;
    let longer = Epoch {
        until: DAY + 71,
        ..honest
    };
    let foreign = Epoch {
        organisation: SCHOOL.id(),
        ..honest
    };
    let patched = |epoch: Epoch| json!({ "of": "keys.document", "at": at, "bytes": hex(&epoch.signed(&BUREAU.signing())) });
    let pin = vectors["keys"]["pin"].clone();
    let another = json!(hex(&shudong_envelope::pin::pin(
        &CITY.signing().public(),
        &[1; 32]
    )));
    for (what, reason, document, pin) in [
        (
            "keys of version 2",
            "version",
            json!({ "of": "keys.document", "at": 0, "bytes": "7f" }),
            &pin,
        ),
        (
            "keys with padding",
            "padding",
            json!(format!("{document}0001")),
            &pin,
        ),
        (
            "keys under another pin",
            "statement",
            json!(document),
            &another,
        ),
        (
            "keys with an epoch too long",
            "statement",
            patched(longer),
            &pin,
        ),
        (
            "keys with an epoch of another organisation",
            "statement",
            patched(foreign),
            &pin,
        ),
    ] {
        let input = json!({ "document": document, "code": vectors["keys"]["code"], "pin": pin });
        add(what, "keys", reason, input);
    }
}
