// XChaCha20-Poly1305: nonce 24 | ciphertext | tag 16.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { type Bytes, Refused, concat } from "./bytes";
import { random } from "./kdf";

export const OVERHEAD = 40;

export function seal(key: Uint8Array, aad: Uint8Array, plain: Uint8Array): Bytes {
  const nonce = random(24);
  return concat(nonce, xchacha20poly1305(key, nonce, aad).encrypt(plain));
}

/** One opaque refusal, for whatever reason. */
export function open(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  if (sealed.length < OVERHEAD) throw new Refused("sealed");
  try {
    return xchacha20poly1305(key, sealed.slice(0, 24), aad).decrypt(sealed.slice(24));
  } catch {
    throw new Refused("sealed");
  }
}
