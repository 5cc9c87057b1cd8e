// Argon2id by WebAssembly.
import { argon2id as compute } from "hash-wasm/dist/argon2.umd.min.js";
import { type Argon2id, KIBIBYTES, LENGTH, PASSES } from "../envelope/argon2";
import type { Bytes } from "../envelope/bytes";

export const argon2id: Argon2id = async (password, salt) => {
  const options = { password, salt, parallelism: 1, iterations: PASSES, memorySize: KIBIBYTES, hashLength: LENGTH };
  return (await compute({ ...options, outputType: "binary" })) as Bytes;
};
