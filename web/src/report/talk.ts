// Coming back: the box, the letters, writing again. What does not verify is not shown.
import type { Argon2id } from "../envelope/argon2";
import { type Bytes, Refused, equal } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import {
  type Fetched, Operation, type Status, olderBody, parseFetched, parseOlder, parseOutcome, postBody,
} from "../envelope/exchange";
import { hash } from "../envelope/kdf";
import { type Letterbox, openBox } from "../envelope/letterbox";
import { type ReceiptKeys, receiptKeys } from "../envelope/receipt";
import {
  Chain, Kind, type Seen, SEEN_NOTHING, Side, openRecord, reporterPreface, room, sealRecord, signedBy, signedByMember,
} from "../envelope/record";
import { publicOf } from "../envelope/sign";
import { utf8 } from "../envelope/bytes";
import type { Line } from "./network";

export interface Letter { side: "mine" | "school"; day: number; text: string; worse: boolean; seq: number }

interface Message { text?: unknown; day?: unknown; worse?: unknown }

/** The conversation behind a receipt. */
export class Talk {
  letters: Letter[] = [];
  tip: Record<string, unknown> = {};
  status: Status;
  private chain: Chain;
  private seen: Seen = SEEN_NOTHING;

  private constructor(private readonly line: Line, private readonly keys: ReceiptKeys, private readonly box: Letterbox, fetched: Fetched) {
    this.status = fetched.status;
    this.chain = Chain.after(fetched.tip);
    this.read(fetched);
  }

  /** Null if the code opens nothing. */
  static async open(receipt: string, line: Line, argon2id: Argon2id): Promise<Talk | null> {
    const { deployment } = line.keys;
    const keys = await receiptKeys(receipt, deployment, argon2id);
    const fetched = parseFetched(await line.exchange(Operation.Fetch, false, keys("auth")));
    if (!fetched) return null;
    const id = fetched.status.case;
    const box = openBox(fetched.box, keys("box"), deployment, id);
    const expected = caseId(deployment, box.organisation, publicOf(keys("sign")), commitOf(box.key));
    if (!equal(expected, id)) throw new Refused("thread");
    return new Talk(line, keys, box, fetched);
  }

  async refresh(): Promise<void> {
    const fetched = parseFetched(await this.line.exchange(Operation.Fetch, false, this.keys("auth")));
    if (!fetched) throw new Refused("thread");
    this.status = fetched.status;
    this.read(fetched);
  }

  private read(fetched: Fetched): void {
    const tip = openRecord(fetched.tip, this.box.key);
    signedBy(tip, publicOf(this.keys("sign")));
    this.tip = tip.content as Record<string, unknown>;
    const own = fetched.records.filter((record) => record[2] === Side.Reporter);
    const school = fetched.records.filter((record) => record[2] === Side.Committee);
    if (own.length + school.length !== fetched.records.length) throw new Refused("thread");
    this.letters = [...this.take(own), ...this.take(school)];
    const newestOwn = own[own.length - 1];
    this.chain = Chain.after(newestOwn ?? fetched.tip);
    const newest = school[school.length - 1];
    if (newest) this.seen = Chain.after(newest).seen();
    this.sort();
  }

  /** Consecutive records of one side: linked, of this case, and by who may write there. */
  private take(records: readonly Bytes[]): Letter[] {
    let before: Bytes | null = null;
    return records.map((record) => {
      const opened = openRecord(record, this.box.key);
      const { head } = opened;
      if (!equal(head.case, this.status.case) || head.kind !== Kind.Message) throw new Refused("thread");
      if (before && !equal(head.prev, hash(before))) throw new Refused("thread");
      before = record;
      if (head.side === Side.Reporter) signedBy(opened, publicOf(this.keys("sign")));
      else signedByMember(opened, this.box.identity, this.box.organisation);
      const { text, day, worse } = opened.content as Message;
      return {
        side: head.side === Side.Reporter ? "mine" : "school", seq: head.seq,
        text: String(text), day: Number(day), worse: worse === true,
      };
    });
  }

  private sort(): void {
    this.letters.sort((a, b) => a.day - b.day || (a.side === b.side ? a.seq - b.seq : a.side === "mine" ? -1 : 1));
  }

  /** Earlier letters of both sides; true if there were any. */
  async older(): Promise<boolean> {
    let found = false;
    for (const [side, name] of [[Side.Reporter, "mine"], [Side.Committee, "school"]] as const) {
      const seqs = this.letters.filter((letter) => letter.side === name).map((letter) => letter.seq);
      const before = Math.min(...seqs);
      if (seqs.length === 0 || before <= (side === Side.Reporter ? 1 : 0)) continue;
      const records = parseOlder(await this.line.exchange(Operation.Older, false, olderBody(this.keys("auth"), side, before)));
      this.letters.push(...this.take(records));
      found ||= records.length > 0;
    }
    this.sort();
    return found;
  }

  /** Sends a letter; sealed once, so that sending it again is the same letter. */
  seal(text: string, worse: boolean): Bytes[] {
    const pieces = split(text);
    return pieces.map((piece, i) => {
      const { deployment } = this.line.keys;
      const id = this.status.case;
      const head = {
        kind: Kind.Message, side: Side.Reporter, generation: 0, seq: this.chain.next, deployment, case: id, object: id, prev: this.chain.prev,
      };
      const content = { v: 1, text: piece, day: this.line.keys.day, ...(worse ? { worse } : {}), ...(i < pieces.length - 1 ? { more: true } : {}) };
      const record = sealRecord(head, reporterPreface(this.seen), content, this.keys("sign"), this.box.key);
      this.chain.take(record);
      return record;
    });
  }

  async send(records: readonly Bytes[]): Promise<boolean> {
    const body = postBody(this.keys("auth"), records);
    return parseOutcome(await this.line.exchange(Operation.Post, false, body)).outcome === 0;
  }
}

/** Pieces that each fit into one record. */
export function split(text: string): string[] {
  const most = room(Kind.Message, Side.Reporter) - 120;
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
