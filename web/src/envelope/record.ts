// Records: what is said in a case, signed inside and sealed outside.
import { type Bytes, Reader, Refused, concat, equal, padded, text, u32, u8, utf8 } from "./bytes";
import { hash, kdf } from "./kdf";
import { PUBLIC_KEY } from "./kem";
import * as sealed from "./sealed";
import { sign, verify } from "./sign";
import { MEMBER_STATEMENT, type Member, member } from "./statement";

export const HEAD = 88;
export const TIP = 11392;
export const RECORD = 4224;
export const Kind = { Tip: 1, Message: 2, Appeal: 3, Note: 4, Step: 5, Files: 6, Key: 7 } as const;
export const Side = { Reporter: 0, Committee: 1, Dossier: 2, Server: 3 } as const;
/** The chain that a side writes: the server seals for a reporter without script, in the reporter's chain. */
export const chainOf = (side: number): number => (side === Side.Server ? Side.Reporter : side);
const NOTHING = 0xffffffff;

export interface Head { kind: number; side: number; generation: number; seq: number; deployment: Bytes; case: Bytes; object: Bytes; prev: Bytes }
export interface Seen { seq: number; hash: Bytes }
export const SEEN_NOTHING: Seen = { seq: NOTHING, hash: new Uint8Array(32) };

const size = (kind: number): number => (kind === Kind.Tip ? TIP : RECORD);

/** Bytes of JSON that fit into a record of that kind and side. */
export function room(kind: number, side: number): number {
  const preface = kind === Kind.Tip ? 32 + PUBLIC_KEY : (chainOf(side) === Side.Reporter ? 0 : MEMBER_STATEMENT) + 36;
  return size(kind) - HEAD - sealed.OVERHEAD - 64 - preface - 4;
}

/** Bytes of a message's JSON for all but its text: version, day, name, flags. */
const BESIDE_TEXT = 200;

/** A text in pieces that each fit into one message of that side. */
export function inPieces(whole: string, side: number): string[] {
  const most = room(Kind.Message, side) - BESIDE_TEXT;
  const done: string[] = [];
  let [piece, bytes] = ["", 2];
  for (const character of whole) {
    const more = utf8(JSON.stringify(character)).length - 2;
    if (bytes + more > most) {
      done.push(piece);
      [piece, bytes] = ["", 2];
    }
    piece += character;
    bytes += more;
  }
  return [...done, piece];
}

const headBytes = (h: Head): Bytes =>
  concat(u8(1), u8(h.kind), u8(h.side), u8(h.generation), u32(h.seq), h.deployment, h.case, h.object, h.prev);

export function headOf(record: Bytes): Head {
  const r = new Reader(record);
  if (r.u8() !== 1) throw new Refused("version");
  const kind = r.u8();
  const side = r.u8();
  if (kind < 1 || kind > 7 || side > 3) throw new Refused("version");
  if (record.length !== size(kind)) throw new Refused("length");
  return { kind, side, generation: r.u8(), seq: r.u32(), deployment: r.take(16), case: r.take(16), object: r.take(16), prev: r.take(32) };
}

export const tipPreface = (signing: Bytes, kem: Bytes): Bytes => concat(signing, kem);
const seenBytes = (seen: Seen): Bytes => concat(u32(seen.seq), seen.hash);
export const reporterPreface = seenBytes;
export const memberPreface = (statement: Bytes, seen: Seen): Bytes => concat(statement, seenBytes(seen));

export function sealRecord(head: Head, preface: Bytes, content: unknown, author: Bytes, key: Bytes): Bytes {
  const json = utf8(JSON.stringify(content));
  const clear = headBytes(head);
  const rest = padded(concat(preface, u32(json.length), json), size(head.kind) - HEAD - sealed.OVERHEAD - 64);
  const signature = sign(author, "record", concat(clear, rest));
  return concat(clear, sealed.seal(kdf(key, "record"), clear, concat(signature, rest)));
}

export interface Opened {
  head: Head;
  tip: { signing: Bytes; kem: Bytes } | null;
  statement: Bytes | null;
  seen: Seen;
  content: unknown;
  signature: Bytes;
  signed: Bytes;
}

/** Opens a record. Its author is not verified yet. */
export function openRecord(record: Bytes, key: Bytes): Opened {
  const head = headOf(record);
  const clear = record.slice(0, HEAD);
  const plain = sealed.open(kdf(key, "record"), clear, record.slice(HEAD));
  const r = new Reader(plain);
  const signature = r.take(64);
  const isTip = head.kind === Kind.Tip;
  const reporters = chainOf(head.side) === Side.Reporter;
  if (isTip !== (head.seq === 0 && reporters)) throw new Refused("version");
  const tip = isTip ? { signing: r.take(32), kem: r.take(PUBLIC_KEY) } : null;
  const statement = reporters ? null : r.take(MEMBER_STATEMENT);
  const seen = isTip ? SEEN_NOTHING : { seq: r.u32(), hash: r.take(32) };
  const json = r.take(r.u32());
  r.zeros();
  let content: unknown;
  try {
    content = JSON.parse(text(json));
  } catch {
    throw new Refused("version");
  }
  // `null` and lists are JSON too, but nothing that a record says.
  if (typeof content !== "object" || content === null || Array.isArray(content)) throw new Refused("version");
  return { head, tip, statement, seen, content, signature, signed: concat(clear, plain.slice(64)) };
}

/** Whether `author` signed it. */
export const signedBy = (opened: Opened, author: Bytes): void =>
  verify(author, "record", opened.signed, opened.signature);

/** The member of the organisation with that identity key who signed it. */
export function signedByMember(opened: Opened, identityKey: Bytes, organisation: Bytes): Member {
  if (!opened.statement) throw new Refused("thread");
  const author = member(opened.statement, identityKey);
  if (!equal(author.deployment, opened.head.deployment) || !equal(author.organisation, organisation)) throw new Refused("statement");
  signedBy(opened, author.signing);
  return author;
}

/** The same under whichever of an organisation's identity keys named the member. */
export function signedByAnyMember(opened: Opened, identityKeys: readonly Bytes[], organisation: Bytes): Member {
  let refused: unknown = new Refused("signature");
  for (const key of identityKeys) {
    try {
      return signedByMember(opened, key, organisation);
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

/** One side's chain: numbers without gaps, each naming the hash of the one before. */
export class Chain {
  next = 0;
  prev: Bytes = new Uint8Array(32);
  constructor(private readonly id: Bytes) {}

  static after(record: Bytes): Chain {
    const head = headOf(record);
    const chain = new Chain(head.case);
    chain.next = head.seq + 1;
    chain.prev = hash(record);
    return chain;
  }

  take(record: Bytes): void {
    const head = headOf(record);
    if (!equal(head.case, this.id) || head.seq !== this.next || !equal(head.prev, this.prev)) throw new Refused("thread");
    this.next += 1;
    this.prev = hash(record);
  }

  seen(): Seen {
    return this.next === 0 ? SEEN_NOTHING : { seq: this.next - 1, hash: this.prev };
  }
}
