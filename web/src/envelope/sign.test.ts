// Verification against the library's own arithmetic, where the two halves of a number and a key's small part matter.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { expect, test } from "vitest";
import { concat, hex, label } from "./bytes";
import { sign, publicOf, verify } from "./sign";

const ORDER = ed.Point.CURVE().n;
/** A point of order eight (https://cr.yp.to/ecdh.html has its kin). */
const TORSION = ed.Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");

const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes.slice().reverse())}`);

function littleEndian(n: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[i] = Number((n >> BigInt(8 * i)) & 255n);
  return bytes;
}

const holds = (key: Uint8Array, body: Uint8Array, signature: Uint8Array): boolean => {
  try {
    verify(key, "test", body, signature);
    return true;
  } catch {
    return false;
  }
};

/** Signs with chosen numbers: `a` the secret one, `r` the nonce, and a key with a part of small order or without. */
function forged(a: bigint, r: bigint, torsion: ed.Point, body: Uint8Array): { key: Uint8Array; signature: Uint8Array; k: bigint } {
  const key = ed.Point.BASE.multiply(a).add(torsion).toBytes();
  const at = ed.Point.BASE.multiply(r).toBytes();
  const k = fromLittleEndian(sha512(concat(at, key, label("shudong/1 test"), body))) % ORDER;
  return { key, signature: concat(at, littleEndian((r + k * a) % ORDER)), k };
}

/** Small, around the halves' border, and large. */
const NUMBERS = [1n, 2n, 3n, (1n << 127n) + 5n, (1n << 128n) - 1n, 1n << 128n, (1n << 128n) + 1n, (1n << 252n) - 1n, ORDER - 1n];

test("whatever the numbers, a right signature holds and a changed one does not", () => {
  for (const a of NUMBERS) {
    for (const r of NUMBERS) {
      const body = littleEndian(a * 31n + r);
      const { key, signature } = forged(a, r, ed.Point.ZERO, body);
      expect(holds(key, body, signature), `${String(a)} ${String(r)}`).toBe(true);
      body[0] = (body[0] ?? 0) ^ 1;
      expect(holds(key, body, signature)).toBe(false);
    }
  }
});

test("a key with a part of small order is judged by the exact number, without the cofactor", () => {
  let accepted = 0;
  for (let i = 0; i < 48; i++) {
    const body = Uint8Array.of(i);
    const { key, signature, k } = forged(12345n + BigInt(i % 3), 678n, TORSION, body);
    expect(holds(key, body, signature)).toBe(k % 8n === 0n);
    if (k % 8n === 0n) accepted += 1;
  }
  expect(accepted, "control: both kinds came").toBeGreaterThan(0);
  expect(accepted).toBeLessThan(48);
});

test("what the library signs holds for many signers, more than are remembered", () => {
  for (let i = 0; i < 20; i++) {
    const seed = new Uint8Array(32).fill(i + 1);
    expect(holds(publicOf(seed), seed, sign(seed, "test", seed))).toBe(true);
    expect(holds(publicOf(seed), seed, sign(seed, "other", seed))).toBe(false);
  }
});
