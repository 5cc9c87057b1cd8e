// What the Rust side wrote opens here; what this side writes (`npm run vectors`) opens there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { loadArgon2 } from "./argon2";
import { type Bytes, Refused, concat, fromHex, hex, label, padded, u8, utf8 } from "./bytes";
import { caseId, commitOf, committed } from "./case";
import { Operation, sealRequest } from "./exchange";
import { kdf } from "./kdf";
import * as kem from "./kem";
import { pin } from "./keys-document";
import { openBox, sealBox } from "./letterbox";
import { openRoot, unlock } from "./member";
import { isReceipt, newReceipt, receiptKeys } from "./receipt";
import {
  Kind, RECORD, SEEN_NOTHING, Side, TIP, memberPreface, openRecord, reporterPreface, sealRecord, signedBy, signedByMember, tipPreface,
} from "./record";
import * as sealed from "./sealed";
import { publicOf, sign } from "./sign";
import * as statement from "./statement";
import { unwrap, wrap } from "./wrap";

interface Vectors {
  receipt: Record<string, string>; unlock: Record<string, string>; case: Record<string, string>; pin: Record<string, string>;
  wraps: (Record<string, string> & { purpose: number; use: number })[]; box: Record<string, string>;
  identity: Record<string, string>; records: Record<string, string>[]; exchange: Record<string, string>;
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

async function openAll(v: Vectors): Promise<void> {
  const argon2id = await loadArgon2();
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
  const identity = statement.identity(h(v.identity, "statement"), h(v.identity, "signer"));
  expect([identity.level, identity.serial]).toEqual([2, 3]);
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
}

const readVectors = (name: string): Vectors => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Vectors;

test("what the Rust side wrote opens here", async () => openAll(readVectors("rust.json")));

test("what this side wrote opens here", async () => {
  const file = path.join(folder, "ts.json");
  if (process.env.SHUDONG_WRITE_VECTORS) writeFileSync(file, `${JSON.stringify(await written(), null, 1)}\n`);
  expect(existsSync(file)).toBe(true);
  await openAll(readVectors("ts.json"));
});

test("all fourteen shares of small order are refused, in keys and in encapsulations", async () => {
  const good = await kem.publicOf(new Uint8Array(32).fill(7));
  expect(reasonOf(() => kem.checkedKey(good))).toBe("accepted");
  const points = ["00".repeat(32), `01${"00".repeat(31)}`, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", ...["ec", "ed", "ee"].map((low) => `${low}${"ff".repeat(30)}7f`)];
  for (const point of points) {
    for (const high of [0, 0x80]) {
      const share = fromHex(point);
      share[31] = (share[31] ?? 0) | high;
      expect(reasonOf(() => kem.checkedKey(concat(good.slice(0, 1184), share)))).toBe("weak-key");
      const enc = concat(new Uint8Array(1088), share);
      await expect(kem.open(new Uint8Array(32), enc, u8(0), u8(0), u8(0))).rejects.toMatchObject({ reason: "weak-key" });
    }
  }
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

async function written(): Promise<unknown> {
  const argon2id = await loadArgon2();
  const fill = (n: number, length = 16): Bytes => new Uint8Array(length).fill(n);
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
  const signed = (name: string, body: Bytes): Bytes => concat(body, sign(identitySeed, name, body));
  const memberStatement = signed("member", concat(deployment, organisation, memberId, u8(3), fill(0, 4), fill(0, 4), publicOf(memberSign), fill(19, 32)));
  const wraps = [];
  for (const purpose of [1, 2, 3, 4, 5, 6, 7]) {
    const context = { purpose, deployment, object: id, generation: 0, use: 0, commit };
    wraps.push({
      purpose, use: 0, deployment: hex(deployment), object: hex(id), commit: hex(commit), seed: hex(seed), key: hex(caseKey),
      public: hex(publicKey), wrap: hex(await wrap(caseKey, publicKey, context)),
    });
  }
  const box = { key: caseKey, organisation, root: fill(20, 32), identity: publicOf(identitySeed), epoch: 7, pinned: true };
  const forms = [
    [Kind.Tip, Side.Reporter, 0, tipPreface(reporter, await kem.publicOf(keys("kem")))],
    [Kind.Message, Side.Reporter, 1, reporterPreface(SEEN_NOTHING)],
    [Kind.Message, Side.Committee, 0, memberPreface(memberStatement, SEEN_NOTHING)],
    [Kind.Key, Side.Dossier, 0, memberPreface(memberStatement, SEEN_NOTHING)],
    [Kind.Note, Side.Dossier, 1, memberPreface(memberStatement, SEEN_NOTHING)],
    [Kind.Step, Side.Dossier, 2, memberPreface(memberStatement, SEEN_NOTHING)],
  ] as const;
  const records = forms.map(([kind, side, seq, preface]) => {
    const head = { kind, side, generation: 0, seq, deployment, case: id, object: id, prev: fill(0, 32) };
    const content = { v: 1, text: `字${String(kind)}` };
    const record = sealRecord(head, preface, content, side === Side.Reporter ? keys("sign") : memberSign, caseKey);
    return {
      key: hex(caseKey), commit: hex(commit), record: hex(record), text: JSON.stringify(content),
      identity: hex(publicOf(identitySeed)), organisation: hex(organisation), ...(side === Side.Reporter ? { author: hex(reporter) } : {}),
    };
  });
  const identityBody = concat(deployment, organisation, memberId, u8(2), fill(0, 3), u8(3), fill(0, 4), fill(9, 32));
  const request = await sealRequest(Operation.Fetch, true, fill(5, 32), publicKey);
  return {
    written_by: "typescript",
    receipt: { digits, deployment: hex(deployment), ...Object.fromEntries(RECEIPT_KEYS.map((name) => [name, hex(keys(name))])) },
    unlock: {
      passphrase, salt: hex(fill(15)), auth: hex(by.auth), deployment: hex(deployment), member: hex(memberId), kem: hex(memberKem),
      sealed: hex(sealed.seal(by.kek, concat(label("shudong/1 member root"), deployment, memberId), root)), signing_public: hex(publicOf(memberSign)),
    },
    case: { key: hex(caseKey), commit: hex(commit), deployment: hex(deployment), organisation: hex(organisation), reporter: hex(reporter), id: hex(id) },
    pin: { root: hex(fill(8, 32)), school: hex(fill(9, 32)), pin: hex(pin(fill(8, 32), fill(9, 32))) },
    wraps,
    box: { box: hex(sealBox(box, keys("box"), deployment, id)), key: hex(keys("box")), deployment: hex(deployment), case: hex(id), inside: hex(caseKey) },
    identity: { statement: hex(signed("identity", identityBody)), signer: hex(publicOf(identitySeed)) },
    records,
    exchange: { seed: hex(seed), public: hex(publicKey), request: hex(request.bytes) },
  };
}
