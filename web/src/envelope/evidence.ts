// Files that a reporter adds: chunks of one size, in counts that say little.
import { type Bytes, Refused, concat, fromHex, hex, label, padded, u32 } from "./bytes";
import * as sealed from "./sealed";

/** Bytes of a chunk's plain text; a file's last ones are filled with zeros. */
export const CHUNK = 262144;
export const SEALED_CHUNK = CHUNK + sealed.OVERHEAD;
/** Bytes of the largest file, 50 MiB. */
export const LARGEST_FILE = 50 * 1024 * 1024;
const MOST_CHUNKS = 208;

/** The number of chunks that stands for `chunks`: 1, 2, 4, 8, 16, then Padmé. */
export function rounded(chunks: number): number {
  const exponent = 31 - Math.clz32(Math.max(1, chunks - (chunks <= 16 ? 1 : 0)));
  if (chunks <= 16) return chunks <= 1 ? 1 : 2 ** (exponent + 1);
  // With exponent E a number keeps its first bit and as many more as E has; the rest is rounded up.
  const mask = 2 ** (exponent - (32 - Math.clz32(exponent))) - 1;
  return (chunks + mask) & ~mask;
}

/** Where a chunk belongs. */
export interface Place { deployment: Bytes; case: Bytes; file: Bytes; index: number; count: number }

function aad({ deployment, case: id, file, index, count }: Place): Bytes {
  if (count < 1 || count > MOST_CHUNKS || rounded(count) !== count || index >= count) throw new Refused("length");
  return concat(label("shudong/1 chunk"), deployment, id, file, u32(index), u32(count));
}

/** Seals a chunk, filled with zeros, under its file's key. */
export const sealChunk = (key: Bytes, place: Place, plain: Uint8Array): Bytes => sealed.seal(key, aad(place), padded(plain, CHUNK));

/** Opens a chunk; its zeros are still on it, the file's size tells how many. */
export function openChunk(key: Bytes, place: Place, chunk: Bytes): Bytes {
  const where = aad(place);
  if (chunk.length !== SEALED_CHUNK) throw new Refused("length");
  return sealed.open(key, where, chunk);
}

/** A file as its `files` record names it. */
export interface FileNote { id: Bytes; key: Bytes; name: string; type: string; size: number; count: number; hash: Bytes }

export const fileContent = (note: FileNote): Record<string, unknown> =>
  ({ id: hex(note.id), key: hex(note.key), name: note.name, type: note.type, size: note.size, count: note.count, hash: hex(note.hash) });

/** Reads what a `files` record says; whatever cannot be such a file is refused. */
export function fileOf(content: Record<string, unknown>): FileNote {
  const { name, type, size, count } = content;
  const bytes = (value: unknown, length: number): Bytes => {
    const read = fromHex(typeof value === "string" ? value : "0");
    if (read.length !== length) throw new Refused("length");
    return read;
  };
  const holds = typeof name === "string" && typeof type === "string" && typeof size === "number" && Number.isSafeInteger(size)
    && size > 0 && size <= LARGEST_FILE && count === rounded(Math.ceil(size / CHUNK));
  if (!holds) throw new Refused("version");
  return { id: bytes(content.id, 16), key: bytes(content.key, 32), name, type, size, count, hash: bytes(content.hash, 32) };
}
