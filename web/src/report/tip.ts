// A tip: what was answered, sealed to those who may open it, sent until it is durable.
import type { Argon2id } from "../envelope/argon2";
import { type Bytes, concat } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import { Operation, Outcome, type Submit, submitBody } from "../envelope/exchange";
import type { Holders } from "../envelope/holders";
import { hash, random } from "../envelope/kdf";
import { publicOf as kemPublic } from "../envelope/kem";
import type { Verified } from "../envelope/keys-document";
import { sealBox } from "../envelope/letterbox";
import { type ReceiptKeys, newReceipt, receiptKeys } from "../envelope/receipt";
import { Kind, Side, sealRecord, tipPreface } from "../envelope/record";
import { publicOf } from "../envelope/sign";
import { Purpose, wrap } from "../envelope/wrap";
import { type Line, outcomeOf } from "./network";

export interface Tip {
  v: 1; school: string; lang: string; day: number; urgent: boolean; exclude: string[]; text: string;
  [question: string]: unknown;
}

export interface SealedTip { receipt: string; keys: ReceiptKeys; body: Bytes; urgent: boolean }

/** The keys that a letter to `holders` is wrapped to: use and public key. */
function recipients(keys: Verified, holders: Holders): { use: number; key: Bytes }[] {
  const own = holders.kind === "members"
    ? holders.members.map((one) => one.kem)
    : [holders.level.working?.key ?? new Uint8Array(0)];
  const upper = keys.levels.slice(0, holders.position).reverse().map((level, i) => ({ use: i + 1, key: level.working?.key }));
  return [
    ...own.map((key) => ({ use: 0, key })),
    ...upper.flatMap(({ use, key }) => (key ? [{ use, key }] : [])),
  ];
}

/** Digits that nobody has seen yet, and what they open. */
export interface Drawn { receipt: string; keys: ReceiptKeys }

/** Draws digits and computes their keys: most of what locking takes, and all of it that does not depend on what is told. */
export async function drawReceipt(deployment: Bytes, argon2id: Argon2id): Promise<Drawn> {
  const receipt = newReceipt();
  return { receipt, keys: await receiptKeys(receipt, deployment, argon2id) };
}

export async function sealTip(tip: Tip, keys: Verified, holders: Holders, { receipt, keys: derived }: Drawn): Promise<SealedTip> {
  const { deployment } = keys;
  const organisation = holders.level.id;
  const caseKey = random(32);
  const commit = commitOf(caseKey);
  const signSeed = derived("sign");
  const id = caseId(deployment, organisation, publicOf(signSeed), commit);
  const head = {
    kind: Kind.Tip, side: Side.Reporter, generation: 0, seq: 0, deployment, case: id, object: id, prev: new Uint8Array(32),
  };
  const record = sealRecord(head, tipPreface(publicOf(signSeed), await kemPublic(derived("kem"))), tip, signSeed, caseKey);
  const context = { purpose: Purpose.Case, deployment, object: id, generation: 0, commit };
  const wraps: Bytes[] = [];
  for (const { use, key } of recipients(keys, holders)) wraps.push(await wrap(caseKey, key, { ...context, use }));
  const box = {
    key: caseKey, organisation, root: keys.root, identity: holders.level.key,
    epoch: holders.level.working?.epoch ?? 0, pinned: keys.pinned,
  };
  const submit: Submit = {
    auth: derived("auth"), organisation, commit, wraps, tip: record,
    logEntry: concat(hash(derived("leaf")), hash(derived("blind"), record)),
    box: sealBox(box, derived("box"), deployment, id),
  };
  caseKey.fill(0);
  return { receipt, keys: derived, body: submitBody(submit), urgent: tip.urgent };
}

/** What became of it; sending the same sealed tip again is the same tip. */
export async function sendTip(line: Line, sealed: SealedTip): Promise<number> {
  return outcomeOf(await line.exchange(Operation.Submit, sealed.urgent, sealed.body));
}

export { Outcome };
