// What the Rust side wrote opens here; what this side writes (`npm run vectors`) opens there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { argon2id as plainArgon2id } from "../engine/plain";
import { argon2id } from "../engine/wasm";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, Refused, concat, fromHex, hex, isZero, label, padded, u32, u8, utf8 } from "./bytes";
import { caseId, commitOf, committed } from "./case";
import { CHUNK, openChunk, rounded, sealChunk } from "./evidence";
import { ANSWER, CHUNK_EXCHANGE, Operation, chunkBody, sealRequest } from "./exchange";
import { DAY, Town, documentOf, fill, signed } from "./fixture";
import { hash, kdf } from "./kdf";
import * as kem from "./kem";
import { KEYS, pin, verifyKeys } from "./keys-document";
import { openBox, sealBox } from "./letterbox";
import { openRoot, unlock } from "./member";
import { isReceipt, newReceipt, receiptKeys } from "./receipt";
import {
  Kind, RECORD, SEEN_NOTHING, Side, TIP, chainOf, headOf, memberPreface, openRecord, reporterPreface, sealRecord, signedBy, signedByMember, tipPreface,
} from "./record";
import { type ChunkVector, REQUIRED_REFUSALS, type Refusal, SMALL_ORDER_SHARES, chunkOf, chunkPlace, verdict, writtenRefusals } from "./refusals.fixture";
import * as sealed from "./sealed";
import { publicOf } from "./sign";
import * as statement from "./statement";
import { Purpose, unwrap, wrap } from "./wrap";

/** Every kind of vector that must be on disk, from either side. */
const REQUIRED = ["receipt", "unlock", "case", "pin", "wraps", "box", "statements", "keys", "records", "exchange", "chunk", "counts", "refusals"];
const STATEMENTS = ["identity", "epoch", "member", "roster", "handover", "service", "intake"] as const;
/** Purpose and use. */
const WRAPS = [[1, 0], [1, 1], [1, 2], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 0]] as const;
/** Kind and side; all that are named. */
const RECORDS = [[1, 0], [2, 0], [3, 0], [6, 0], [2, 1], [6, 1], [7, 1], [4, 2], [5, 2], [7, 2], [1, 3], [2, 3]] as const;

interface Vectors {
  statements: { name: (typeof STATEMENTS)[number]; statement: string; signer: string; says: Record<string, string | number> }[];
  keys: Record<string, string | number | boolean>; refusals: Refusal[]; row?: Record<string, string>;
  receipt: Record<string, string>; unlock: Record<string, string>; case: Record<string, string>; pin: Record<string, string>;
  wraps: (Record<string, string> & { purpose: number; use: number })[]; box: Record<string, string>;
  records: Record<string, string>[]; exchange: Record<string, string>; chunk: ChunkVector; counts: number[];
}

const folder = path.resolve("../tests/vectors");
const RECEIPT_KEYS = ["auth", "box", "sign", "kem", "leaf", "blind"] as const;
const h = (vector: Record<string, unknown>, name: string): Bytes => fromHex(String(vector[name]));

