//! Vectors on disk: what this side wrote and what the TypeScript side wrote open here.
//!
//! `SHUDONG_WRITE_VECTORS=1 cargo test -p shudong-envelope --test vectors` writes `rust.json` anew;
//! the TypeScript suite opens it and writes `ts.json`, which is opened here.
#![expect(clippy::unwrap_used, reason = "a vector that does not open has failed")]

use std::path::PathBuf;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shudong_envelope::case::{CaseKey, case_id};
use shudong_envelope::kem::Seed;
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::member::{MemberRoot, Unlock, Whose};
use shudong_envelope::receipt::Receipt;
use shudong_envelope::record::{self, Head, Kind, Preface, Seen, Side};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::statement::{Identity, Member, Statement};
use shudong_envelope::wrap::{self, Context, Purpose};
use shudong_envelope::{Refused, exchange, pin};
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
        generation: 0,
        usage: u8::try_from(vector["use"].as_u64().unwrap()).unwrap(),
        commit: array(&vector["commit"]),
    }
}

/// Opens every vector of a file; what is altered must not open.
fn open_all(vectors: &Value) {
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
    let identity = Identity::verify(
        &bytes(&vectors["identity"]["statement"]),
        &array(&vectors["identity"]["signer"]),
    );
    assert_eq!((identity.unwrap().level, identity.unwrap().serial), (2, 3));
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
            None => drop(opened.by_member_of(&array(&vector["identity"])).unwrap()),
        }
        assert_eq!(opened.by(&[0; 32]), Err(Refused::Signature));
        let mut other_seq = sealed;
        other_seq[7] ^= 1;
        assert_eq!(record::open(&other_seq, &key).err(), Some(Refused::Sealed));
    }
    let vector = &vectors["exchange"];
    let intake = Seed::from_bytes(Zeroizing::new(array(&vector["seed"])));
    let (request, _) = exchange::open(&bytes(&vector["request"]), &intake).unwrap();
    assert!(request.urgent);
    assert_eq!(
        request.operation,
        exchange::Operation::Fetch { auth: [5; 32] }
    );
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
    open_all(&read("rust.json"));
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
    let purposes = [
        Purpose::Case,
        Purpose::Dossier,
        Purpose::OrganisationSeed,
        Purpose::IdentitySeed,
        Purpose::Report,
        Purpose::Referral,
        Purpose::Reporter,
    ];
    let mut wraps = Vec::new();
    for purpose in purposes {
        let commit = key.commit();
        let context = Context {
            purpose,
            deployment,
            object: id,
            generation: 0,
            usage: 0,
            commit,
        };
        let wrapped = wrap::wrap(key.bytes(), &public, &context, rng).unwrap();
        wraps.push(json!({
            "purpose": purpose as u8, "use": 0, "deployment": hex(&deployment), "object": hex(&id),
            "commit": hex(&commit), "seed": hex(seed.bytes()), "key": hex(key.bytes()), "wrap": hex(&wrapped),
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
    let forms = [
        (
            Kind::Tip,
            Side::Reporter,
            0,
            Preface::Tip {
                signing: reporter.public(),
                kem,
            },
        ),
        (Kind::Message, Side::Reporter, 1, Preface::Reporter(seen)),
        (
            Kind::Message,
            Side::Committee,
            0,
            Preface::Member {
                statement: statement.clone(),
                seen,
            },
        ),
        (
            Kind::Key,
            Side::Dossier,
            0,
            Preface::Member {
                statement: statement.clone(),
                seen,
            },
        ),
        (
            Kind::Note,
            Side::Dossier,
            1,
            Preface::Member {
                statement: statement.clone(),
                seen,
            },
        ),
        (
            Kind::Step,
            Side::Dossier,
            2,
            Preface::Member { statement, seen },
        ),
    ];
    let mut records = Vec::new();
    for (kind, side, seq, preface) in forms {
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
        let author = if side == Side::Reporter {
            &reporter
        } else {
            &member
        };
        let sealed = record::seal(&head, &preface, text.as_bytes(), author, &key, rng).unwrap();
        let mut vector = json!({
            "key": hex(key.bytes()), "commit": hex(&key.commit()), "record": hex(&sealed), "text": text,
            "identity": hex(&identity_key.public()), "organisation": hex(&organisation),
        });
        if side == Side::Reporter {
            vector["author"] = json!(hex(&reporter.public()));
        }
        records.push(vector);
    }
    let identity = Identity {
        deployment,
        parent: organisation,
        child: member_id,
        level: 2,
        serial: 3,
        until: 30_000,
        key: [9; 32],
    };
    let request = exchange::Request {
        urgent: true,
        operation: exchange::Operation::Fetch { auth: [5; 32] },
    };
    let (request, answer_key) = exchange::seal(&request, &public, rng).unwrap();
    let answer = exchange::seal_answer(vec![1, 2, 3], &answer_key, rng).unwrap();
    json!({
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
        "identity": { "statement": hex(&identity.signed(&identity_key)), "signer": hex(&identity_key.public()) },
        "records": records,
        "exchange": {
            "seed": hex(seed.bytes()), "public": hex(public.bytes()), "request": hex(&request),
            "answer": hex(&answer),
        },
    })
}
