// A school behind a fake line: it keeps one case, answers as the service does, and may be told to lie.
import { type Bytes, concat, hex, padded, u32, u8 } from "../envelope/bytes";
import { caseId, commitOf } from "../envelope/case";
import { ANSWER, Operation } from "../envelope/exchange";
import { type Organisation, type Person, DAY, Town, fill } from "../envelope/fixture";
import { hash } from "../envelope/kdf";
import { publicOf as kemPublic } from "../envelope/kem";
import { type Verified, verifyKeys } from "../envelope/keys-document";
import { sealBox } from "../envelope/letterbox";
import { newReceipt, receiptKeys } from "../envelope/receipt";
import { type Head, Kind, type Seen, Side, headOf, memberPreface, reporterPreface, sealRecord, tipPreface } from "../envelope/record";
import { publicOf } from "../envelope/sign";
import { NetworkLost } from "./network";

/** Argon2 is not what is tested here. */
export const fastArgon2 = (secret: Bytes, salt: Bytes): Promise<Bytes> => Promise.resolve(hash(secret, salt));

export interface Reply {
  text?: string; by?: Person; home?: Organisation; epoch?: number; seq?: number; prev?: Bytes; seen?: Seen; signer?: Bytes; key?: Bytes;
  head?: Partial<Head>; deployment?: Bytes; content?: unknown;
}

export class School {
  readonly town = new Town();
  readonly receipt = newReceipt();
  keys!: Verified;
  id!: Bytes;
  caseKey = fill(0x77, 32);
  box!: Bytes;
  tip!: Bytes;
  own: Bytes[] = [];
  replies: Bytes[] = [];
  /** Pieces of files, by file and number. */
  pieces = new Map<string, string>();
  /** No more pieces are taken. */
  full = false;
  /** Exchanges to lose: before the service sees them, or on the way back. */
  lose: "request" | "answer" | null = null;
  /** What is done to the service's answer before it leaves. */
  lie: (answer: Answer) => Answer = (answer) => answer;
  /** An id that nothing hashes to. */
  claimed: Bytes | null = null;
  /** Seed of the identity in the box, if the organisation has handed over since. */
  identity: Bytes | null = null;
  private sign!: Bytes;

  static async open(change: (school: School) => void = () => undefined): Promise<School> {
    const school = new School();
    change(school);
    const { town } = school;
    school.keys = verifyKeys(await town.document(), town.code, null);
    const derived = await receiptKeys(school.receipt, town.deployment, fastArgon2);
    school.sign = derived("sign");
    const commit = commitOf(school.caseKey);
    const home = town.school;
    school.id = school.claimed ?? caseId(town.deployment, home.id, publicOf(school.sign), commit);
    const box = {
      key: school.caseKey, organisation: home.id, root: school.keys.root, identity: publicOf(school.identity ?? home.seed),
      epoch: home.epoch, pinned: false,
    };
    school.box = sealBox(box, derived("box"), town.deployment, school.id);
    const preface = tipPreface(publicOf(school.sign), await kemPublic(derived("kem")));
    school.tip = sealRecord({ ...school.head(Kind.Tip, Side.Reporter), seq: 0 }, preface, { v: 1, text: "tip" }, school.sign, school.caseKey);
    return school;
  }

  head(kind: number, side: number): Head {
    return { kind, side, generation: 0, seq: 0, deployment: this.town.deployment, case: this.id, object: this.id, prev: new Uint8Array(32) };
  }

  /** A reply of a member; whatever `reply` names is done otherwise than an honest desk does it. */
  sealed(reply: Reply = {}): Bytes {
    const { by = this.town.people[1], home = this.town.school } = reply;
    const last = this.replies[this.replies.length - 1];
    const lastOwn = this.own[this.own.length - 1] ?? this.tip;
    const seen = reply.seen ?? { seq: this.own.length, hash: hash(lastOwn) };
    const statement = this.town.memberOf(by, home, fill(1), reply.epoch ?? home.epoch, reply.deployment ?? this.town.deployment);
    const head = {
      ...this.head(Kind.Message, Side.Committee), seq: reply.seq ?? this.replies.length, prev: reply.prev ?? (last ? hash(last) : new Uint8Array(32)),
      ...reply.head,
    };
    const content = "content" in reply ? reply.content : { v: 1, text: reply.text ?? `reply ${String(head.seq)}`, day: DAY, name: "Li" };
    return sealRecord(head, memberPreface(statement, seen), content, reply.signer ?? by.sign, reply.key ?? this.caseKey);
  }

