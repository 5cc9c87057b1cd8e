// A case's records, verified: order, links, authors. What fails is marked, never shown as text.
import { type Bytes, Refused, fromBase64, fromHex, hex, toBase64 } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import { fileOf } from "../envelope/evidence";
import { hash, random } from "../envelope/kdf";
import { keyId as keyIdOf } from "../envelope/kem";
import {
  Kind, SEEN_NOTHING, Side, chainOf, inPieces, memberPreface, openRecord, sealRecord, signedBy, signedByMember,
} from "../envelope/record";
import { type Member, ROLE_WORDS } from "../envelope/statement";
import { Purpose, wrap } from "../envelope/wrap";
import * as api from "./api";
import type { Attachment } from "./evidence";
import { Links } from "./links";
import type { Keys } from "./keys";

const NOTHING = SEEN_NOTHING.seq;
const SCHOOL = 2;

type Content = Record<string, unknown>;
export type Tip = Content;
export interface Entry { side: number; kind: number; day: number; text: string; name: string; worse: boolean; stage: number; trusted: boolean; plain: boolean; seq: number; seen: number; file: Attachment | null }
export interface Summary {
  raw: api.CaseSummary;
  tip: Tip | null;
  key: Bytes | null;
  reporter: Bytes | null;
  /** The server sealed it, for a reporter without script. */
  plain: boolean;
  /** The reporter wrote more, and the committee's newest answer had not seen it. */
  waits: boolean;
  /** One of the letters that wait says that it got worse. */
  worse: boolean;
}

/** A case in the inbox: key opened, commitment checked, the tip's author the one who hashes into the id. */
export async function openSummary(keys: Keys, raw: api.CaseSummary): Promise<Summary> {
  try {
    const commit = fromBase64(raw.commit);
    const key = await keys.open(Purpose.Case, raw.id, raw.wrap, raw.cache, commit);
    const tip = openRecord(fromBase64(raw.tip), key);
    if (!tip.tip) throw new Refused("thread");
    signedBy(tip, tip.tip.signing);
    const expected = caseId(keys.trusted.deployment, keys.trusted.organisation, tip.tip.signing, commitOf(key));
    if (hex(expected) !== raw.id || hex(tip.head.case) !== raw.id) throw new Refused("thread");
    return { raw, tip: tip.content as Tip, key, reporter: tip.tip.signing, plain: tip.head.side === Side.Server, ...waiting(keys, raw, key, tip.tip.signing) };
  } catch {
    return { raw, tip: null, key: null, reporter: null, plain: false, waits: false, worse: false };
  }
}

/** Number of the reporter's newest record that the committee's newest answer had seen; 0 is the tip. */
function answeredUpTo(keys: Keys, raw: api.CaseSummary, key: Bytes): number {
  if (!raw.answer) return 0;
  try {
    const answer = openRecord(fromBase64(raw.answer), key);
    signedByMember(answer, keys.trusted.identity, keys.trusted.organisation);
    const { side, case: id } = answer.head;
    return side !== Side.Committee || hex(id) !== raw.id || answer.seen.seq === NOTHING ? 0 : answer.seen.seq;
  } catch {
    return 0;
  }
}

/** What the reporter wrote since the committee's newest answer. */
function waiting(keys: Keys, raw: api.CaseSummary, key: Bytes, reporter: Bytes): { waits: boolean; worse: boolean } {
  const own = raw.heads.find((head) => head.side === (Side.Reporter as number))?.seq ?? 0;
  const answered = answeredUpTo(keys, raw, key);
  const worse = raw.said.some((bytes) => {
    try {
      const said = openRecord(fromBase64(bytes), key);
      signedBy(said, reporter);
      const { worse: isWorse } = said.content as { worse?: unknown };
      return hex(said.head.case) === raw.id && said.head.seq > answered && isWorse === true;
    } catch {
      return false; // Marked in the case, and no reason to raise it.
    }
  });
  return { waits: own > answered, worse };
}

const UNTRUSTED: Entry = { side: 0, kind: 0, day: 0, text: "", name: "", worse: false, stage: 0, trusted: false, plain: false, seq: 0, seen: NOTHING, file: null };

const plain = (value: unknown): string => (typeof value === "string" ? value : "");

