// One side of a conversation, as far as this page has verified it.
import { type Bytes, Refused, equal, isZero } from "../envelope/bytes";
import { SEEN_NOTHING, type Seen } from "../envelope/record";

export interface Letter { side: "mine" | "school"; day: number; text: string; worse: boolean; seq: number; /** Name of a file that was added. */ file: string | null }

/** A record that opened and whose author was verified. */
export interface Known {
  seq: number; hash: Bytes; prev: Bytes; seen: Seen;
  /** Epoch of the author's `member` statement; 0 on the reporter's own side. */
  epoch: number;
  /** Null for the tip. */
  letter: Letter | null;
}

function holds(truth: boolean): void {
  if (!truth) throw new Refused("thread");
}

/**
 * Records of one side. An answer shows only the newest few, so there may be holes between runs; what is held
 * on both sides of a link must agree, and nothing that was verified once is ever replaced. Never changed in place:
 * an answer that is refused leaves no trace.
 */
export class VerifiedSide {
  private constructor(private readonly records: ReadonlyMap<number, Known>) {}

  static readonly empty = new VerifiedSide(new Map());

  /** In ascending order. */
  get all(): Known[] {
    return Array.from(this.records.values()).sort((a, b) => a.seq - b.seq);
  }

  get newest(): Known | null {
    const all = this.all;
    return all[all.length - 1] ?? null;
  }

  /** Number and hash of the newest, as the other side names it. */
  get seen(): Seen {
    const { newest } = this;
    return newest ? { seq: newest.seq, hash: newest.hash } : SEEN_NOTHING;
  }

  /** With one run of records more: consecutive, linked to each other and to what is held. */
  with(run: readonly Known[]): VerifiedSide {
    const records = new Map(this.records);
    run.forEach((one, i) => {
      holds(one.seq === (run[0]?.seq ?? 0) + i);
      // Other bytes under a number that was verified: a rewritten history.
      const held = records.get(one.seq);
      holds(!held || equal(held.hash, one.hash));
      records.set(one.seq, one);
    });
    const next = new VerifiedSide(records);
    next.check();
    return next;
  }

  /** With the newest run of an answer: it may add to what was verified, never take away. */
  withNewest(run: readonly Known[]): VerifiedSide {
    const next = this.with(run);
    holds((run[run.length - 1]?.seq ?? -1) >= (this.newest?.seq ?? -1));
    return next;
  }

  private check(): void {
    let epoch = 0;
    for (const one of this.all) {
      const before = this.records.get(one.seq - 1);
      if (one.seq === 0) holds(isZero(one.prev));
      else if (before) holds(equal(one.prev, before.hash));
      // A removed member keeps old statements and old keys; a newer epoch ends what they can say.
      holds(one.epoch >= epoch);
      epoch = one.epoch;
    }
  }

  /** The highest number whose predecessor is not held; null if none is missing. */
  get missingBefore(): number | null {
    const from = this.all.reverse().find((one) => one.seq > 0 && !this.records.has(one.seq - 1));
    return from?.seq ?? null;
  }

  /** Whether what the other side says it has seen of this one can be true. */
  confirms(seen: Seen): boolean {
    if (seen.seq === SEEN_NOTHING.seq) return isZero(seen.hash);
    if (seen.seq > (this.newest?.seq ?? -1)) return false;
    const held = this.records.get(seen.seq);
    return !held || equal(held.hash, seen.hash);
  }
}