  reply(reply: Reply = {}): Bytes {
    const record = this.sealed(reply);
    this.replies.push(record);
    return record;
  }

  /** A letter that the reporter writes from another phone. */
  writes(text: string, seen?: Seen): void {
    const last = this.own[this.own.length - 1] ?? this.tip;
    const lastReply = this.replies[this.replies.length - 1];
    const named = seen ?? (lastReply ? { seq: this.replies.length - 1, hash: hash(lastReply) } : { seq: 0xffffffff, hash: new Uint8Array(32) });
    const head = { ...this.head(Kind.Message, Side.Reporter), seq: this.own.length + 1, prev: hash(last) };
    this.own.push(sealRecord(head, reporterPreface(named), { v: 1, text, day: DAY }, this.sign, this.caseKey));
  }

  get line(): { keys: Verified; exchange: (operation: number, urgent: boolean, body: Bytes) => Promise<Bytes> } {
    return {
      keys: this.keys,
      exchange: async (operation, _urgent, body) => {
        if (this.lose === "request") throw new NetworkLost();
        const answer = padded(this.answer(operation, body), ANSWER);
        if (this.lose === "answer") throw new NetworkLost();
        return Promise.resolve(answer);
      },
    };
  }

  private answer(operation: number, body: Bytes): Bytes {
    if (operation === Operation.Fetch) {
      return fetchAnswer(this.lie({ case: this.id, box: this.box, tip: this.tip, own: this.own.slice(-2), replies: this.replies.slice(-2), page: [] }));
    }
    if (operation === Operation.Older) {
      const before = new DataView(body.buffer).getUint32(33);
      const page = body[32] === Side.Reporter ? this.own.slice(0, before - 1).slice(-7) : this.replies.slice(0, before).slice(-7);
      const { page: shown } = this.lie({ case: this.id, box: this.box, tip: this.tip, own: [], replies: [], page });
      return concat(u8(shown.length), ...shown);
    }
    const stored = operation === Operation.Chunk ? this.takes(body) : this.post(body);
    return concat(u8(stored ? 0 : 3), u32(DAY * 24));
  }

  /** The first bytes in a place are kept. */
  private takes(body: Bytes): boolean {
    const place = `${hex(body.slice(32, 48))} ${String(new DataView(body.buffer).getUint32(48))}`;
    const piece = hex(body.slice(56));
    if (!this.full && !this.pieces.has(place)) this.pieces.set(place, piece);
    return this.pieces.get(place) === piece;
  }

  private post(body: Bytes): boolean {
    const own = this.own.slice();
    for (let i = 0; i < (body[32] ?? 0); i++) {
      const record = body.slice(33 + i * 4224, 33 + (i + 1) * 4224);
      const { seq, prev } = headOf(record);
      const there = own[seq - 1];
      if (there && hash(there).join() !== hash(record).join()) return false;
      if (there) continue;
      if (seq !== own.length + 1 || hash(own[seq - 2] ?? this.tip).join() !== prev.join()) return false;
      own.push(record);
    }
    this.own = own;
    return true;
  }
}

/** What an answer shows. */
export interface Answer { case: Bytes; box: Bytes; tip: Bytes; own: Bytes[]; replies: Bytes[]; page: Bytes[] }

function fetchAnswer({ case: id, box, tip, own, replies }: Answer): Bytes {
  const status = padded(concat(id, u8(0), fill(0, 3), u32(0), u32(DAY * 24), u32(DAY * 24), u32(DAY), u8(7), u8(30), u8(0)), 1024);
  return concat(u8(1), status, box, new Uint8Array(1185), tip, u8(own.length + replies.length), ...own, ...replies);
}