/** A case with its thread. */
export class Thread {
  entries: Entry[] = [];
  private readonly chains = new Map<number, Links>();
  private dossierKey: Bytes | null = null;
  private lastEpoch = new Map<number, number>();

  private constructor(
    readonly keys: Keys,
    readonly raw: api.Case,
    readonly summary: Summary,
    private readonly unsent: Map<string, Bytes[]>,
  ) {}

  static async load(keys: Keys, id: string, before: Thread | null = null): Promise<Thread> {
    const raw = await api.open(id);
    const thread = new Thread(keys, raw, await openSummary(keys, raw.summary), before?.unsent ?? new Map<string, Bytes[]>());
    await thread.openDossier();
    thread.readAll();
    return thread;
  }

  get id(): Bytes {
    return fromHex(this.raw.summary.id);
  }

  private chain(side: number): Links {
    let chain = this.chains.get(side);
    if (!chain) {
      chain = new Links(this.id, side === Side.Reporter ? fromBase64(this.raw.summary.tip) : null);
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
      signedByMember(record, this.keys.trusted.identity, this.keys.trusted.organisation);
      const { commit: signed } = record.content as { commit?: unknown };
      const { head } = record;
      if (head.side !== Side.Dossier || hex(head.case) !== this.raw.summary.id) throw new Refused("thread");
      if (head.kind !== Kind.Key || signed !== hex(commitOf(key))) throw new Refused("commitment");
      this.dossierKey = key;
    } catch {
      this.dossierKey = null;
    }
  }

  private readAll(): void {
    for (const record of this.raw.records) {
      const chain = this.chain(record.side);
      const entry = chain.follow(fromBase64(record.bytes), (bytes) => this.read(record.side, bytes));
      this.entries.push({ ...(entry ?? UNTRUSTED), side: record.side, day: record.day });
    }
  }

  private read(side: number, record: Bytes): Entry {
    const key = side === Side.Dossier ? this.dossierKey : this.summary.key;
    if (!key) throw new Refused("sealed");
    const opened = openRecord(record, key);
    if (chainOf(opened.head.side) !== side) throw new Refused("thread");
    if (side === Side.Reporter) signedBy(opened, this.summary.reporter ?? new Uint8Array(32));
    else this.author(side, signedByMember(opened, this.keys.trusted.identity, this.keys.trusted.organisation).epoch);
    const content = opened.content as Record<string, unknown>;
    return {
      ...UNTRUSTED, trusted: true, kind: opened.head.kind, text: plain(content.text), name: plain(content.name),
      worse: content.worse === true, plain: opened.head.side === Side.Server, stage: Number(content.stage ?? 0), seq: opened.head.seq, seen: opened.seen.seq,
      file: opened.head.kind === Kind.Files ? this.attachment(content) : null,
    };
  }

  private attachment(content: Content): Attachment {
    return { ...fileOf(content), deployment: this.keys.trusted.deployment, case: this.id, caseId: this.raw.summary.id };
  }

  /** Epochs never fall along a side. */
  private author(side: number, epoch: number): void {
    if (epoch < (this.lastEpoch.get(side) ?? 0)) throw new Refused("thread");
    this.lastEpoch.set(side, epoch);
  }

  /** Records that follow on this side's newest; the chain itself moves when they are stored. */
  private seal(side: number, kind: number, contents: readonly Content[], key: Bytes): Bytes[] {
    this.keys.refuseIfForgotten();
    const chain = this.chain(side);
    // What is written names the record before it: after one that is not the author's, nobody could verify it.
    if (chain.broken) throw new Refused("thread");
    const { deployment } = this.keys.trusted;
    const other = side === Side.Committee ? this.chain(Side.Reporter).seen : SEEN_NOTHING;
    let { next: seq, prev } = chain;
    return contents.map((content) => {
      const head = { kind, side, generation: 0, seq, deployment, case: this.id, object: this.id, prev };
      const record = sealRecord(head, memberPreface(this.keys.statement, other), content, this.keys.member.sign, key);
      seq += 1;
      prev = hash(record);
      return record;
    });
  }

