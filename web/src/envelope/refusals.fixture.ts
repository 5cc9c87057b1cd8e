// Refusals on disk: bytes that one language wrote and the other must refuse, each for its reason.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, Refused, concat, fromHex, hex, label, padded, u32, u8 } from "./bytes";
import { commitOf, committed } from "./case";
import { CHUNK, type Place, openChunk } from "./evidence";
import { parseOutcome } from "./exchange";
import { DAY, Town, fill, signed } from "./fixture";
import { hash, kdf } from "./kdf";
import * as kem from "./kem";
import { KEYS, verifyKeys } from "./keys-document";
import { openBox } from "./letterbox";
import { Chain, HEAD, Kind, SEEN_NOTHING, Side, openRecord, reporterPreface, sealRecord, signedBy } from "./record";
import * as sealed from "./sealed";
import { publicOf, verify } from "./sign";
import { unwrap } from "./wrap";

/** Bytes as hex, or those of another vector with a few overwritten. */
type Given = string | { of: string; at: number; bytes: string };
export interface Refusal { what: string; form: string; reason: string; input: Record<string, Given | number> }

/** What must be on disk, from either side. */
export const REQUIRED_REFUSALS = [
  ...Array.from({ length: 14 }, (_, n) => [`small-order key ${String(n)}`, `small-order encapsulation ${String(n)}`]).flat(),
  "key that is not reduced", "wrong commit", "wrap under another commit", "wrap of another case", "wrap of another generation",
  "wrap for another use", "box of another case", "box with padding", "record of another case", "record after a gap", "record replayed",
  "record with another seq", "record of another generation", "record with padding", "record of version 2", "record of an unknown kind",
  "record by another author", "statement by another signer", "statement with a part of small order", "keys of version 2", "keys with padding",
  "keys under another pin", "keys with an epoch too long", "keys with an epoch of another organisation", "outcome unknown", "outcome with padding",
  "chunk of another case", "chunk of another file", "chunk at another index", "chunk of another count", "chunk of a count that is not rounded",
];

/** Follows `a.0.b` into the vectors. */
function at(vectors: unknown, path: string): string {
  let value = vectors;
  for (const name of path.split(".")) value = (value as Record<string, unknown>)[name];
  if (typeof value !== "string") throw new Error(`no vector ${path}`);
  return value;
}

function bytesOf(given: Given | number | undefined, vectors: unknown): Bytes {
  if (typeof given === "string") return fromHex(given);
  if (typeof given !== "object") throw new Error("a refusal without its bytes");
  const bytes = fromHex(at(vectors, given.of));
  bytes.set(fromHex(given.bytes), given.at);
  return bytes;
}

/** A chunk without its bytes: nonce, what it holds before its zeros, and the hash of the whole. */
export interface ChunkVector { key: string; deployment: string; case: string; file: string; index: number; count: number; nonce: string; plain: string; hash: string }

export const chunkPlace = (one: Omit<ChunkVector, "key" | "nonce" | "plain" | "hash">): Place =>
  ({ deployment: fromHex(one.deployment), case: fromHex(one.case), file: fromHex(one.file), index: one.index, count: one.count });

/** The very bytes that the other side sealed: they are made again from the nonce, and their hash is compared. */
export function chunkOf(vector: ChunkVector): Bytes {
  const place = chunkPlace(vector);
  const aad = concat(label("shudong/1 chunk"), place.deployment, place.case, place.file, u32(place.index), u32(place.count));
  const nonce = fromHex(vector.nonce);
  return concat(nonce, xchacha20poly1305(fromHex(vector.key), nonce, aad).encrypt(padded(fromHex(vector.plain), CHUNK)));
}

