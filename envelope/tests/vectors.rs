//! Vectors on disk: what this side wrote and what the TypeScript side wrote open here.
//!
//! `SHUDONG_WRITE_VECTORS=1 cargo test -p shudong-envelope --test vectors` writes `rust.json` anew;
//! the TypeScript suite opens it and writes `ts.json`, which is opened here.
#![expect(clippy::unwrap_used, reason = "a vector that does not open has failed")]

mod refusals;
mod town;

use std::path::PathBuf;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shudong_envelope::at_rest::{Keyring, Lock, Place};
use shudong_envelope::case::{CaseKey, case_id};
use shudong_envelope::evidence::{self, CHUNK};
use shudong_envelope::kdf::{hash, kdf};
use shudong_envelope::kem::Seed;
use shudong_envelope::keys_document::{Items, KEYS, verify};
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::member::{MemberRoot, Unlock, Whose};
use shudong_envelope::receipt::Receipt;
use shudong_envelope::record::{self, Head, Kind, Preface, Seen, Side};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{
    Epoch, Handover, Identity, Intake, Member, Roster, Service, Statement,
};
use shudong_envelope::wrap::{self, Context, Purpose};
use shudong_envelope::{Refused, Result, exchange, pin};
use zeroize::Zeroizing;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/vectors")
        .join(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
        .collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn context(vector: &Value) -> Context {
    let purpose = match vector["purpose"].as_u64().unwrap() {
        1 => Purpose::Case,
        2 => Purpose::Dossier,
        3 => Purpose::OrganisationSeed,
        4 => Purpose::IdentitySeed,
        5 => Purpose::Report,
        6 => Purpose::Referral,
        _ => Purpose::Reporter,
    };
    Context {
        purpose,
        deployment: array(&vector["deployment"]),
        object: array(&vector["object"]),
        generation: u8::try_from(vector["generation"].as_u64().unwrap_or(0)).unwrap(),
        usage: u8::try_from(vector["use"].as_u64().unwrap()).unwrap(),
        commit: array(&vector["commit"]),
    }
}

/// Every kind of vector that must be on disk, from either side.
const REQUIRED: [&str; 13] = [
    "receipt",
    "unlock",
    "case",
    "pin",
    "wraps",
    "box",
    "statements",
    "keys",
    "records",
    "exchange",
    "chunk",
    "counts",
    "refusals",
];
const STATEMENTS: [&str; 7] = [
    "identity", "epoch", "member", "roster", "handover", "service", "intake",
];
/// Purpose and use.
const WRAPS: [(Purpose, u8); 9] = [
    (Purpose::Case, 0),
    (Purpose::Case, 1),
    (Purpose::Case, 2),
    (Purpose::Dossier, 0),
    (Purpose::OrganisationSeed, 0),
    (Purpose::IdentitySeed, 0),
    (Purpose::Report, 0),
    (Purpose::Referral, 0),
    (Purpose::Reporter, 0),
];
/// Kind and side; all that are named.
const RECORDS: [(Kind, Side); 12] = [
    (Kind::Tip, Side::Reporter),
    (Kind::Message, Side::Reporter),
    (Kind::Appeal, Side::Reporter),
    (Kind::Files, Side::Reporter),
    (Kind::Message, Side::Committee),
    (Kind::Files, Side::Committee),
    (Kind::Key, Side::Committee),
    (Kind::Note, Side::Dossier),
    (Kind::Step, Side::Dossier),
    (Kind::Key, Side::Dossier),
    (Kind::Tip, Side::Server),
    (Kind::Message, Side::Server),
];

/// Nothing on the protocol's list is missing.
fn complete(vectors: &Value) {
    for kind in REQUIRED {
        assert!(vectors.get(kind).is_some(), "no vector {kind}");
    }
    let list = |kind: &str| vectors[kind].as_array().unwrap().clone();
    let names: Vec<Value> = list("statements")
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(json!(names), json!(STATEMENTS));
    let wraps: Vec<Value> = list("wraps")
        .iter()
        .map(|one| json!([one["purpose"], one["use"]]))
        .collect();
    assert_eq!(
        json!(wraps),
        json!(WRAPS.map(|(purpose, usage)| (purpose as u8, usage)))
    );
    let heads: Vec<_> = list("records")
        .iter()
        .map(|one| Head::of(&bytes(&one["record"])).unwrap())
        .collect();
    assert_eq!(
        heads
            .iter()
            .map(|head| (head.kind, head.side))
            .collect::<Vec<_>>(),
        RECORDS
    );
    let what: Vec<Value> = list("refusals")
        .iter()
        .map(|one| one["what"].clone())
        .collect();
    assert_eq!(json!(what), json!(refusals::required()));
}

/// What a statement says, field by field.
fn said(name: &str, statement: &[u8], signer: &[u8; 32]) -> Result<Value> {
    let h = |bytes: &[u8]| hex(bytes);
    Ok(match name {
        "identity" => {
            let s = Identity::verify(statement, signer)?;
            json!({
                "deployment": h(&s.deployment), "parent": h(&s.parent), "child": h(&s.child), "level": s.level,
                "serial": s.serial, "until": s.until, "key": h(&s.key),
            })
        }
        "epoch" => {
            let s = Epoch::verify(statement, signer)?;
            json!({
                "deployment": h(&s.deployment), "organisation": h(&s.organisation), "epoch": s.epoch, "from": s.from,
                "until": s.until, "key_hash": h(&s.key_hash), "members_hash": h(&s.members_hash),
                "previous": h(&s.previous),
            })
        }
        "member" => {
            let s = Member::verify(statement, signer)?;
            json!({
                "deployment": h(&s.deployment), "organisation": h(&s.organisation), "member": h(&s.member),
                "role": s.role, "epoch": s.epoch, "until": s.until, "signing": h(&s.signing), "kem_hash": h(&s.kem_hash),
            })
        }
        "roster" => {
            let s = Roster::verify(statement, signer)?;
            json!({
                "deployment": h(&s.deployment), "organisation": h(&s.organisation), "until": s.until,
                "members_hash": h(&s.members_hash),
            })
        }
        "handover" => {
            let s = Handover::verify(statement, signer)?;
            json!({ "deployment": h(&s.deployment), "organisation": h(&s.organisation), "key": h(&s.key) })
        }
        "service" => {
            let s = Service::verify(statement, signer)?;
            json!({ "deployment": h(&s.deployment), "key": h(&s.key), "from": s.from, "until": s.until })
        }
        "intake" => {
            let s = Intake::verify(statement, signer)?;
            json!({ "deployment": h(&s.deployment), "key_hash": h(&s.key_hash), "from": s.from, "until": s.until })
        }
        name => panic!("unknown statement {name}"),
    })
}

/// Statements one by one, and together in the document.
fn open_statements(vectors: &Value) {
    for vector in vectors["statements"].as_array().unwrap() {
        let (name, statement) = (
            vector["name"].as_str().unwrap(),
            bytes(&vector["statement"]),
        );
        assert_eq!(
            said(name, &statement, &array(&vector["signer"])).unwrap(),
            vector["says"]
        );
        assert_eq!(said(name, &statement, &[9; 32]), Err(Refused::Signature));
    }
    let keys = &vectors["keys"];
    let mut document = bytes(&keys["document"]);
    document.resize(KEYS, 0);
    let items = Items::parse(&document).unwrap();
    assert_eq!(items.bytes().unwrap(), document);
    assert_eq!(items.about.as_bytes(), bytes(&keys["code"]));
    let verified = verify(&items, Some(&array(&keys["pin"]))).unwrap();
    let found = json!({
        "document": keys["document"], "code": keys["code"], "pin": keys["pin"], "day": verified.day,
        "holder": verified.holder().unwrap(), "members": verified.members.len(), "roster_valid": verified.roster_valid,
        "intake": hex(verified.intake.bytes()),
    });
    assert_eq!(&found, keys);
}

/// A value at rest; this side only writes it, but the bytes are the protocol's.
fn open_row(row: &Value) {
    let keyring = Keyring::from_text(row["keyring"].as_str().unwrap()).unwrap();
    let shred = array(&row["shred"]);
    let text = |name: &str| String::from_utf8(bytes(&row[name])).unwrap();
    let (table, column, key) = (text("table"), text("column"), bytes(&row["row"]));
    let place = Place {
        table: &table,
        column: &column,
        row: &key,
    };
    let sealed = bytes(&row["sealed"]);
    let opened = keyring.open(Lock::Rows, &shred, place, &sealed).unwrap();
    assert_eq!(hex(&opened), row["plain"].as_str().unwrap());
    let generation: [u8; 32] = array(&row["generation"]);
    let derived = kdf(&[generation, shred].concat(), "row");
    assert_eq!(hex(&derived[..]), row["key"].as_str().unwrap());
    let elsewhere = Place {
        column: "other",
        ..place
    };
    let refused = keyring.open(Lock::Rows, &shred, elsewhere, &sealed);
    assert_eq!(refused.err(), Some(Refused::Sealed));
}

/// Opens every vector of a file; what is altered must not open.
fn open_all(vectors: &Value) {
    complete(vectors);
    open_statements(vectors);
    open_chunk(vectors);
    for refusal in vectors["refusals"].as_array().unwrap() {
        let said = refusals::verdict(refusal, vectors);
        assert_eq!(
            said,
            refusal["reason"].as_str().unwrap(),
            "{}",
            refusal["what"]
        );
    }
    let receipt = &vectors["receipt"];
    let root = Receipt::parse(receipt["digits"].as_str().unwrap()).unwrap();
    let root = root.root(&array(&receipt["deployment"]));
    for name in ["auth", "box", "sign", "kem", "leaf", "blind"] {
        assert_eq!(
            hex(&root.key(name)[..]),
            receipt[name].as_str().unwrap(),
            "{name}"
        );
    }
    let unlock = &vectors["unlock"];
    let by = Unlock::new(
        unlock["passphrase"].as_str().unwrap(),
        &array(&unlock["salt"]),
    );
    assert_eq!(hex(&by.auth()[..]), unlock["auth"].as_str().unwrap());
    let whose = Whose {
        deployment: array(&unlock["deployment"]),
        member: array(&unlock["member"]),
    };
    let root = MemberRoot::open(&bytes(&unlock["sealed"]), &by, &whose).unwrap();
    assert_eq!(hex(root.kem().bytes()), unlock["kem"].as_str().unwrap());
    assert_eq!(
        hex(&root.signing().public()),
        unlock["signing_public"].as_str().unwrap()
    );
    let case = &vectors["case"];
    let key =
        CaseKey::committed(Zeroizing::new(array(&case["key"])), &array(&case["commit"])).unwrap();
    let id = case_id(
        &array(&case["deployment"]),
        &array(&case["organisation"]),
        &array(&case["reporter"]),
        &key.commit(),
    );
    assert_eq!(hex(&id), case["id"].as_str().unwrap());
    let wrong = CaseKey::committed(Zeroizing::new([0; 32]), &key.commit());
    assert_eq!(wrong.err(), Some(Refused::Commitment));
    let of = pin::pin(
        &array(&vectors["pin"]["root"]),
        &array(&vectors["pin"]["school"]),
    );
    assert_eq!(hex(&of), vectors["pin"]["pin"].as_str().unwrap());
    for vector in vectors["wraps"].as_array().unwrap() {
        let seed = Seed::from_bytes(Zeroizing::new(array(&vector["seed"])));
        let (wrapped, context) = (bytes(&vector["wrap"]), context(vector));
        assert_eq!(
            hex(&wrap::open(&wrapped, &seed, &context).unwrap()[..]),
            vector["key"].as_str().unwrap()
        );
        let moved = Context {
            object: [0xee; 16],
            ..context
        };
        assert_eq!(
            wrap::open(&wrapped, &seed, &moved).err(),
            Some(Refused::Sealed)
        );
    }
    let boxed = &vectors["box"];
    let opened = Letterbox::open(
        &bytes(&boxed["box"]),
        &array(&boxed["key"]),
        &array(&boxed["deployment"]),
        &array(&boxed["case"]),
    );
    let opened = opened.unwrap();
    assert_eq!(
        (hex(&opened.key[..]), opened.epoch, opened.pinned),
        (boxed["inside"].as_str().unwrap().to_owned(), 7, true)
    );
    for vector in vectors["records"].as_array().unwrap() {
        let key = CaseKey::committed(
            Zeroizing::new(array(&vector["key"])),
            &array(&vector["commit"]),
        )
        .unwrap();
        let sealed = bytes(&vector["record"]);
        let opened = record::open(&sealed, &key).unwrap();
        assert_eq!(
            core::str::from_utf8(&opened.text).unwrap(),
            vector["text"].as_str().unwrap()
        );
        match vector["author"].as_str() {
            Some(_) => opened.by(&array(&vector["author"])).unwrap(),
            None => drop(
                opened
                    .by_member_of(&array(&vector["identity"]), &array(&vector["organisation"]))
                    .unwrap(),
            ),
        }
        assert_eq!(opened.by(&[0; 32]), Err(Refused::Signature));
        let mut other_seq = sealed;
        other_seq[7] ^= 1;
        assert_eq!(record::open(&other_seq, &key).err(), Some(Refused::Sealed));
    }
    let vector = &vectors["exchange"];
    let intake = Seed::from_bytes(Zeroizing::new(array(&vector["seed"])));
    let (request, key) = exchange::open(&bytes(&vector["request"]), &intake).unwrap();
    let answer = exchange::open_answer(&bytes(&vector["answer"]), &key).unwrap();
    let plain = bytes(&vector["plain"]);
    assert_eq!(answer[..plain.len()], plain);
    assert!(
        answer.len() == exchange::ANSWER && answer[plain.len()..].iter().all(|&byte| byte == 0)
    );
    assert!(request.urgent);
    assert_eq!(
        request.operation,
        exchange::Operation::Fetch { auth: [5; 32] }
    );
}

/// Where the vector's chunk belongs.
fn chunk_place(vector: &Value) -> evidence::Place {
    let number = |name: &str| u32::try_from(vector[name].as_u64().unwrap()).unwrap();
    evidence::Place {
        deployment: array(&vector["deployment"]),
        case: array(&vector["case"]),
        file: array(&vector["file"]),
        index: number("index"),
        count: number("count"),
    }
}

/// The very bytes that the other side sealed: the file holds the nonce and what stands before the
/// zeros; they are sealed again, and the hash of the whole is compared.
fn chunk_of(vector: &Value) -> Vec<u8> {
    let place = chunk_place(vector);
    let aad = [
        &b"shudong/1 chunk\0"[..],
        &place.deployment,
        &place.case,
        &place.file,
        &place.index.to_be_bytes(),
        &place.count.to_be_bytes(),
    ]
    .concat();
    let mut plain = bytes(&vector["plain"]);
    plain.resize(CHUNK, 0);
    let nonce: [u8; 24] = array(&vector["nonce"]);
    let cipher = XChaCha20Poly1305::new(&array::<32>(&vector["key"]).into());
    let payload = Payload {
        msg: &plain,
        aad: &aad,
    };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).unwrap();
    [&nonce[..], &sealed].concat()
}

