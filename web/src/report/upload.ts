// One reading of a file on its way: pieces one after the other, each until it is answered, then the record that names it.
import type { Bytes } from "../envelope/bytes";
import { CHUNK, type FileNote, rounded, sealChunk } from "../envelope/evidence";
import { hash, random } from "../envelope/kdf";
import type { Talk } from "./talk";

/**
 * Bytes, id and key belong together: a file that is read again is another file, so no place ever gets two contents.
 * What was answered is not sent again, and what was not goes again byte for byte.
 */
export class Upload {
  private next = 0;
  private piece: Bytes | null = null;
  private record: Bytes[] | null = null;
  private readonly note: FileNote;

  constructor(private readonly bytes: Bytes, name: string, type: string) {
    const count = rounded(Math.ceil(bytes.length / CHUNK));
    this.note = { id: random(16), key: random(32), name, type, size: bytes.length, count, hash: hash(bytes) };
  }

  get count(): number {
    return this.note.count;
  }

  /** Goes on where it stopped; false if the service takes no more. Each answered piece is told. */
  async send(talk: Talk, sent: (pieces: number) => void): Promise<boolean> {
    while (this.next < this.count) {
      this.piece ??= this.sealed(talk);
      if (!(await talk.sendChunk(this.note, this.next, this.piece))) return false;
      this.piece = null;
      this.next += 1;
      sent(this.next);
    }
    // Only now: a desk is told of a file when all of it is there.
    this.record ??= talk.sealFile(this.note);
    return talk.send(this.record);
  }

  private sealed(talk: Talk): Bytes {
    const place = { ...talk.where, file: this.note.id, index: this.next, count: this.count };
    return sealChunk(this.note.key, place, this.bytes.subarray(this.next * CHUNK, (this.next + 1) * CHUNK));
  }
}