/** What this side says of a refusal's input; "accepted" is a failure. */
export async function verdict({ form, input }: Refusal, vectors: unknown): Promise<string> {
  const b = (name: string): Bytes => bytesOf(input[name], vectors);
  const n = (name: string): number => Number(input[name]);
  const forms: Record<string, () => unknown> = {
    key: () => kem.checkedKey(b("key")),
    commit: () => committed(b("key"), b("commit")),
    wrap: async () => {
      const context = {
        purpose: n("purpose"), deployment: b("deployment"), object: b("object"), generation: n("generation"), use: n("use"), commit: b("commit"),
      };
      return unwrap(b("wrap"), b("seed"), await kem.publicOf(b("seed")), context);
    },
    box: () => openBox(b("box"), b("key"), b("deployment"), b("case")),
    record: () => signedBy(openRecord(b("record"), b("key")), b("author")),
    chain: () => Chain.after(b("first")).take(b("second")),
    statement: () => verify(b("signer"), "member", b("statement").slice(0, 121), b("statement").slice(121)),
    keys: () => verifyKeys(padded(b("document"), KEYS), new TextDecoder().decode(b("code")), b("pin")),
    outcome: () => parseOutcome(b("answer")),
    chunk: () => {
      const { chunk } = vectors as { chunk: ChunkVector };
      const place = { deployment: b("deployment"), case: b("case"), file: b("file"), index: n("index"), count: n("count") };
      openChunk(fromHex(chunk.key), place, chunkOf(chunk));
    },
  };
  try {
    await forms[form]?.();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "accepted";
}

const SHARES = ["00".repeat(32), `01${"00".repeat(31)}`, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", ...["ec", "ed", "ee"].map((low) => `${low}${"ff".repeat(30)}7f`)];

/** The fourteen encodings of X25519 points of small order. */
export const SMALL_ORDER_SHARES = SHARES.flatMap((point) => [0, 0x80].map((high) => {
  const share = fromHex(point);
  share[31] = (share[31] ?? 0) | high;
  return hex(share);
}));

/**
 * A statement whose signature has a part of small order in R: an equation with the cofactor takes it, a strict one does
 * not. The signer made it so that one reader takes the statement and another does not.
 */
function mixed(seed: Bytes): { statement: string; signer: string } {
  const order8 = ed.Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  const number = (bytes: Bytes): bigint => BigInt(`0x${hex(bytes.slice().reverse())}`) % ed.Point.CURVE().n;
  const { scalar, pointBytes } = ed.utils.getExtendedPublicKey(seed);
  const [nonce, body] = [BigInt(12345), fill(7, 121)];
  const r = ed.Point.BASE.multiply(nonce).add(order8).toBytes();
  const message = concat(label("shudong/1 member"), body);
  const k = number(sha512(concat(r, pointBytes, message)) as Bytes);
  const s = padded(fromHex(((nonce + k * scalar) % ed.Point.CURVE().n).toString(16).padStart(64, "0")).reverse(), 32);
  const signature = concat(r, s);
  // Else the vector would be refused for a dull reason.
  if (!ed.verify(signature, message, pointBytes)) throw new Error("not a signature even with the cofactor");
  return { statement: hex(concat(body, signature)), signer: hex(pointBytes) };
}

/** A record whose plain text is `change`d before it is sealed again. */
function resealed(record: Bytes, key: Bytes, change: (plain: Bytes) => void): Bytes {
  const clear = record.slice(0, HEAD);
  const plain = sealed.open(kdf(key, "record"), clear, record.slice(HEAD));
  change(plain);
  return concat(clear, sealed.seal(kdf(key, "record"), clear, plain));
}

/** Refusals as this side writes them, over vectors it has written. */
export async function writtenRefusals(vectors: { wraps: Record<string, string | number>[]; chunk: ChunkVector }, town: Town): Promise<Refusal[]> {
  const out: Refusal[] = [];
  const add = (what: string, form: string, reason: string, input: Refusal["input"]): void => void out.push({ what, form, reason, input });
  const { seed = "", purpose = 0, deployment = "", object = "", commit = "" } = vectors.wraps[0] ?? {};
  const context = { wrap: at(vectors, "wraps.0.wrap"), seed, purpose, deployment, object, commit, generation: 0, use: 0 };
  SMALL_ORDER_SHARES.forEach((share, n) => {
    add(`small-order key ${String(n)}`, "key", "weak-key", { key: { of: "wraps.0.public", at: 1184, bytes: share } });
    add(`small-order encapsulation ${String(n)}`, "wrap", "weak-key", { ...context, wrap: { of: "wraps.0.wrap", at: 1105, bytes: share } });
  });
  add("key that is not reduced", "key", "weak-key", { key: { of: "wraps.0.public", at: 0, bytes: "ffffff" } });
  const other = hex(fill(0xee));
  add("wrong commit", "commit", "commitment", { key: hex(fill(1, 32)), commit: hex(commitOf(fill(2, 32))) });
  add("wrap under another commit", "wrap", "sealed", { ...context, commit: hex(commitOf(fill(2, 32))) });
  add("wrap of another case", "wrap", "sealed", { ...context, object: other });
  add("wrap of another generation", "wrap", "sealed", { ...context, generation: 1 });
  add("wrap for another use", "wrap", "sealed", { ...context, use: 1 });
  const box = { box: at(vectors, "box.box"), key: at(vectors, "box.key"), deployment: at(vectors, "box.deployment"), case: at(vectors, "box.case") };
  add("box of another case", "box", "sealed", { ...box, case: other });
  const boxAad = concat(label("shudong/1 box"), fromHex(box.deployment), fromHex(box.case));
  const inside = sealed.open(fromHex(box.key), boxAad, fromHex(box.box));
  inside[inside.length - 1] = 1;
  add("box with padding", "box", "padding", { ...box, box: hex(sealed.seal(fromHex(box.key), boxAad, inside)) });

  const [key, author] = [fill(0x21, 32), fill(0x22, 32)];
  const id = fill(0x23);
  const head = { kind: Kind.Message, side: Side.Reporter, generation: 0, seq: 1, deployment: fill(0x24), case: id, object: id, prev: fill(0x25, 32) };
  const letter = (change: Partial<typeof head>): Bytes => sealRecord({ ...head, ...change }, reporterPreface(SEEN_NOTHING), { v: 1 }, author, key);
  const first = letter({});
  const after = { seq: 2, prev: hash(first) };
  const chain = (what: string, second: Bytes): void => add(what, "chain", "thread", { first: hex(first), second: hex(second) });
  chain("record of another case", letter({ ...after, case: fill(0xee), object: fill(0xee) }));
  chain("record after a gap", letter({ ...after, seq: 3 }));
  chain("record replayed", first);
  const altered = (offset: number, value: number): string => {
    const bytes = first.slice();
    bytes[offset] = value;
    return hex(bytes);
  };
  const record = (what: string, reason: string, bytes: string, by = author): void =>
    add(what, "record", reason, { record: bytes, key: hex(key), author: hex(publicOf(by)) });
  record("record with another seq", "sealed", altered(7, 2));
  record("record of another generation", "sealed", altered(3, 1));
  record("record with padding", "padding", hex(resealed(first, key, (plain) => plain.fill(1, plain.length - 1))));
  record("record of version 2", "version", altered(0, 2));
  record("record of an unknown kind", "version", altered(1, 8));
  record("record by another author", "signature", hex(first), fill(0x26, 32));
  const statement = town.memberOf(town.people[1], town.school, fill(1));
  add("statement by another signer", "statement", "signature", { statement: hex(statement), signer: hex(publicOf(town.service)) });
  add("statement with a part of small order", "statement", "signature", mixed(fill(0x26, 32)));
  await addKeys(add, town, at(vectors, "keys.document"));
  add("outcome unknown", "outcome", "version", { answer: hex(concat(u8(5), u32(0), fill(0, 8))) });
  add("outcome with padding", "outcome", "padding", { answer: hex(concat(u8(0), u32(0), fill(1, 1))) });
  addChunks(add, vectors.chunk, other);
  return out;
}

function addChunks(add: (what: string, form: string, reason: string, input: Refusal["input"]) => void, whole: ChunkVector, other: string): void {
  const { deployment, case: id, file, index, count } = whole;
  const chunk = (what: string, reason: string, change: Refusal["input"]): void =>
    add(what, "chunk", reason, { deployment, case: id, file, index, count, ...change });
  chunk("chunk of another case", "sealed", { case: other });
  chunk("chunk of another file", "sealed", { file: other });
  chunk("chunk at another index", "sealed", { index: 1 });
  chunk("chunk of another count", "sealed", { count: 8 });
  chunk("chunk of a count that is not rounded", "length", { count: 3 });
}

async function addKeys(add: (what: string, form: string, reason: string, input: Refusal["input"]) => void, town: Town, document: string): Promise<void> {
  const good = { document, code: { of: "keys.code", at: 0, bytes: "" }, pin: { of: "keys.pin", at: 0, bytes: "" } };
  const epoch = await town.epochOf(town.bureau, []);
  const patched = (bytes: Bytes): Given => ({ of: "keys.document", at: document.indexOf(hex(epoch)) / 2, bytes: hex(bytes) });
  add("keys of version 2", "keys", "version", { ...good, document: { of: "keys.document", at: 0, bytes: "7f" } });
  add("keys with padding", "keys", "padding", { ...good, document: document + "0001" });
  add("keys under another pin", "keys", "statement", { ...good, pin: hex(fill(1)) });
  const longer = signed(town.bureau.seed, "epoch", concat(epoch.slice(0, 40), u32(DAY + 71), epoch.slice(44, 140)));
  add("keys with an epoch too long", "keys", "statement", { ...good, document: patched(longer) });
  const foreign = signed(town.bureau.seed, "epoch", concat(epoch.slice(0, 16), town.school.id, epoch.slice(32, 140)));
  add("keys with an epoch of another organisation", "keys", "statement", { ...good, document: patched(foreign) });
}