fn open_chunk(vectors: &Value) {
    let vector = &vectors["chunk"];
    let sealed = chunk_of(vector);
    assert_eq!(hex(&hash(&[&sealed])), vector["hash"].as_str().unwrap());
    let key = array(&vector["key"]);
    let opened = evidence::open_chunk(&key, &chunk_place(vector), &sealed).unwrap();
    let plain = bytes(&vector["plain"]);
    assert_eq!(opened[..plain.len()], plain);
    assert!(opened.len() == CHUNK && opened[plain.len()..].iter().all(|&byte| byte == 0));
    assert_eq!(vectors["counts"], counts());
}

/// What stands for each number of chunks that a file of up to 50 MiB fills.
fn counts() -> Value {
    json!((1..=200).map(evidence::rounded).collect::<Vec<_>>())
}

fn written_chunk(deployment: [u8; 16], case: [u8; 16], rng: &mut StdRng) -> Value {
    let place = evidence::Place {
        deployment,
        case,
        file: [0x6f; 16],
        index: 3,
        count: 4,
    };
    let (key, plain) = ([0x6e; 32], "照片".as_bytes());
    let sealed = evidence::seal_chunk(&key, &place, plain, rng).unwrap();
    json!({
        "key": hex(&key), "deployment": hex(&deployment), "case": hex(&case), "file": hex(&place.file),
        "index": place.index, "count": place.count, "nonce": hex(&sealed[..24]), "plain": hex(plain),
        "hash": hex(&hash(&[&sealed])),
    })
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(file(name));
    serde_json::from_str(&text.unwrap_or_else(|_| panic!("tests/vectors/{name} is missing")))
        .unwrap()
}

