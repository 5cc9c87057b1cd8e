// A case's records, verified: order, links, authors. What fails is marked, never shown as text.
import { type Bytes, Refused, fromBase64, fromHex, hex, toBase64, utf8 } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import { random } from "../envelope/kdf";
import { keyId as keyIdOf } from "../envelope/kem";
import {
  Chain, Kind, SEEN_NOTHING, Side, memberPreface, openRecord, room, sealRecord, signedBy, signedByMember,
} from "../envelope/record";
import { Purpose, wrap } from "../envelope/wrap";
import * as api from "./api";
import type { Keys } from "./keys";

export type Tip = Record<string, unknown>;
export interface Entry { side: number; kind: number; day: number; text: string; name: string; worse: boolean; stage: number; trusted: boolean }
export interface Summary { raw: api.CaseSummary; tip: Tip | null; key: Bytes | null; reporter: Bytes | null }

/** A case in the inbox: key opened, commitment checked, the tip's author the one who hashes into the id. */
export async function openSummary(keys: Keys, raw: api.CaseSummary): Promise<Summary> {
  try {
    const commit = fromBase64(raw.commit);
    const key = await keys.open(Purpose.Case, raw.id, raw.wrap, raw.cache, commit);
    const tip = openRecord(fromBase64(raw.tip), key);
    if (!tip.tip) throw new Refused("thread");
    signedBy(tip, tip.tip.signing);
    const expected = caseId(keys.deployment, keys.organisation, tip.tip.signing, commitOf(key));
    if (hex(expected) !== raw.id || hex(tip.head.case) !== raw.id) throw new Refused("thread");
    return { raw, tip: tip.content as Tip, key, reporter: tip.tip.signing };
  } catch {
    return { raw, tip: null, key: null, reporter: null };
  }
}

const plain = (value: unknown): string => (typeof value === "string" ? value : "");

/** A case with its thread. */
export class Thread {
  entries: Entry[] = [];
  private readonly chains = new Map<number, Chain>();
  private dossierKey: Bytes | null = null;
  private lastEpoch = new Map<number, number>();

  private constructor(readonly keys: Keys, readonly raw: api.Case, readonly summary: Summary) {}

  static async load(keys: Keys, id: string): Promise<Thread> {
    const raw = await api.open(id);
    const thread = new Thread(keys, raw, await openSummary(keys, raw.summary));
    await thread.openDossier();
    thread.readAll();
    return thread;
  }

  get id(): Bytes {
    return fromHex(this.raw.summary.id);
  }

  private chain(side: number): Chain {
    let chain = this.chains.get(side);
    if (!chain) {
      chain = side === Side.Reporter ? Chain.after(fromBase64(this.raw.summary.tip)) : new Chain(this.id);
      this.chains.set(side, chain);
    }
    return chain;
  }

  /** The dossier's key: only with the signed record that carries its commitment. */
  private async openDossier(): Promise<void> {
    const first = this.raw.records.find((record) => record.side === Side.Dossier && record.seq === 0);
    if (!this.raw.dossier || !first) return;
    try {
      const { wrap: wrapped, cache } = this.raw.dossier;
      const commit = fromBase64(this.raw.dossier.commit);
      const key = await this.keys.open(Purpose.Dossier, this.raw.summary.id, wrapped, cache, commit);
      const record = openRecord(fromBase64(first.bytes), key);
      signedByMember(record, this.keys.identity, this.keys.organisation);
      const { commit: signed } = record.content as { commit?: unknown };
      if (record.head.kind !== Kind.Key || signed !== hex(commitOf(key))) throw new Refused("commitment");
      this.dossierKey = key;
    } catch {
      this.dossierKey = null;
    }
  }

  private readAll(): void {
    for (const record of this.raw.records) this.entries.push(this.read(record.side, record.day, fromBase64(record.bytes)));
  }

  private read(side: number, day: number, record: Bytes): Entry {
    const entry: Entry = { side, kind: 0, day, text: "", name: "", worse: false, stage: 0, trusted: false };
    try {
      this.chain(side).take(record);
      const key = side === Side.Dossier ? this.dossierKey : this.summary.key;
      if (!key) throw new Refused("sealed");
      const opened = openRecord(record, key);
      if (opened.head.side !== side) throw new Refused("thread");
      if (side === Side.Reporter) signedBy(opened, this.summary.reporter ?? new Uint8Array(32));
      else this.author(side, signedByMember(opened, this.keys.identity, this.keys.organisation).epoch);
      const content = opened.content as Record<string, unknown>;
      return {
        ...entry, trusted: true, kind: opened.head.kind, text: plain(content.text), name: plain(content.name),
        worse: content.worse === true, stage: Number(content.stage ?? 0),
      };
    } catch {
      return entry;
    }
  }

