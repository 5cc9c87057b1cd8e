//! A small city on a database of its own, and the people in it.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use rand::rngs::StdRng;
use rand::{CryptoRng, RngExt, SeedableRng};
use serde_json::{Value, json};
use shudong::app::App;
use shudong::clock::Clock;
use shudong::config::Config;
use shudong::directory::{self, Colleague, Founder, Kind, NewOrganisation, Organisation};
use shudong::ids::{MemberId, OrganisationId};
use shudong::keyring::Keyring;
use shudong::members::{self, NewMember, Profile};
use shudong::storage::{Place, Store, Tx};
use shudong::{jobs, server};
use shudong_envelope::answer::{self, Fetched, Outcome};
use shudong_envelope::case::{CaseKey, case_id};
use shudong_envelope::exchange::{self, EXCHANGE, Operation, Submit};
use shudong_envelope::kem::{PublicKey, Seed};
use shudong_envelope::keys_document::{Items, Verified, verify};
use shudong_envelope::letterbox::Letterbox;
use shudong_envelope::member::{MemberRoot, Unlock, Whose};
use shudong_envelope::record::{self, Chain, Head, Preface, Seen, Side};
use shudong_envelope::sign::SigningKey;
use shudong_envelope::wrap::{Context, Purpose, wrap};
use sqlx::{Connection, Executor};
use tempfile::TempDir;
use tower::ServiceExt;
use zeroize::Zeroizing;

use crate::past::Past;

/// 2026-10-08, ten minutes past a full hour.
pub(crate) const START: i64 = 1_791_421_800;

pub(crate) struct Person {
    pub(crate) id: MemberId,
    pub(crate) role: u8,
    pub(crate) account: String,
    pub(crate) root: MemberRoot,
    pub(crate) auth: [u8; 32],
    /// Passphrase and recovery code, in a city whose members have them.
    pub(crate) secrets: Option<(String, [u8; 16])>,
}

pub(crate) struct Staffed {
    pub(crate) organisation: Organisation,
    pub(crate) people: Vec<Person>,
    pub(crate) founder: Founder,
}

/// How members' roots are locked: an Argon2 run each is too slow where no test unlocks them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Locked {
    Not,
    ByPassphrase,
}

/// Everything a test needs; the folder and the database go with it.
pub(crate) struct City {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) rng: StdRng,
    pub(crate) city: Staffed,
    pub(crate) county: Staffed,
    pub(crate) school: Staffed,
    pub(crate) other: Staffed,
    pub(crate) folder: TempDir,
    pub(crate) place: Place,
}

/// Runs one body on each engine.
pub(crate) async fn on_each_engine<F: AsyncFn(City)>(body: F) {
    each(body, Locked::Not).await;
}

/// The same, in a city whose members have real passphrases.
pub(crate) async fn on_each_engine_with_passphrases<F: AsyncFn(City)>(body: F) {
    each(body, Locked::ByPassphrase).await;
}

async fn each<F: AsyncFn(City)>(body: F, locked: Locked) {
    body(City::new(None, locked).await).await;
    if let Ok(server) = std::env::var("SHUDONG_TEST_POSTGRES") {
        body(City::new(Some(&server), locked).await).await;
    }
}

/// A database of its own, for a process of its own.
pub(crate) async fn own_database(server: &str) -> String {
    let mut seed = [0; 32];
    rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, &mut seed).unwrap();
    fresh_database(server, &mut StdRng::from_seed(seed)).await
}

