// Argon2id with the one set of parameters that docs/protocol.md has; src/engine computes it.
import type { Bytes } from "./bytes";

export const PASSES = 3;
export const KIBIBYTES = 65536;
/** Bytes that come out. */
export const LENGTH = 32;

export type Argon2id = (secret: Bytes, salt: Bytes) => Promise<Bytes>;
