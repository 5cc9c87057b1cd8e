// Half-written words, in memory only. While the desk is locked they are sealed under the member's own
// key: nothing of them is readable, and only the same member gets them back.
import { type Bytes, fromHex, text, utf8 } from "../envelope/bytes";
import { kdf } from "../envelope/kdf";
import * as sealed from "../envelope/sealed";
import type { Keys } from "./keys";

const keyOf = (keys: Keys): Bytes => kdf(keys.member.cache, "draft");

export class Drafts {
  private readonly open = new Map<string, string>();
  private readonly shut = new Map<string, Bytes>();

  get(name: string): string {
    return this.open.get(name) ?? "";
  }

  set(name: string, words: string): void {
    if (words === "") this.open.delete(name);
    else this.open.set(name, words);
  }

  lock(keys: Keys): void {
    const { id } = keys.session.member;
    if (this.open.size > 0) this.shut.set(id, sealed.seal(keyOf(keys), fromHex(id), utf8(JSON.stringify([...this.open]))));
    this.open.clear();
  }

  unlock(keys: Keys): void {
    const { id } = keys.session.member;
    const kept = this.shut.get(id);
    this.shut.delete(id);
    this.open.clear();
    if (!kept) return;
    const words = JSON.parse(text(sealed.open(keyOf(keys), fromHex(id), kept))) as [string, string][];
    for (const [name, one] of words) this.open.set(name, one);
  }

  /** Who leaves wants nothing kept. */
  forget(): void {
    this.open.clear();
  }
}
