// Coming back: the box, the letters, writing again. What does not verify is not shown.
import type { Argon2id } from "../envelope/argon2";
import { type Bytes, Refused, equal } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import {
  type Fetched, Operation, Outcome, type Status, chunkBody, olderBody, parseFetched, parseOlder, postBody,
} from "../envelope/exchange";
import { type FileNote, fileContent, fileOf } from "../envelope/evidence";
import { hash } from "../envelope/kdf";
import { successors } from "../envelope/keys-document";
import { type Letterbox, openBox } from "../envelope/letterbox";
import { type ReceiptKeys, receiptKeys } from "../envelope/receipt";
import {
  Kind, type Opened, Side, chainOf, inPieces, openRecord, reporterPreface, sealRecord, signedBy, signedByAnyMember,
} from "../envelope/record";
import { publicOf } from "../envelope/sign";
import { type Line, outcomeOf } from "./network";
import { type Known, type Letter, VerifiedSide } from "./side";

export type { Letter } from "./side";

interface Sides { own: VerifiedSide; school: VerifiedSide }

/** A letter on its way: what the page holds to send it again, and what is in fact sent. */
interface Outgoing { kind: number; contents: Record<string, unknown>[]; records: Bytes[] }

/** The conversation behind a receipt. */
export class Talk {
  tip: Record<string, unknown> = {};
  private sides: Sides = { own: VerifiedSide.empty, school: VerifiedSide.empty };
  /** By the records as they were sealed first. */
  private readonly outgoing = new Map<readonly Bytes[], Outgoing>();
  private readonly deployment: Bytes;
  private readonly id: Bytes;
  private readonly self: Bytes;

  private constructor(
    private readonly line: Pick<Line, "keys" | "exchange">, private readonly keys: ReceiptKeys, private readonly box: Letterbox,
    public status: Status,
  ) {
    this.deployment = line.keys.deployment;
    this.id = status.case;
    this.self = publicOf(keys("sign"));
  }

  /** Null if the code opens nothing. */
  static async open(receipt: string, line: Pick<Line, "keys" | "exchange">, argon2id: Argon2id): Promise<Talk | null> {
    return Talk.with(await receiptKeys(receipt, line.keys.deployment, argon2id), line);
  }

  /** The same for a page that has the receipt's keys already. */
  static async with(keys: ReceiptKeys, line: Pick<Line, "keys" | "exchange">): Promise<Talk | null> {
    const { deployment } = line.keys;
    const fetched = parseFetched(await line.exchange(Operation.Fetch, false, keys("auth")));
    if (!fetched) return null;
    const id = fetched.status.case;
    const box = openBox(fetched.box, keys("box"), deployment, id);
    const expected = caseId(deployment, box.organisation, publicOf(keys("sign")), commitOf(box.key));
    if (!equal(expected, id)) throw new Refused("thread");
    const talk = new Talk(line, keys, box, fetched.status);
    talk.read(fetched);
    return talk;
  }

  async refresh(): Promise<void> {
    const fetched = parseFetched(await this.line.exchange(Operation.Fetch, false, this.keys("auth")));
    if (!fetched) throw new Refused("thread");
    this.read(fetched);
  }

  get letters(): Letter[] {
    const all = [...this.sides.own.all, ...this.sides.school.all].flatMap((one) => (one.letter ? [one.letter] : []));
    return all.sort((a, b) => a.day - b.day || (a.side === b.side ? a.seq - b.seq : a.side === "mine" ? -1 : 1));
  }

  private read(fetched: Fetched): void {
    if (!equal(fetched.status.case, this.id)) throw new Refused("thread");
    const tip = this.opened(fetched.tip);
    // An answer shows the reporter's own records first.
    const firstReply = fetched.records.findIndex((record) => chainOf(record[2] ?? 0) !== Side.Reporter);
    const replies = firstReply < 0 ? fetched.records.length : firstReply;
    const own = fetched.records.slice(0, replies).map((record) => this.letter(record, Side.Reporter));
    const school = fetched.records.slice(replies).map((record) => this.letter(record, Side.Committee));
    const known = this.known(fetched.tip, tip, 0, null);
    this.accept({
      own: this.sides.own.with([known]).withNewest(own.length > 0 ? own : [known]),
      school: this.sides.school.withNewest(school),
    });
    this.tip = tip.content as Record<string, unknown>;
    this.status = fetched.status;
  }

  /** Takes both sides over, if what each says of the other can be true. */
  private accept(sides: Sides): void {
    const { own, school } = sides;
    const agree = school.all.every((one) => own.confirms(one.seen)) && own.all.every((one) => school.confirms(one.seen));
    // Replies are no older than the keys that the tip was sealed to.
    if (!agree || school.all.some((one) => one.epoch < this.box.epoch)) throw new Refused("thread");
    this.sides = sides;
  }

  /** A record of this case and this deployment, by who may write on its side. */
  private opened(record: Bytes): Opened {
    const opened = openRecord(record, this.box.key);
    const { head } = opened;
    const here = equal(head.deployment, this.deployment) && equal(head.case, this.id) && equal(head.object, this.id);
    // A later generation would begin with a signed `key` record; without one its key is never used.
    if (!here || head.generation !== 0) throw new Refused("thread");
    if (chainOf(head.side) === Side.Reporter) signedBy(opened, this.self);
    return opened;
  }

