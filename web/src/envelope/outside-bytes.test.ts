// Every parser of bytes from outside, over any bytes and over good ones with something changed: it parses or
// refuses, and never fails otherwise.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Bytes, Refused, concat, equal, u32 } from "./bytes";
import { ANSWER, parseFetched, parseOlder, parseOutcome } from "./exchange";
import { kdf } from "./kdf";
import { KEYS, verifyKeys } from "./keys-document";
import { BOX, openBox, sealBox } from "./letterbox";
import { isReceipt, newReceipt } from "./receipt";
import { HEAD, Kind, RECORD, Side, TIP, headOf, openRecord, reporterPreface, sealRecord } from "./record";
import * as sealed from "./sealed";
import * as statement from "./statement";

const KEY = new Uint8Array(32).fill(3);
const ID = new Uint8Array(16).fill(2);

const anyBytes = (maxLength: number): fc.Arbitrary<Bytes> => fc.uint8Array({ maxLength }).map((bytes) => bytes);
/** Bytes of one length: those given, then zeros, as a parser of a constant form meets them. */
const formed = (length: number, most = 600): fc.Arbitrary<Bytes> =>
  anyBytes(most).map((head) => {
    const whole = new Uint8Array(length);
    whole.set(head.slice(0, length));
    return whole;
  });

/** What `parse` says of bytes: its value, or null if it refused. Anything else thrown fails the test. */
function parsed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

test("answers", () => {
  fc.assert(fc.property(fc.oneof(anyBytes(300), formed(ANSWER)), (bytes) => {
    parsed(() => parseFetched(bytes));
    parsed(() => parseOlder(bytes));
    parsed(() => parseOutcome(bytes));
  }));
});

test("a keys document", () => {
  const code = "22222222";
  fc.assert(fc.property(fc.oneof(anyBytes(300), formed(KEYS)), (bytes) => {
    expect(parsed(() => verifyKeys(bytes, code, null)), "nobody signed these").toBeNull();
  }));
});

test("statements", () => {
  const readers = [statement.identity, statement.epoch, statement.member, statement.roster, statement.handover, statement.service, statement.intake];
  fc.assert(fc.property(anyBytes(260), (bytes) => {
    for (const read of readers) expect(parsed(() => read(bytes, KEY))).toBeNull();
    parsed(() => statement.claimedIdentity(bytes));
    parsed(() => statement.claimedHandover(bytes));
  }));
});

test("heads and records that nobody sealed", () => {
  fc.assert(fc.property(fc.oneof(anyBytes(200), formed(RECORD), formed(TIP)), (bytes) => {
    parsed(() => headOf(bytes));
    expect(parsed(() => openRecord(bytes, KEY))).toBeNull();
  }));
});

test("records in which a holder wrote anything", () => {
  const inside = RECORD - HEAD - sealed.OVERHEAD;
  fc.assert(fc.property(formed(HEAD, HEAD), formed(inside, inside), fc.nat(4200), fc.constantFrom(0, 1, 2), (head, plain, length, side) => {
    head.set([1, Kind.Message, side]);
    // Where a letter of the reporter's, or of a member's, has its length.
    const at = side === 0 ? 100 : 285;
    plain.set(u32(length), at);
    plain.fill(0, at + 4 + length);
    parsed(() => openRecord(concat(head, sealed.seal(kdf(KEY, "record"), head, plain)), KEY));
  }));
});

test("a record says what was sealed, and no flipped bit opens", () => {
  const head = { kind: Kind.Message, side: Side.Reporter, generation: 0, seq: 1, deployment: ID, case: ID, object: ID, prev: KEY };
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.nat(RECORD * 8 - 1), (text, bit) => {
    const record = sealRecord(head, reporterPreface({ seq: 0, hash: KEY }), { v: 1, text }, KEY, KEY);
    expect((openRecord(record, KEY).content as { text: string }).text).toBe(text);
    record[bit >> 3] = (record[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(parsed(() => openRecord(record, KEY))).toBeNull();
  }), { numRuns: 40 });
});

test("boxes", () => {
  fc.assert(fc.property(formed(BOX, BOX), fc.nat(0xffffffff), fc.boolean(), (bytes, epoch, pinned) => {
    expect(parsed(() => openBox(bytes, KEY, ID, ID))).toBeNull();
    const box = { key: KEY, organisation: ID, root: KEY, identity: KEY, epoch, pinned };
    const opened = openBox(sealBox(box, KEY, ID, ID), KEY, ID, ID);
    expect([opened.epoch, opened.pinned, equal(opened.key, KEY)]).toEqual([epoch, pinned, true]);
  }));
});

test("receipts", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    expect(isReceipt(text) && !/^[0-9]{20}$/.test(text)).toBe(false);
  }));
  fc.assert(fc.property(fc.nat(19), fc.integer({ min: 1, max: 9 }), (at, by) => {
    const good = newReceipt();
    const slipped = (Number(good[at]) + by) % 10;
    expect(isReceipt(good)).toBe(true);
    expect(isReceipt(good.slice(0, at) + String(slipped) + good.slice(at + 1))).toBe(false);
  }));
});