async fn fresh_database(server: &str, rng: &mut impl CryptoRng) -> String {
    let name = format!("suite_{:016x}", rng.random::<u64>());
    let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

impl City {
    async fn new(postgres: Option<&str>, locked: Locked) -> Self {
        Self::in_folder(postgres, locked, tempfile::tempdir().unwrap()).await
    }

    /// A city on SQLite in a folder on a disk of the test's own.
    pub(crate) async fn on_disk(disk: &Path) -> Self {
        Self::in_folder(None, Locked::Not, tempfile::tempdir_in(disk).unwrap()).await
    }

    async fn in_folder(postgres: Option<&str>, locked: Locked, folder: TempDir) -> Self {
        let mut seed = [0; 32];
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, &mut seed).unwrap();
        let mut rng = StdRng::from_seed(seed);
        let place = match postgres {
            None => Place::Sqlite(folder.path().join("shudong.db")),
            Some(server) => Place::Postgres(fresh_database(server, &mut rng).await),
        };
        let text = "[letters]\nhold_ms = 0\n[desk]\nguesses_per_minute = 1000";
        let config = Config::parse(text, std::iter::empty(), Path::new("/")).unwrap();
        let clock = Clock::fixed(START);
        let store = Store::open(&place).await.unwrap();
        let keyring = Keyring::random(&mut rng);
        let app = App::new(store, clock, keyring, config);
        let mut tx = app.store.begin().await.unwrap();
        let places = found(&app, &mut tx, &mut rng, locked).await;
        let day = app.clock.now().day();
        directory::keep_current(&mut tx, &app.keyring, &mut rng, day)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let [city, county, school, other] = places;
        Self {
            router: server::router(app.clone()),
            app,
            rng,
            city,
            county,
            school,
            other,
            folder,
            place,
        }
    }

    /// Every organisation and its people.
    pub(crate) fn places(&self) -> [&Staffed; 4] {
        [&self.city, &self.county, &self.school, &self.other]
    }

    /// Changes the settings, as a new start would.
    pub(crate) fn set(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = Config::clone(&self.app.config);
        change(&mut config);
        self.app.config = config.into();
        self.router = server::router(self.app.clone());
    }

    /// A connection of the test's own, past the server.
    pub(crate) async fn past(&self) -> Past {
        Past::of(&self.place).await
    }

    /// A random source of its own, for a reporter who writes while the city is borrowed.
    pub(crate) fn own_rng(&mut self) -> StdRng {
        StdRng::from_seed(self.rng.random())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn exchange(&self, body: Vec<u8>) -> (u16, Vec<u8>) {
        exchange(self.router.clone(), body).await
    }

    /// One exchange, sealed to the present intake key.
    pub(crate) async fn ask(&mut self, operation: Operation, urgent: bool) -> Vec<u8> {
        let keys = self.keys(&self.school.organisation.code.clone()).await;
        let request = exchange::Request { urgent, operation };
        let (body, key) = exchange::seal(&request, &keys.intake, &mut self.rng).unwrap();
        let (status, answer) = self.exchange(body).await;
        assert_eq!((status, answer.len()), (200, EXCHANGE));
        exchange::open_answer(&answer, &key).unwrap().to_vec()
    }

    pub(crate) async fn keys(&self, code: &str) -> Verified {
        let request = Request::get(format!("/s/{code}/keys"))
            .body(Body::empty())
            .unwrap();
        let document = bytes(self.send(request).await).await;
        verify(&Items::parse(&document).unwrap(), None).unwrap()
    }

    /// Seals a tip to the school, leaving out a role; the case key is returned for the test alone.
    pub(crate) async fn tip(&mut self, text: &str, leave_out: Option<u8>) -> Told {
        let keys = self.keys(&self.school.organisation.code.clone()).await;
        seal_tip(&keys, &mut self.rng, text, leave_out)
    }

    pub(crate) async fn submit(&mut self, submit: &Submit) -> (Outcome, u32) {
        let operation = Operation::Submit(Box::new(submit.clone()));
        answer::parse_outcome(&self.ask(operation, false).await).unwrap()
    }

    pub(crate) async fn post(&mut self, told: &Told, records: Vec<Vec<u8>>) -> Outcome {
        let operation = Operation::Post {
            auth: told.submit.auth,
            records,
        };
        answer::parse_outcome(&self.ask(operation, false).await)
            .unwrap()
            .0
    }

    pub(crate) async fn fetch(&mut self, auth: [u8; 32]) -> Option<Fetched> {
        Fetched::parse(&self.ask(Operation::Fetch { auth }, false).await).unwrap()
    }

    /// Goes to the next full hour at which letters are old enough, and delivers.
    pub(crate) async fn tick(&self) {
        self.app.clock.advance(2 * 3600);
        jobs::deliver(&self.app).await.unwrap();
    }

    /// Signs in; the cookie and the CSRF value.
    pub(crate) async fn sign_in(&self, person: &Person) -> SignedIn {
        let body = json!({ "account": person.account, "auth": STANDARD.encode(person.auth) });
        let request = Request::post("/desk/api/v1/session")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.send(request).await;
        assert_eq!(response.status(), 200);
        let cookie = response.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .to_owned();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let session: Value = serde_json::from_slice(&bytes(response).await).unwrap();
        SignedIn {
            cookie,
            csrf: session["csrf"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn desk(
        &self,
        by: Option<&SignedIn>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let response = self.desk_answer(by, method, path, body).await;
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&bytes(response).await).unwrap_or_default(),
        )
    }

    /// An answer of the desk's API as it leaves, headers and bytes.
    pub(crate) async fn desk_answer(
        &self,
        by: Option<&SignedIn>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Response<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/desk/api/v1{path}"));
        if let Some(by) = by {
            request = request
                .header(header::COOKIE, &by.cookie)
                .header("x-csrf", &by.csrf);
        }
        let content = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(content).unwrap()).await
    }
}

/// One exchange, also from a task of its own.
pub(crate) async fn exchange(router: Router, body: Vec<u8>) -> (u16, Vec<u8>) {
    let request = Request::post("/x")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::from(body))
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    (response.status().as_u16(), bytes(response).await)
}

