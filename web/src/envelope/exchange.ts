// The exchange: one constant form for everything the page asks.
import { type Bytes, Reader, Refused, concat, isZero, padded, u32, u8, utf8 } from "./bytes";
import { keyId, sender } from "./kem";
import { BOX } from "./letterbox";
import { RECORD, TIP } from "./record";
import * as sealed from "./sealed";
import { IDENTITY_STATEMENT } from "./statement";
import { WRAP } from "./wrap";

export const EXCHANGE = 32768;
/** Bytes of a request that carries a chunk of a file; its answer is as long as any other. */
export const CHUNK_EXCHANGE = 264192;
/** Bytes of the plain text of an answer. */
export const ANSWER = EXCHANGE - sealed.OVERHEAD;
/** What a request adds: its head, the encapsulation, a tag. */
const AROUND = 16 + 1120 + 16;
export const MOST_RECORDS = 7;
export const Operation = { Cover: 0, Submit: 1, Fetch: 2, Post: 3, Older: 4, Chunk: 5 } as const;
export const Outcome = { Stored: 0, ReceiptTaken: 1, KeysStale: 2, Refused: 3, NoRoom: 4 } as const;

export interface Submit { auth: Bytes; logEntry: Bytes; organisation: Bytes; commit: Bytes; box: Bytes; wraps: Bytes[]; tip: Bytes }

export const submitBody = (s: Submit): Bytes =>
  concat(s.auth, new Uint8Array(72), s.logEntry, s.organisation, s.commit, s.box, u8(s.wraps.length), ...s.wraps, s.tip);
export const postBody = (auth: Bytes, records: readonly Bytes[]): Bytes => concat(auth, u8(records.length), ...records);
export const olderBody = (auth: Bytes, side: number, before: number): Bytes => concat(auth, u8(side), u32(before));

export const chunkBody = (auth: Bytes, file: Bytes, index: number, count: number, chunk: Bytes): Bytes =>
  concat(auth, file, u32(index), u32(count), chunk);

export interface SealedRequest {
  bytes: Bytes;
  open(answer: Bytes): Bytes;
}

export async function sealRequest(operation: number, urgent: boolean, body: Bytes, intake: Bytes): Promise<SealedRequest> {
  const length = (operation === Operation.Chunk ? CHUNK_EXCHANGE : EXCHANGE) - AROUND;
  const inside = padded(concat(u8(operation), u8(urgent ? 1 : 0), u8(0), u8(0), u32(body.length), body), length);
  const aad = concat(u8(1), keyId(intake).slice(0, 15));
  const context = await sender(intake, utf8("shudong/1 exchange"));
  const key = await context.export(utf8("shudong/1 response"));
  const bytes = concat(aad, context.enc, await context.seal(inside, aad));
  return { bytes, open: (answer) => openAnswer(answer, key) };
}

function openAnswer(answer: Bytes, key: Bytes): Bytes {
  if (answer.length !== EXCHANGE) throw new Refused("length");
  return sealed.open(key, new Uint8Array(0), answer);
}

export function parseOutcome(answer: Bytes): { outcome: number; hour: number } {
  const r = new Reader(answer);
  const outcome = r.upTo(4);
  const hour = r.u32();
  r.zeros(); // No receipt for the log yet: its length is 0.
  return { outcome, hour };
}

export interface Status {
  case: Bytes; stage: number; urgent: boolean; duty: number; due: number; seenHour: number; nowHour: number; today: number;
  acknowledgeDays: number; investigateDays: number; identities: Bytes[];
}
export interface Fetched { status: Status; box: Bytes; tip: Bytes; records: Bytes[] }

/** Null for a code that opens nothing. */
export function parseFetched(answer: Bytes): Fetched | null {
  const r = new Reader(answer);
  if (!r.flag()) {
    r.zeros();
    return null;
  }
  const s = new Reader(r.take(1024));
  const id = s.take(16);
  const stage = s.upTo(5);
  s.flag(); // Escalated: nothing is shown of it yet.
  const status: Status = {
    case: id, stage, urgent: s.flag(), duty: s.upTo(2), due: s.u32(), seenHour: s.u32(), nowHour: s.u32(), today: s.u32(),
    acknowledgeDays: s.u8(), investigateDays: s.u8(), identities: s.counted(6, IDENTITY_STATEMENT),
  };
  s.zeros();
  const box = r.take(BOX);
  // A wrap would carry a new generation of the case key, which this version does not know.
  if (!isZero(r.take(WRAP))) throw new Refused("padding");
  const fetched = { status, box, tip: r.take(TIP), records: r.counted(4, RECORD) };
  r.zeros();
  return fetched;
}

export function parseOlder(answer: Bytes): Bytes[] {
  const r = new Reader(answer);
  const records = r.counted(MOST_RECORDS, RECORD);
  r.zeros();
  return records;
}