function reasonOf(deed: () => unknown): string {
  try {
    deed();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "accepted";
}

/** What a statement says, named as in the vectors. */
function said(name: (typeof STATEMENTS)[number], bytes: Bytes, signer: Bytes): Record<string, unknown> {
  const entries = Object.entries(statement[name](bytes, signer)).map(([key, value]) => [
    name === "intake" && key === "key" ? "key_hash" : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value instanceof Uint8Array ? hex(value) : (value as number),
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

async function openAll(v: Vectors): Promise<void> {
  for (const kind of REQUIRED) expect(Object.keys(v)).toContain(kind);
  expect(v.statements.map((one) => one.name)).toEqual(STATEMENTS);
  expect(v.wraps.map((one) => [one.purpose, one.use])).toEqual(WRAPS);
  expect(v.records.map((one) => headOf(h(one, "record"))).map((head) => [head.kind, head.side])).toEqual(RECORDS);
  expect(v.refusals.map((one) => one.what)).toEqual(REQUIRED_REFUSALS);
  expect(isReceipt(v.receipt.digits ?? "")).toBe(true);
  const keys = await receiptKeys(v.receipt.digits ?? "", h(v.receipt, "deployment"), argon2id);
  for (const name of RECEIPT_KEYS) expect(hex(keys(name))).toBe(v.receipt[name]);

  const by = await unlock(v.unlock.passphrase ?? "", h(v.unlock, "salt"), argon2id);
  expect(hex(by.auth)).toBe(v.unlock.auth);
  const member = openRoot(h(v.unlock, "sealed"), by, h(v.unlock, "deployment"), h(v.unlock, "member"));
  expect([hex(member.kem), hex(publicOf(member.sign))]).toEqual([v.unlock.kem, v.unlock.signing_public]);

  const key = committed(h(v.case, "key"), h(v.case, "commit"));
  expect(reasonOf(() => committed(new Uint8Array(32), h(v.case, "commit")))).toBe("commitment");
  expect(hex(caseId(h(v.case, "deployment"), h(v.case, "organisation"), h(v.case, "reporter"), commitOf(key)))).toBe(v.case.id);
  expect(hex(pin(h(v.pin, "root"), h(v.pin, "school")))).toBe(v.pin.pin);

  for (const one of v.wraps) {
    const context = {
      purpose: one.purpose, deployment: h(one, "deployment"), object: h(one, "object"), generation: 0, use: one.use, commit: h(one, "commit"),
    };
    const publicKey = await kem.publicOf(h(one, "seed"));
    expect(hex(publicKey)).toBe(one.public);
    expect(hex(await unwrap(h(one, "wrap"), h(one, "seed"), publicKey, context))).toBe(one.key);
    const moved = { ...context, object: new Uint8Array(16) };
    await expect(unwrap(h(one, "wrap"), h(one, "seed"), publicKey, moved)).rejects.toMatchObject({ reason: "sealed" });
  }
  const box = openBox(h(v.box, "box"), h(v.box, "key"), h(v.box, "deployment"), h(v.box, "case"));
  expect([hex(box.key), box.epoch, box.pinned]).toEqual([v.box.inside, 7, true]);
  for (const one of v.statements) {
    expect(said(one.name, h(one, "statement"), h(one, "signer"))).toEqual(one.says);
    expect(reasonOf(() => statement[one.name](h(one, "statement"), publicOf(new Uint8Array(32))))).toBe("signature");
  }
  const verified = verifyKeys(padded(h(v.keys, "document"), KEYS), String.fromCharCode(...h(v.keys, "code")), h(v.keys, "pin"));
  expect([verified.day, verified.holder, verified.members.length, verified.rosterValid, hex(verified.intake)])
    .toEqual([v.keys.day, v.keys.holder, v.keys.members, v.keys.roster_valid, v.keys.intake]);
  for (const one of v.refusals) expect([one.what, await verdict(one, v)]).toEqual([one.what, one.reason]);
  if (v.row) {
    // Only the service seals rows, but whoever writes another one needs the bytes.
    const key = kdf(concat(h(v.row, "generation"), h(v.row, "shred")), "row");
    const prefixed = (name: string): Bytes => concat(u32(h(v.row ?? {}, name).length), h(v.row ?? {}, name));
    const opened = sealed.open(key, concat(prefixed("table"), prefixed("column"), prefixed("row")), h(v.row, "sealed").slice(1));
    expect([hex(key), hex(opened)]).toEqual([v.row.key, v.row.plain]);
  }
  for (const one of v.records) {
    const opened = openRecord(h(one, "record"), h(one, "key"));
    expect(JSON.stringify(opened.content)).toBe(one.text);
    if (one.author) signedBy(opened, h(one, "author"));
    else signedByMember(opened, h(one, "identity"), h(one, "organisation"));
    expect(reasonOf(() => signedBy(opened, publicOf(new Uint8Array(32))))).toBe("signature");
    for (const at of [4, 7, 24, 60, 100]) {
      const flipped = h(one, "record");
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(reasonOf(() => openRecord(flipped, h(one, "key")))).toBe("sealed");
    }
    expect(reasonOf(() => openRecord(h(one, "record").slice(1), h(one, "key")))).not.toBe("accepted");
  }
  const request = h(v.exchange, "request");
  const info = utf8("shudong/1 exchange");
  const inside = await kem.open(h(v.exchange, "seed"), request.slice(16, 1136), info, request.slice(1136), request.slice(0, 16));
  expect(hex(inside.slice(0, 8))).toBe("0201000000000020");
  expect(hex(inside.slice(8, 40))).toBe(v.exchange.auth);
  const key_ = await answerKey(h(v.exchange, "seed"), request);
  const answer = sealed.open(key_, new Uint8Array(0), h(v.exchange, "answer"));
  expect([answer.length, hex(answer.slice(0, 4)), isZero(answer.slice(4))]).toEqual([ANSWER, `${v.exchange.plain ?? ""}00`, true]);
  expect(v.counts).toEqual(COUNTED.map(rounded));
  const chunk = chunkOf(v.chunk);
  expect(hex(hash(chunk))).toBe(v.chunk.hash);
  const opened = openChunk(fromHex(v.chunk.key), chunkPlace(v.chunk), chunk);
  expect([opened.length, hex(opened).replace(/(00)+$/, "")]).toEqual([CHUNK, v.chunk.plain]);
}

/** Chunks that a file of up to 50 MiB fills. */
const COUNTED = Array.from({ length: 200 }, (_, n) => n + 1);

/** The key that the service derives for the answer; the page derives its own while sealing. */
async function answerKey(seed: Bytes, request: Bytes): Promise<Bytes> {
  const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const recipientKey = await suite.kem.deserializePrivateKey(seed.slice().buffer);
  const context = await suite.createRecipientContext({ recipientKey, enc: request.slice(16, 1136).buffer, info: utf8("shudong/1 exchange").buffer });
  return new Uint8Array(await context.export(utf8("shudong/1 response").buffer, 32));
}

const readVectors = (name: string): Vectors => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Vectors;

test("what the Rust side wrote opens here", async () => {
  const vectors = readVectors("rust.json");
  expect(vectors.row).toBeDefined();
  await openAll(vectors);
});

test("what this side wrote opens here", async () => {
  const file = path.join(folder, "ts.json");
  if (process.env.SHUDONG_WRITE_VECTORS) writeFileSync(file, `${JSON.stringify(await written(), null, 1)}\n`);
  expect(existsSync(file)).toBe(true);
  await openAll(readVectors("ts.json"));
});

test("all fourteen shares of small order are refused, in keys and in encapsulations", async () => {
  const good = await kem.publicOf(new Uint8Array(32).fill(7));
  expect(reasonOf(() => kem.checkedKey(good))).toBe("accepted");
  expect(new Set(SMALL_ORDER_SHARES).size).toBe(14);
  for (const share of SMALL_ORDER_SHARES.map(fromHex)) {
    expect(reasonOf(() => kem.checkedKey(concat(good.slice(0, 1184), share)))).toBe("weak-key");
    const enc = concat(new Uint8Array(1088), share);
    await expect(kem.open(new Uint8Array(32), enc, u8(0), u8(0), u8(0))).rejects.toMatchObject({ reason: "weak-key" });
  }
});

test("a chunk's request has its own length, and carries nothing else", async () => {
  const intake = await kem.publicOf(fill(7, 32));
  const chunk = sealChunk(fill(1, 32), { deployment: fill(2), case: fill(3), file: fill(4), index: 0, count: 1 }, fill(5, 9));
  const sent = await sealRequest(Operation.Chunk, false, chunkBody(fill(6, 32), fill(4), 0, 1, chunk), intake);
  expect([sent.bytes.length, CHUNK_EXCHANGE]).toEqual([264192, 264192]);
  expect((await sealRequest(Operation.Cover, false, fill(0, 0), intake)).bytes.length).toBe(32768);
  await expect(sealRequest(Operation.Post, false, chunk, intake)).rejects.toMatchObject({ reason: "length" });
});

test("padding that is not zero is refused, and lengths are the protocol's", () => {
  const key = new Uint8Array(32).fill(1);
  const head = { kind: Kind.Message, side: Side.Reporter, generation: 0, seq: 1, deployment: key.slice(16), case: key.slice(16), object: key.slice(16), prev: key };
  const record = sealRecord(head, reporterPreface(SEEN_NOTHING), { v: 1 }, key, key);
  expect(record.length).toBe(RECORD);
  const clear = record.slice(0, 88);
  const plain = sealed.open(kdf(key, "record"), clear, record.slice(88));
  plain[plain.length - 1] = 1;
  const dirty = concat(clear, sealed.seal(kdf(key, "record"), clear, plain));
  expect(reasonOf(() => openRecord(dirty, key))).toBe("padding");
  expect(reasonOf(() => padded(new Uint8Array(3), 2))).toBe("length");
  expect(TIP).toBe(11392);
});

test("the engine without WebAssembly computes the same", async () => {
  const [secret, salt] = [utf8("0123456789012345678"), fill(15)];
  expect(hex(await plainArgon2id(secret, salt))).toBe(hex(await argon2id(secret, salt)));
});

async function written(): Promise<unknown> {
  const [deployment, organisation, memberId] = [fill(11), fill(12), fill(13)];
  const digits = newReceipt();
  const keys = await receiptKeys(digits, deployment, argon2id);
  const root = fill(14, 32);
  const passphrase = "树洞 ＣＤ３４";
  const by = await unlock(passphrase, fill(15), argon2id);
  const memberKem = kdf(root, "member kem");
  const memberSign = kdf(root, "member sign");
  const caseKey = fill(16, 32);
  const commit = commitOf(caseKey);
  const reporter = publicOf(keys("sign"));
  const id = caseId(deployment, organisation, reporter, commit);
  const seed = fill(17, 32);
  const publicKey = await kem.publicOf(seed);
  const identitySeed = fill(18, 32);
  const memberStatement = signed(identitySeed, "member", concat(deployment, organisation, memberId, u8(3), fill(0, 4), fill(0, 4), publicOf(memberSign), fill(19, 32)));
  const wraps = [];
  for (const [purpose, use] of WRAPS) {
    // Seeds belong to the organisation, and are committed to by their public key.
    const of: Record<number, [Bytes, Bytes, Bytes]> = {
      [Purpose.OrganisationSeed]: [seed, organisation, hash(publicKey)], [Purpose.IdentitySeed]: [identitySeed, organisation, hash(publicOf(identitySeed))],
    };
    const [key, object, commitment] = of[purpose] ?? [caseKey, id, commit];
    const context = { purpose, deployment, object, generation: 0, use, commit: commitment };
    wraps.push({
      purpose, use, deployment: hex(deployment), object: hex(object), commit: hex(commitment), seed: hex(seed), key: hex(key),
      public: hex(publicKey), wrap: hex(await wrap(key, publicKey, context)),
    });
  }
  const box = { key: caseKey, organisation, root: fill(20, 32), identity: publicOf(identitySeed), epoch: 7, pinned: true };
  const kemKey = await kem.publicOf(keys("kem"));
  const forms = RECORDS.map(([kind, side], i) => {
    const seq = RECORDS.slice(0, i).filter((one) => one[1] === side).length;
    const own = kind === Kind.Tip ? tipPreface(reporter, kemKey) : reporterPreface(SEEN_NOTHING);
    return [kind, side, seq, chainOf(side) === Side.Reporter ? own : memberPreface(memberStatement, SEEN_NOTHING)] as const;
  });
  const records = forms.map(([kind, side, seq, preface]) => {
    const head = { kind, side, generation: 0, seq, deployment, case: id, object: id, prev: fill(0, 32) };
    const content = { v: 1, text: `字${String(kind)}` };
    const record = sealRecord(head, preface, content, chainOf(side) === Side.Reporter ? keys("sign") : memberSign, caseKey);
    return {
      key: hex(caseKey), commit: hex(commit), record: hex(record), text: JSON.stringify(content),
      identity: hex(publicOf(identitySeed)), organisation: hex(organisation), ...(chainOf(side) === Side.Reporter ? { author: hex(reporter) } : {}),
    };
  });
  const town = new Town();
  const items = await town.items();
  const shown = (name: string): Bytes => items.find((item) => item.name === name)?.value ?? fill(0, 0);
  const [city, bureau, school] = [town.city, town.bureau, town.school].map((one) => one.seed) as [Bytes, Bytes, Bytes];
  const signers = { identity: city, epoch: city, member: school, roster: bureau, handover: school, service: city, intake: town.service };
  const statements = STATEMENTS.map((name) => {
    const bytes = name === "handover" ? town.handoverOf(town.school, school, fill(0xb1, 32)) : shown(name);
    const signer = publicOf(signers[name]);
    return { name, statement: hex(bytes), signer: hex(signer), says: said(name, bytes, signer) };
  });
  const request = await sealRequest(Operation.Fetch, true, fill(5, 32), publicKey);
  const plain = fill(3, 3);
  const answer = sealed.seal(await answerKey(seed, request.bytes), new Uint8Array(0), padded(plain, ANSWER));
  // The page's own key is the service's.
  expect(hex(request.open(answer).slice(0, 3))).toBe(hex(plain));
  const chunkAt = { deployment: hex(deployment), case: hex(id), file: hex(fill(22)), index: 2, count: 4 };
  const sealedChunk = sealChunk(fill(21, 32), chunkPlace(chunkAt), utf8("照片"));
  const chunk = { ...chunkAt, key: hex(fill(21, 32)), plain: hex(utf8("照片")), nonce: hex(sealedChunk.slice(0, 24)), hash: hex(hash(sealedChunk)) };
  const vectors = {
    written_by: "typescript", chunk, counts: COUNTED.map(rounded),
    receipt: { digits, deployment: hex(deployment), ...Object.fromEntries(RECEIPT_KEYS.map((name) => [name, hex(keys(name))])) },
    unlock: {
      passphrase, salt: hex(fill(15)), auth: hex(by.auth), deployment: hex(deployment), member: hex(memberId), kem: hex(memberKem),
      sealed: hex(sealed.seal(by.kek, concat(label("shudong/1 member root"), deployment, memberId), root)), signing_public: hex(publicOf(memberSign)),
    },
    case: { key: hex(caseKey), commit: hex(commit), deployment: hex(deployment), organisation: hex(organisation), reporter: hex(reporter), id: hex(id) },
    pin: { root: hex(fill(8, 32)), school: hex(fill(9, 32)), pin: hex(pin(fill(8, 32), fill(9, 32))) },
    wraps,
    box: { box: hex(sealBox(box, keys("box"), deployment, id)), key: hex(keys("box")), deployment: hex(deployment), case: hex(id), inside: hex(caseKey) },
    statements,
    // Without its zeros: filled up to 28,672 bytes.
    keys: {
      document: hex(documentOf(items)).replace(/(00)+$/, ""), code: hex(utf8(town.code)), pin: hex(pin(publicOf(city), publicOf(school))),
      day: DAY, holder: 2, members: 4, roster_valid: true, intake: hex(shown("intakeKey")),
    },
    records,
    exchange: { seed: hex(seed), public: hex(publicKey), request: hex(request.bytes), auth: hex(fill(5, 32)), answer: hex(answer), plain: hex(plain) },
  };
  return { ...vectors, refusals: await writtenRefusals(vectors, town) };
}