#[test]
fn what_this_side_wrote_opens() {
    if std::env::var_os("SHUDONG_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&written()).unwrap();
        std::fs::write(file("rust.json"), text + "\n").unwrap();
    }
    let vectors = read("rust.json");
    open_all(&vectors);
    open_row(&vectors["row"]);
}

#[test]
fn what_the_other_side_wrote_opens() {
    open_all(&read("ts.json"));
}

fn written() -> Value {
    let rng = &mut StdRng::seed_from_u64(20_261_124);
    let (deployment, organisation, member_id) = ([1; 16], [2; 16], [3; 16]);
    let receipt = Receipt::random(rng);
    let receipt_root = receipt.root(&deployment);
    let derived = |name: &str| hex(&receipt_root.key(name)[..]);
    let root = MemberRoot::random(rng);
    let unlock = Unlock::new("树洞 ＡＢ１２", &[4; 16]);
    let whose = Whose {
        deployment,
        member: member_id,
    };
    let key = CaseKey::random(rng);
    let reporter = SigningKey::from_seed(&receipt_root.key("sign"));
    let id = case_id(
        &deployment,
        &organisation,
        &reporter.public(),
        &key.commit(),
    );
    let seed = Seed::random(rng);
    let public = seed.public().unwrap();
    let identity_key = SigningKey::from_seed(&[6; 32]);
    let statement = Member {
        deployment,
        organisation,
        member: member_id,
        role: 3,
        epoch: 0,
        until: 30_000,
        signing: root.signing().public(),
        kem_hash: root.kem().public().unwrap().hash(),
    };
    let statement = statement.signed(&identity_key);
    let mut wraps = Vec::new();
    for (purpose, usage) in WRAPS {
        // Seeds belong to the organisation, and are committed to by their public key.
        let (inside, object, commit) = match purpose {
            Purpose::OrganisationSeed => (*seed.bytes(), organisation, public.hash()),
            Purpose::IdentitySeed => {
                let commit = hash(&[&identity_key.public()]);
                (*identity_key.seed(), organisation, commit)
            }
            _ => (*key.bytes(), id, key.commit()),
        };
        let context = Context {
            purpose,
            deployment,
            object,
            generation: 0,
            usage,
            commit,
        };
        let wrapped = wrap::wrap(&inside, &public, &context, rng).unwrap();
        wraps.push(json!({
            "purpose": purpose as u8, "use": usage, "deployment": hex(&deployment), "object": hex(&object),
            "commit": hex(&commit), "seed": hex(seed.bytes()), "key": hex(&inside), "wrap": hex(&wrapped),
            "public": hex(public.bytes()),
        }));
    }
    let letterbox = Letterbox {
        key: Zeroizing::new(*key.bytes()),
        organisation,
        root: [8; 32],
        identity: identity_key.public(),
        epoch: 7,
        pinned: true,
    };
    let sealed_box = letterbox
        .seal(&receipt_root.key("box"), &deployment, &id, rng)
        .unwrap();
    let kem = Seed::from_bytes(receipt_root.key("kem"))
        .public()
        .unwrap()
        .bytes()
        .to_vec();
    let seen = Seen::NOTHING;
    let mut records = Vec::new();
    for (i, (kind, side)) in RECORDS.into_iter().enumerate() {
        let before = RECORDS[..i].iter().filter(|one| one.1 == side).count();
        let seq = u32::try_from(before).unwrap();
        let preface = match (kind, side) {
            (Kind::Tip, _) => Preface::Tip {
                signing: reporter.public(),
                kem: kem.clone(),
            },
            _ if side.is_reporters() => Preface::Reporter(seen),
            _ => Preface::Member {
                statement: statement.clone(),
                seen,
            },
        };
        let head = Head {
            kind,
            side,
            generation: 0,
            seq,
            deployment,
            case: id,
            object: id,
            prev: [0; 32],
        };
        let text = format!("{{\"v\":1,\"text\":\"字{}\"}}", kind as u8);
        let member = root.signing();
        let author = if side.is_reporters() {
            &reporter
        } else {
            &member
        };
        let sealed = record::seal(&head, &preface, text.as_bytes(), author, &key, rng).unwrap();
        let mut vector = json!({
            "key": hex(key.bytes()), "commit": hex(&key.commit()), "record": hex(&sealed), "text": text,
            "identity": hex(&identity_key.public()), "organisation": hex(&organisation),
        });
        if side.is_reporters() {
            vector["author"] = json!(hex(&reporter.public()));
        }
        records.push(vector);
    }
    let request = exchange::Request {
        urgent: true,
        operation: exchange::Operation::Fetch { auth: [5; 32] },
    };
    let (request, answer_key) = exchange::seal(&request, &public, rng).unwrap();
    let answer = exchange::seal_answer(vec![1, 2, 3], &answer_key, rng).unwrap();
    let mut vectors = json!({
        "written_by": "rust",
        "receipt": {
            "digits": receipt.digits(), "deployment": hex(&deployment), "auth": derived("auth"), "box": derived("box"),
            "sign": derived("sign"), "kem": derived("kem"), "leaf": derived("leaf"), "blind": derived("blind"),
        },
        "unlock": {
            "passphrase": "树洞 ＡＢ１２", "salt": hex(&[4; 16]), "auth": hex(&unlock.auth()[..]),
            "deployment": hex(&deployment), "member": hex(&member_id), "sealed": hex(&root.seal(&unlock, &whose, rng)),
            "kem": hex(root.kem().bytes()), "signing_public": hex(&root.signing().public()),
        },
        "case": {
            "key": hex(key.bytes()), "commit": hex(&key.commit()), "deployment": hex(&deployment),
            "organisation": hex(&organisation), "reporter": hex(&reporter.public()), "id": hex(&id),
        },
        "pin": { "root": hex(&[8; 32]), "school": hex(&[9; 32]), "pin": hex(&pin::pin(&[8; 32], &[9; 32])) },
        "wraps": wraps,
        "box": {
            "box": hex(&sealed_box), "key": derived("box"), "deployment": hex(&deployment), "case": hex(&id),
            "inside": hex(key.bytes()),
        },
        "statements": written_statements(),
        "keys": written_keys(),
        "row": written_row(rng),
        "records": records,
        "exchange": {
            "seed": hex(seed.bytes()), "public": hex(public.bytes()), "request": hex(&request),
            "answer": hex(&answer), "auth": hex(&[5; 32]), "plain": "010203",
        },
    });
    vectors["chunk"] = written_chunk(deployment, id, rng);
    vectors["counts"] = counts();
    vectors["refusals"] = refusals::written(&vectors, rng);
    vectors
}

