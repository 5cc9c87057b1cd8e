// One side's records in the order the server gives them, each in its place or not.
import type { Bytes } from "../envelope/bytes";
import { hash } from "../envelope/kdf";
import { Chain, SEEN_NOTHING, type Seen, headOf } from "../envelope/record";

export class Links {
  private readonly chain: Chain;
  /** Whether the newest record is not to be trusted. */
  broken = false;
  /** The newest trusted record, as the other side names it. */
  seen: Seen = SEEN_NOTHING;

  constructor(id: Bytes, tip: Bytes | null) {
    this.chain = new Chain(id);
    if (!tip) return;
    this.chain.next = 1;
    this.chain.prev = hash(tip);
    this.seen = { seq: 0, hash: this.chain.prev };
  }

  get next(): number {
    return this.chain.next;
  }

  get prev(): Bytes {
    return this.chain.prev;
  }

  /**
   * What `read` makes of a record that stands in its place; null if it cannot be trusted. Behind one that
   * cannot, the link says nothing, so the number and the author alone decide: one spoilt record must not
   * take everything after it away. A gap leaves every later number wrong.
   */
  follow<T>(record: Bytes, read: (record: Bytes) => T): T | null {
    const seq = this.chain.next;
    try {
      if (this.broken) this.chain.prev = headOf(record).prev;
      this.chain.take(record);
      const made = read(record);
      this.broken = false;
      this.seen = { seq, hash: this.chain.prev };
      return made;
    } catch {
      this.broken = true;
      this.chain.next = seq + 1;
      this.chain.prev = hash(record);
      return null;
    }
  }
}
