// Argon2id, 64 MiB, 3 passes, 1 lane: WebAssembly where the browser and the policy allow it, else plain
// JavaScript in a chunk of its own.
import type { Bytes } from "./bytes";

const PASSES = 3;
const KIBIBYTES = 65536;

export type Argon2id = (secret: Bytes, salt: Bytes) => Promise<Bytes>;

async function byWebAssembly(): Promise<Argon2id> {
  // The smallest module there is: it tells whether the policy lets WebAssembly run at all.
  await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const { argon2id } = await import("hash-wasm/dist/argon2.umd.min.js");
  return async (password, salt) => {
    const options = { password, salt, parallelism: 1, iterations: PASSES, memorySize: KIBIBYTES, hashLength: 32 };
    return (await argon2id({ ...options, outputType: "binary" })) as Bytes;
  };
}

async function byJavaScript(): Promise<Argon2id> {
  const { argon2idAsync } = await import("@noble/hashes/argon2");
  return async (password, salt) =>
    (await argon2idAsync(password, salt, { t: PASSES, m: KIBIBYTES, p: 1, dkLen: 32 })) as Bytes;
}

/** Loads the engine; nothing is fetched after this resolves. */
export async function loadArgon2(): Promise<Argon2id> {
  try {
    return await byWebAssembly();
  } catch {
    return await byJavaScript();
  }
}