  private letter(record: Bytes, side: 0 | 1): Known {
    const opened = this.opened(record);
    const isFile = opened.head.kind === Kind.Files && side === Side.Reporter;
    if (chainOf(opened.head.side) !== side || (opened.head.kind !== Kind.Message && !isFile)) throw new Refused("thread");
    const epoch = side === Side.Reporter ? 0 : signedByAnyMember(opened, this.identities(), this.box.organisation).epoch;
    const content = opened.content as Record<string, unknown>;
    const file = isFile ? fileOf(content).name : null;
    const { text = isFile ? "" : null, day, worse } = content;
    if (typeof text !== "string" || !Number.isSafeInteger(day)) throw new Refused("version");
    const name = side === Side.Reporter ? "mine" : "school";
    return this.known(record, opened, epoch, { side: name, seq: opened.head.seq, text, day: Number(day), worse: worse === true, file });
  }

  private known(record: Bytes, opened: Opened, epoch: number, letter: Letter | null): Known {
    const { seq, prev } = opened.head;
    return { seq, hash: hash(record), prev, seen: opened.seen, epoch, letter };
  }

  /** The identity in the box, and those it handed over to under the same root. */
  private identities(): Bytes[] {
    const { keys } = this.line;
    const level = equal(keys.root, this.box.root) && keys.levels.find((one) => equal(one.id, this.box.organisation));
    return [this.box.identity, ...(level ? successors(level, this.box.identity) : [])];
  }

  /** Earlier letters of both sides; true if there were any. */
  async older(): Promise<boolean> {
    const own = await this.page(this.sides.own, Side.Reporter);
    const school = await this.page(this.sides.school, Side.Committee);
    this.accept({ own: this.sides.own.with(own), school: this.sides.school.with(school) });
    return own.length + school.length > 0;
  }

  /** The records right before the highest that is not linked yet; it must link to them. */
  private async page(held: VerifiedSide, side: 0 | 1): Promise<Known[]> {
    const before = held.missingBefore;
    if (before === null) return [];
    const answer = await this.line.exchange(Operation.Older, false, olderBody(this.keys("auth"), side, before));
    const page = parseOlder(answer).map((record) => this.letter(record, side));
    const last = page[page.length - 1];
    if (last?.seq !== before - 1) throw new Refused("thread");
    return page;
  }

  /** A letter, sealed once, so that sending it again is the same letter. */
  seal(text: string, worse: boolean): Bytes[] {
    const pieces = inPieces(text, Side.Reporter);
    const contents = pieces.map((piece, i) => ({
      v: 1, text: piece, day: this.line.keys.day, ...(worse ? { worse } : {}), ...(i < pieces.length - 1 ? { more: true } : {}),
    }));
    return this.begun(Kind.Message, contents);
  }

  /** The record that names a file whose pieces were all stored. */
  sealFile(note: FileNote): Bytes[] {
    return this.begun(Kind.Files, [{ v: 1, day: this.line.keys.day, ...fileContent(note) }]);
  }

  private begun(kind: number, contents: Record<string, unknown>[]): Bytes[] {
    const records = this.sealed(kind, contents);
    this.outgoing.set(records, { kind, contents, records });
    return records;
  }

  /** What the pieces of this case's files are bound to. */
  get where(): { deployment: Bytes; case: Bytes } {
    return { deployment: this.deployment, case: this.id };
  }

  /** True once it is stored; the same piece again is the same. */
  async sendChunk(note: FileNote, index: number, piece: Bytes): Promise<boolean> {
    const body = chunkBody(this.keys("auth"), note.id, index, note.count, piece);
    return outcomeOf(await this.line.exchange(Operation.Chunk, false, body)) === Outcome.Stored;
  }

  /** Records after the newest verified one. Only what the service stored moves that on. */
  private sealed(kind: number, contents: readonly Record<string, unknown>[]): Bytes[] {
    let { seq, hash: prev } = this.sides.own.seen;
    return contents.map((content) => {
      seq += 1;
      const head = {
        kind, side: Side.Reporter, generation: 0, seq, deployment: this.deployment, case: this.id, object: this.id, prev,
      };
      const record = sealRecord(head, reporterPreface(this.sides.school.seen), content, this.keys("sign"), this.box.key);
      prev = hash(record);
      return record;
    });
  }

  /** True once it is stored. If another phone wrote in between, the same words are sealed after that and sent once more. */
  async send(records: readonly Bytes[]): Promise<boolean> {
    const outgoing = this.outgoing.get(records);
    let stored = await this.post(outgoing?.records ?? records);
    if (!stored && outgoing) {
      await this.refresh();
      outgoing.records = this.sealed(outgoing.kind, outgoing.contents);
      stored = await this.post(outgoing.records);
    }
    if (stored) this.outgoing.delete(records);
    return stored;
  }

  private async post(records: readonly Bytes[]): Promise<boolean> {
    const answer = await this.line.exchange(Operation.Post, false, postBody(this.keys("auth"), records));
    if (outcomeOf(answer) !== Outcome.Stored) return false;
    const sent = records.map((record) => this.letter(record, Side.Reporter));
    this.accept({ ...this.sides, own: this.sides.own.with(sent) });
    return true;
  }
}
