// Ed25519 over a named body, verified strictly.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, Refused, concat, label } from "./bytes";

ed.hashes.sha512 = (bytes) => sha512(bytes) as Bytes;

const message = (name: string, body: Uint8Array): Bytes => concat(label(`shudong/1 ${name}`), body);

export const publicOf = (seed: Uint8Array): Bytes => ed.getPublicKey(seed);

export const sign = (seed: Uint8Array, name: string, body: Uint8Array): Bytes =>
  ed.sign(message(name, body), seed);

export function verify(key: Uint8Array, name: string, body: Uint8Array, signature: Uint8Array): void {
  let valid = false;
  try {
    valid = ed.verify(signature, message(name, body), key, { zip215: false });
  } catch {
    valid = false;
  }
  if (!valid) throw new Refused("signature");
}