/// Seals a tip as a reporter's page does.
pub(crate) fn seal_tip(
    keys: &Verified,
    rng: &mut impl CryptoRng,
    text: &str,
    leave_out: Option<u8>,
) -> Told {
    let own = keys.levels.len() - 1;
    let school = &keys.levels[own];
    let reporter = SigningKey::from_seed(&rng.random());
    let key = CaseKey::random(rng);
    let (deployment, organisation) = (keys.deployment, school.identity.child);
    let case = case_id(
        &deployment,
        &organisation,
        &reporter.public(),
        &key.commit(),
    );
    let context = Context {
        purpose: Purpose::Case,
        deployment,
        object: case,
        generation: 0,
        usage: 0,
        commit: key.commit(),
    };
    let organisation_key = |level: usize| keys.levels[level].working.clone().unwrap().1;
    let holders: Vec<PublicKey> = match leave_out {
        None => vec![organisation_key(own)],
        Some(role) => {
            let rest = keys.members.iter().filter(|one| one.statement.role != role);
            rest.map(|one| one.kem.clone()).collect()
        }
    };
    let upper = (0..own).rev().map(organisation_key);
    let upper = (1..).zip(upper);
    let recipients = holders.iter().map(|key| (0, key.clone())).chain(upper);
    let wraps = recipients
        .map(|(usage, to)| wrap(key.bytes(), &to, &Context { usage, ..context }, rng).unwrap())
        .collect();
    let head = Head {
        kind: record::Kind::Tip,
        side: Side::Reporter,
        generation: 0,
        seq: 0,
        deployment,
        case,
        object: case,
        prev: [0; 32],
    };
    let kem = Seed::random(rng).public().unwrap().bytes().to_vec();
    let preface = Preface::Tip {
        signing: reporter.public(),
        kem,
    };
    let json = json!({ "v": 1, "text": text }).to_string();
    let tip = record::seal(&head, &preface, json.as_bytes(), &reporter, &key, rng).unwrap();
    let letterbox = Letterbox {
        key: Zeroizing::new(*key.bytes()),
        organisation,
        root: keys.levels[0].key,
        identity: school.key,
        epoch: 0,
        pinned: false,
    };
    let letterbox = letterbox.seal(&[1; 32], &deployment, &case, rng).unwrap();
    let submit = Submit {
        auth: rng.random(),
        proof: [0; 72],
        log_entry: [0; 64],
        organisation,
        commit: key.commit(),
        letterbox: letterbox.try_into().unwrap(),
        wraps,
        tip,
    };
    Told {
        submit,
        key,
        case,
        reporter,
        context,
    }
}

