// Hashes and derived keys.
import { hkdf } from "@noble/hashes/hkdf";
import { sha256 } from "@noble/hashes/sha2";
import { type Bytes, concat, utf8 } from "./bytes";

export const hash = (...parts: readonly Uint8Array[]): Bytes => sha256(concat(...parts)) as Bytes;

/** The form of every id. */
export const hash16 = (...parts: readonly Uint8Array[]): Bytes => hash(...parts).slice(0, 16);

/** HKDF-SHA256 without salt, info "shudong/1 " name, 32 bytes. */
export const kdf = (key: Uint8Array, name: string): Bytes =>
  hkdf(sha256, key, undefined, utf8(`shudong/1 ${name}`), 32) as Bytes;

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