  /** Epochs never fall along a side. */
  private author(side: number, epoch: number): void {
    if (epoch < (this.lastEpoch.get(side) ?? 0)) throw new Refused("thread");
    this.lastEpoch.set(side, epoch);
  }

  private seal(side: number, kind: number, content: Record<string, unknown>, key: Bytes): Bytes {
    const chain = this.chain(side);
    const { deployment } = this.keys;
    const head = { kind, side, generation: 0, seq: chain.next, deployment, case: this.id, object: this.id, prev: chain.prev };
    const other = side === Side.Committee ? this.chain(Side.Reporter).seen() : SEEN_NOTHING;
    const record = sealRecord(head, memberPreface(this.keys.statement, other), content, this.keys.member.sign, key);
    chain.take(record);
    return record;
  }

  private content(rest: Record<string, unknown>): Record<string, unknown> {
    return { v: 1, ...rest, day: this.keys.session.today, name: this.keys.session.member.name };
  }

  async reply(text: string): Promise<void> {
    const key = this.summary.key;
    if (!key) throw new Refused("sealed");
    const pieces = split(text);
    const records = pieces.map((piece, i) =>
      this.seal(Side.Committee, Kind.Message, this.content({ text: piece, ...(i < pieces.length - 1 ? { more: true } : {}) }), key));
    await api.write(this.raw.summary.id, records.map(toBase64));
  }

  async note(text: string): Promise<void> {
    const key = await this.dossier();
    const records = split(text).map((piece) => this.seal(Side.Dossier, Kind.Note, this.content({ text: piece }), key));
    await api.write(this.raw.summary.id, records.map(toBase64));
  }

  async setStage(stage: number): Promise<void> {
    const key = await this.dossier();
    const record = this.seal(Side.Dossier, Kind.Step, this.content({ stage }), key);
    await api.setStage(this.raw.summary.id, stage, toBase64(record));
  }

  /** The dossier's key; the first who needs it makes it, wrapped to the case's holders and the levels above. */
  private async dossier(): Promise<Bytes> {
    if (this.dossierKey) return this.dossierKey;
    if (this.raw.dossier) throw new Refused("sealed");
    const key = random(32);
    const commit = commitOf(key);
    const context = { purpose: Purpose.Dossier, deployment: this.keys.deployment, object: this.id, generation: 0, commit };
    const wraps: string[] = [];
    for (const { use, to } of this.recipients()) wraps.push(toBase64(await wrap(key, to, { ...context, use })));
    const record = this.seal(Side.Dossier, Kind.Key, { v: 1, commit: hex(commit) }, key);
    await api.beginDossier(this.raw.summary.id, toBase64(commit), wraps, toBase64(record));
    this.dossierKey = key;
    return key;
  }

  private recipients(): { use: number; to: Bytes }[] {
    const { session } = this.keys;
    const known = [
      ...session.organisation.colleagues.map((one) => fromBase64(one.kem)),
      ...session.organisation.epochs.map((one) => fromBase64(one.public_key)),
    ];
    const holders = this.raw.summary.holders.map((id) => {
      const to = known.find((key) => hex(keyIdOf(key)) === id);
      if (!to) throw new Refused("statement");
      return { use: 0, to };
    });
    return [...holders, ...session.above.map((one) => ({ use: one.use, to: fromBase64(one.public_key) }))];
  }

  /** Names of colleagues who cannot open it; empty if the whole organisation can. */
  leftOut(): string[] {
    const { session } = this.keys;
    const whole = session.organisation.epochs.some((one) => this.raw.summary.holders.includes(hex(keyIdOf(fromBase64(one.public_key)))));
    if (whole) return [];
    const out = session.organisation.colleagues.filter((one) => !this.raw.summary.holders.includes(hex(keyIdOf(fromBase64(one.kem)))));
    return out.map((one) => one.name);
  }
}


/** Pieces that each fit into one record. */
export function split(text: string): string[] {
  const most = room(Kind.Message, Side.Committee) - 200;
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (utf8(JSON.stringify(piece + character)).length > most) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}