pub(crate) struct SignedIn {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// A tip and the secrets that only its reporter has.
pub(crate) struct Told {
    pub(crate) submit: Submit,
    pub(crate) key: CaseKey,
    pub(crate) case: [u8; 16],
    pub(crate) reporter: SigningKey,
    pub(crate) context: Context,
}

impl Told {
    /// The reporter's next letter after `previous`.
    pub(crate) fn letter(&self, text: &str, previous: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let chain = Chain::after(previous).unwrap();
        let head = Head {
            kind: record::Kind::Message,
            seq: chain.next(),
            prev: chain.prev(),
            ..Head::of(&self.submit.tip).unwrap()
        };
        let preface = Preface::Reporter(Seen::NOTHING);
        let json = json!({ "v": 1, "text": text }).to_string();
        record::seal(
            &head,
            &preface,
            json.as_bytes(),
            &self.reporter,
            &self.key,
            rng,
        )
        .unwrap()
    }
}

pub(crate) async fn bytes(response: Response<Body>) -> Vec<u8> {
    response
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}

async fn found(app: &App, tx: &mut Tx, rng: &mut StdRng, locked: Locked) -> [Staffed; 4] {
    let day = app.clock.now().day();
    let new = |name: &'static str, kind: Kind, parent: Option<OrganisationId>| NewOrganisation {
        name,
        initials: name,
        kind,
        stage: None,
        city_run: false,
        parent,
    };
    let service = app.keyring.service().public();
    let city = new("city", Kind::City, None);
    let (city, root) = directory::found(tx, rng, &city, service, day)
        .await
        .unwrap();
    let county = new("county", Kind::County, Some(city.id));
    let county = directory::add_organisation(tx, rng, &county).await.unwrap();
    let county_founder = root.appoint(tx, rng, &county, day).await.unwrap();
    let mut places = Vec::new();
    for (organisation, founder) in [(city, root), (county.clone(), county_founder.clone())] {
        let roles = (&[20, 21][..], locked);
        places.push(staffed(app, tx, rng, organisation, founder, roles).await);
    }
    for name in ["school", "other"] {
        let school = new(name, Kind::School, Some(county.id));
        let school = directory::add_organisation(tx, rng, &school).await.unwrap();
        let founder = county_founder.appoint(tx, rng, &school, day).await.unwrap();
        let roles = (&[1, 3, 3, 5, 8][..], locked);
        let place = staffed(app, tx, rng, school, founder, roles).await;
        let id = place.organisation.id;
        directory::confirm_roster(tx, &county_founder, id, day)
            .await
            .unwrap();
        places.push(place);
    }
    places.try_into().unwrap_or_else(|_| unreachable!())
}

async fn staffed(
    app: &App,
    tx: &mut Tx,
    rng: &mut StdRng,
    organisation: Organisation,
    founder: Founder,
    (roles, locked): (&[u8], Locked),
) -> Staffed {
    let mut people = Vec::new();
    let mut colleagues = Vec::new();
    for (role, n) in roles.iter().zip(0..) {
        let mut person = Person {
            id: MemberId::random(rng),
            role: *role,
            account: format!("{}-{n}", organisation.name),
            root: MemberRoot::random(rng),
            auth: rng.random(),
            secrets: None,
        };
        let (sealed_root, recovery) = match locked {
            Locked::Not => (vec![0; 72], vec![0; 72]),
            Locked::ByPassphrase => lock(app, &mut person, founder.deployment, rng),
        };
        let kem = person.root.kem().public().unwrap();
        let new = NewMember {
            member: members::Member {
                id: person.id,
                organisation: organisation.id,
                role: person.role,
                signing_key: person.root.signing().public().to_vec(),
                kem_key: kem.bytes().to_vec(),
                profile: Profile {
                    account: person.account.clone(),
                    name: person.account.clone(),
                },
                sealed_root,
            },
            auth: person.auth,
            recovery,
        };
        members::add(tx, &app.keyring, rng, &new).await.unwrap();
        let signing = person.root.signing().public();
        colleagues.push(Colleague {
            member: person.id,
            role: person.role,
            signing,
            kem,
        });
        people.push(person);
    }
    let day = app.clock.now().day();
    let chair = &colleagues[0].kem;
    directory::hand_identity_to(tx, rng, &founder, chair)
        .await
        .unwrap();
    directory::begin_epoch(tx, rng, &founder, &colleagues, day)
        .await
        .unwrap();
    Staffed {
        organisation,
        people,
        founder,
    }
}

/// Gives a person a passphrase and a recovery code, as their browser would.
fn lock(
    app: &App,
    person: &mut Person,
    deployment: [u8; 16],
    rng: &mut StdRng,
) -> (Vec<u8>, Vec<u8>) {
    let passphrase = format!("{:016x}", rng.random::<u64>());
    let unlock = Unlock::new(&passphrase, &members::salt(&app.keyring, &person.account));
    let member = person.id.bytes();
    let whose = Whose { deployment, member };
    let code = rng.random();
    person.auth = *unlock.auth();
    person.secrets = Some((passphrase, code));
    let root = &person.root;
    (
        root.seal(&unlock, &whose, rng),
        root.seal_recovery(&code, &whose, rng),
    )
}

impl City {
    /// On the embedded database, whose file a test may read past the server.
    pub(crate) async fn on_sqlite() -> Self {
        Self::new(None, Locked::Not).await
    }
}