fn written_statements() -> Value {
    let items = town::items();
    let [city, bureau, school] = [town::CITY, town::BUREAU, town::SCHOOL].map(town::Party::signing);
    let handover = town::handover(town::SCHOOL, &school, town::signer(0xb1).public());
    let all = [
        ("identity", items.levels[0].identity.clone().unwrap(), &city),
        ("epoch", items.levels[0].epoch.clone().unwrap().0, &city),
        ("member", items.members[0].0.clone(), &school),
        ("roster", items.levels[2].roster.clone().unwrap(), &bureau),
        ("handover", handover, &school),
        ("service", items.service, &city),
        ("intake", items.intake.0, &town::signer(town::SERVICE)),
    ];
    let each = |(name, statement, signer): (&str, Vec<u8>, &SigningKey)| {
        let says = said(name, &statement, &signer.public()).unwrap();
        json!({ "name": name, "statement": hex(&statement), "signer": hex(&signer.public()), "says": says })
    };
    json!(all.map(each))
}

/// Without its zeros: filled up to 28,672 bytes.
fn written_keys() -> Value {
    let items = town::items();
    let document = items.bytes().unwrap();
    let end = document.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let root = town::CITY.signing().public();
    json!({
        "document": hex(&document[..end]), "code": hex(items.about.as_bytes()),
        "pin": hex(&pin::pin(&root, &town::SCHOOL.signing().public())), "day": town::DAY, "holder": 2, "members": 4,
        "roster_valid": true, "intake": hex(&items.intake.1),
    })
}

fn written_row(rng: &mut StdRng) -> Value {
    let (generation, shred) = ([0x5a; 32], [0x5b; 32]);
    let line = |name: &str, byte: &str| format!("{name} {}\n", byte.repeat(32));
    let text = ["rows", "lookup", "release", "service"]
        .map(|name| line(name, "5a"))
        .concat();
    let keyring = Keyring::from_text(&text).unwrap();
    let place = Place {
        table: "cases",
        column: "box",
        row: &[1, 2],
    };
    let sealed = keyring
        .seal(Lock::Rows, &shred, place, b"plain", rng)
        .unwrap();
    json!({
        "keyring": text, "generation": hex(&generation), "shred": hex(&shred), "table": hex(b"cases"), "column": hex(b"box"),
        "row": "0102", "plain": hex(b"plain"), "sealed": hex(&sealed),
        "key": hex(&kdf(&[generation, shred].concat(), "row")[..]),
    })
}