  /**
   * Sends records. When the answer is lost nobody knows whether they were stored; the same words again
   * are then the same bytes again, which the server takes once.
   */
  private async send(side: number, kind: number, contents: readonly Content[], key: Bytes, post: (records: string[]) => Promise<void>): Promise<void> {
    const name = JSON.stringify([side, kind, contents]);
    const records = this.unsent.get(name) ?? this.seal(side, kind, contents, key);
    this.unsent.set(name, records);
    try {
      await post(records.map(toBase64));
    } catch (error) {
      if (!(error instanceof api.Failed) || error.word !== "network") this.unsent.delete(name);
      throw error;
    }
    this.unsent.delete(name);
    for (const record of records) this.chain(side).follow(record, () => true);
  }

  private content(rest: Content): Content {
    return { v: 1, ...rest, day: this.keys.session.today, name: this.keys.session.member.name };
  }

  async reply(text: string): Promise<void> {
    const key = this.summary.key;
    if (!key) throw new Refused("thread");
    const pieces = inPieces(text, Side.Committee);
    const contents = pieces.map((piece, i) => this.content({ text: piece, ...(i < pieces.length - 1 ? { more: true } : {}) }));
    await this.send(Side.Committee, Kind.Message, contents, key, (records) => api.write(this.raw.summary.id, records));
  }

  async note(text: string): Promise<void> {
    const key = await this.dossier();
    const contents = inPieces(text, Side.Dossier).map((piece) => this.content({ text: piece }));
    await this.send(Side.Dossier, Kind.Note, contents, key, (records) => api.write(this.raw.summary.id, records));
  }

  async setStage(stage: number): Promise<void> {
    const key = await this.dossier();
    await this.send(Side.Dossier, Kind.Step, [this.content({ stage })], key, ([record]) => api.setStage(this.raw.summary.id, stage, record ?? ""));
  }

  /** The dossier's key; the first who needs it makes it, wrapped to the case's holders and the levels above. */
  private async dossier(): Promise<Bytes> {
    if (this.dossierKey) return this.dossierKey;
    if (this.raw.dossier) throw new Refused("thread");
    const key = random(32);
    const commit = commitOf(key);
    const context = { purpose: Purpose.Dossier, deployment: this.keys.trusted.deployment, object: this.id, generation: 0, commit };
    const wraps: string[] = [];
    for (const { use, to } of this.recipients()) wraps.push(toBase64(await wrap(key, to, { ...context, use })));
    await this.send(Side.Dossier, Kind.Key, [{ v: 1, commit: hex(commit) }], key, ([record]) =>
      api.beginDossier(this.raw.summary.id, toBase64(commit), wraps, record ?? ""));
    this.dossierKey = key;
    return key;
  }

  /** To whom the dossier's key goes: only keys that a statement names, and none that the letter leaves out. */
  private recipients(): { use: number; to: Bytes }[] {
    const { colleagues, epochs, above, members } = this.keys.trusted;
    const { holders } = this.raw.summary;
    const out = leftOutBy(this.summary.tip, members, this.keys.session.organisation.level);
    if (out.some((one) => holders.includes(hex(one.kemHash.slice(0, 16))))) throw new Refused("statement");
    const known = [...colleagues.map((one) => one.kem), ...(out.length > 0 ? [] : epochs)];
    const named = holders.map((id) => {
      const to = known.find((key) => hex(keyIdOf(key)) === id);
      if (!to) throw new Refused("statement");
      return { use: 0, to };
    });
    return [...named, ...above.map((one) => ({ use: one.use, to: one.key }))];
  }

  /** Names of colleagues who cannot open it; empty if the whole organisation can. */
  leftOut(): string[] {
    const { colleagues, epochs } = this.keys.trusted;
    const holds = (key: Bytes): boolean => this.raw.summary.holders.includes(hex(keyIdOf(key)));
    return epochs.some(holds) ? [] : colleagues.filter((one) => !holds(one.kem)).map((one) => one.name);
  }
}

/** The members whom the letter itself leaves out: the server's list of holders must not say otherwise. */
function leftOutBy(tip: Tip | null, members: readonly Member[], level: number): Member[] {
  const exclude: unknown = tip?.exclude;
  if (level !== SCHOOL || !Array.isArray(exclude)) return [];
  return members.filter((one) => exclude.includes(ROLE_WORDS[one.role]));
}
