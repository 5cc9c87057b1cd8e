//! The API's types. Bytes are base64 (standard alphabet, padded), ids 32 hexadecimal digits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::failure::Failure;

/// Bytes in base64.
pub(super) fn b64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes from base64.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    STANDARD.decode(text).map_err(|_| Failure::Malformed)
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// `/problems/` and a stable word.
    r#type: String,
    title: String,
    status: u16,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaltRequest {
    pub(super) account: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Salt {
    pub(super) salt: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    pub(super) account: String,
    /// 32 bytes.
    pub(super) auth: String,
}

/// Who is signed in, and what their browser needs.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// To be sent as `X-CSRF` with every change.
    pub(super) csrf: String,
    pub(super) deployment: String,
    /// Days since 1970 in the city's zone.
    pub(super) today: u32,
    pub(super) refresh_seconds: u32,
    pub(super) idle_seconds: u32,
    pub(super) limits: Limits,
    pub(super) member: Member,
    pub(super) organisation: Organisation,
    pub(super) above: Vec<Above>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Limits {
    pub(super) acknowledge_days: u32,
    pub(super) investigate_days: u32,
    /// Who confirmed them and when; empty while nobody has.
    pub(super) confirmed: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: String,
    pub(super) role: u8,
    /// Newest `member` statement, 185 bytes.
    pub(super) statement: String,
    /// The root, sealed under the passphrase.
    pub(super) sealed_root: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Organisation {
    pub(super) id: String,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) level: u8,
    pub(super) colleagues: Vec<Colleague>,
    /// `identity` statements from the city down.
    pub(super) chain: Vec<String>,
    /// Newest first.
    pub(super) epochs: Vec<Epoch>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Colleague {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: u8,
    /// X-Wing key, 1,216 bytes.
    pub(super) kem: String,
    /// Newest `member` statement, 185 bytes; absent until the next epoch names a newcomer. A browser
    /// wraps nothing to a key that no statement names.
    pub(super) statement: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Epoch {
    pub(super) epoch: u32,
    pub(super) statement: String,
    /// The `member` statements that the epoch's own names by their hash, by id.
    pub(super) members: Vec<String>,
    pub(super) public_key: String,
    /// The seed wrapped to this member (purpose 3); absent if they came later.
    pub(super) wrap: Option<String>,
    /// The previous seed sealed under this one.
    pub(super) back: Option<String>,
}

/// A level above, for the dossier's upper wraps.
#[derive(Serialize, ToSchema)]
pub(super) struct Above {
    pub(super) r#use: u8,
    pub(super) name: String,
    pub(super) public_key: String,
    /// Its `epoch` statement, to be verified under its identity in the organisation's chain.
    pub(super) statement: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Inbox {
    pub(super) today: u32,
    pub(super) cases: Vec<CaseSummary>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Due {
    /// `acknowledge` or `investigate`.
    pub(super) duty: String,
    /// Last day.
    pub(super) day: u32,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Head {
    pub(super) side: u8,
    pub(super) seq: u32,
}

/// A case in an inbox.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseSummary {
    pub(super) id: String,
    /// 0 delivered … 5 closed.
    pub(super) stage: u8,
    pub(super) urgent: bool,
    /// Day at which desks saw it.
    pub(super) seen_day: u32,
    pub(super) due: Option<Due>,
    /// Commitment of the case key.
    pub(super) commit: String,
    /// The wrap this member can open.
    pub(super) wrap: String,
    /// Key ids of all holders, hexadecimal.
    pub(super) holders: Vec<String>,
    /// This member's resealed case key.
    pub(super) cache: Option<String>,
    /// The tip record.
    pub(super) tip: String,
    /// The committee's newest record; what it has seen tells whether the reporter waits for an answer.
    pub(super) answer: Option<String>,
    /// The reporter's newest later records, at most seven: whether it got worse since.
    pub(super) said: Vec<String>,
    pub(super) heads: Vec<Head>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Case {
    pub(super) summary: CaseSummary,
    /// All records but the tip, by side and number.
    pub(super) records: Vec<Record>,
    pub(super) dossier: Option<Dossier>,
    pub(super) seen_by: Vec<Look>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Record {
    pub(super) side: u8,
    pub(super) seq: u32,
    pub(super) day: u32,
    pub(super) bytes: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Dossier {
    /// Commitment of its key; it counts only once a signed `key` record says the same.
    pub(super) commit: String,
    /// The wrap this member can open.
    pub(super) wrap: String,
    /// This member's resealed dossier key.
    pub(super) cache: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Look {
    pub(super) day: u32,
    pub(super) member: String,
    pub(super) name: String,
    /// listed, opened, replied, noted, stage, dossier or evidence.
    pub(super) act: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptKey {
    /// Whether it is the dossier's key.
    pub(super) dossier: bool,
    /// The key, sealed under the member's own.
    pub(super) sealed: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Records {
    /// At most 16 records of one side, in order.
    pub(super) records: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDossier {
    /// Commitment of the dossier key, 32 bytes.
    pub(super) commit: String,
    /// For the case's holders, then the levels above.
    pub(super) wraps: Vec<String>,
    /// The signed `key` record.
    pub(super) record: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStage {
    pub(super) stage: u8,
    /// The signed `step` record.
    pub(super) record: String,
}
