// Signed statements: who speaks for whom, and until when. Statement = body | signature 64.
import { type Bytes, Reader, Refused, concat } from "./bytes";
import { hash } from "./kdf";
import { verify } from "./sign";

const BODY = { identity: 89, epoch: 140, member: 121, roster: 68, handover: 64, service: 56, intake: 56 };
type Name = keyof typeof BODY;

export const MEMBER_STATEMENT = BODY.member + 64;
export const IDENTITY_STATEMENT = BODY.identity + 64;
export const EPOCH_DAYS = 90;
/** The words of a committee's roles, by their codes, as a tip's `exclude` names them. */
export const ROLE_WORDS = [
  "", "chair", "legal-vice-principal", "teacher", "psychology-teacher", "counsellor", "staff", "community", "parent",
  "expert", "youth-league", "student",
];

export interface Identity { deployment: Bytes; parent: Bytes; child: Bytes; level: number; serial: number; until: number; key: Bytes }
export interface Epoch { deployment: Bytes; organisation: Bytes; epoch: number; from: number; until: number; keyHash: Bytes; membersHash: Bytes; previous: Bytes }
export interface Member { deployment: Bytes; organisation: Bytes; member: Bytes; role: number; epoch: number; until: number; signing: Bytes; kemHash: Bytes }
export interface Roster { deployment: Bytes; organisation: Bytes; until: number; membersHash: Bytes }
export interface Handover { deployment: Bytes; organisation: Bytes; key: Bytes }
export interface Dated { deployment: Bytes; key: Bytes; from: number; until: number }

/** A statement's body, its signature unread. */
function claimed(name: Name, statement: Bytes): Reader {
  if (statement.length !== BODY[name] + 64) throw new Refused("length");
  return new Reader(statement);
}

function checked(name: Name, statement: Bytes, signer: Bytes): Reader {
  const reader = claimed(name, statement);
  verify(signer, name, statement.slice(0, BODY[name]), statement.slice(BODY[name]));
  return reader;
}

function readIdentity(r: Reader): Identity {
  return { deployment: r.take(16), parent: r.take(16), child: r.take(16), level: r.u8(), serial: r.u32(), until: r.u32(), key: r.take(32) };
}

export const identity = (bytes: Bytes, signer: Bytes): Identity => readIdentity(checked("identity", bytes, signer));

/** What an identity says of itself, unverified: only to find the key by which the root signs itself. */
export const claimedIdentity = (bytes: Bytes): Identity => readIdentity(claimed("identity", bytes));

export function epoch(bytes: Bytes, signer: Bytes): Epoch {
  const r = checked("epoch", bytes, signer);
  return {
    deployment: r.take(16), organisation: r.take(16), epoch: r.u32(), from: r.u32(), until: r.u32(),
    keyHash: r.take(32), membersHash: r.take(32), previous: r.take(32),
  };
}

function readMember(r: Reader): Member {
  return {
    deployment: r.take(16), organisation: r.take(16), member: r.take(16), role: r.u8(), epoch: r.u32(),
    until: r.u32(), signing: r.take(32), kemHash: r.take(32),
  };
}

export const member = (bytes: Bytes, signer: Bytes): Member => readMember(checked("member", bytes, signer));

/** What a member's statement says, its signature unread: for who has the same signer's word for all of its bytes. */
export const claimedMember = (bytes: Bytes): Member => readMember(claimed("member", bytes));

export function roster(bytes: Bytes, signer: Bytes): Roster {
  const r = checked("roster", bytes, signer);
  return { deployment: r.take(16), organisation: r.take(16), until: r.u32(), membersHash: r.take(32) };
}

function readHandover(r: Reader): Handover {
  return { deployment: r.take(16), organisation: r.take(16), key: r.take(32) };
}

export const handover = (bytes: Bytes, signer: Bytes): Handover => readHandover(checked("handover", bytes, signer));

/** What a handover says, unverified: the key that signed the first of a row is known only to who still holds it. */
export const claimedHandover = (bytes: Bytes): Handover => readHandover(claimed("handover", bytes));

function dated(name: "service" | "intake", bytes: Bytes, signer: Bytes): Dated {
  const r = checked(name, bytes, signer);
  return { deployment: r.take(16), key: r.take(32), from: r.u32(), until: r.u32() };
}

export const service = (bytes: Bytes, signer: Bytes): Dated => dated("service", bytes, signer);
/** `key` is the hash of the intake key. */
export const intake = (bytes: Bytes, signer: Bytes): Dated => dated("intake", bytes, signer);

/** Over members in the order of ids, as a parent confirms them. */
export const rosterHash = (members: readonly Pick<Member, "member" | "role" | "signing" | "kemHash">[]): Bytes =>
  hash(concat(...members.map((m) => concat(m.member, Uint8Array.of(m.role), m.signing, m.kemHash))));
