// Argon2id in plain JavaScript: some three times slower, for browsers that run no WebAssembly here.
import { argon2id as compute } from "@noble/hashes/argon2";
import { type Argon2id, KIBIBYTES, LENGTH, PASSES } from "../envelope/argon2";
import type { Bytes } from "../envelope/bytes";

// In a promise, so that want of memory comes as it does from the other engine.
export const argon2id: Argon2id = (password, salt) =>
  new Promise((done) => { done(compute(password, salt, { t: PASSES, m: KIBIBYTES, p: 1, dkLen: LENGTH }) as Bytes); });
