// Ed25519 over a named body, verified strictly.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, Refused, concat, equal, hex, label } from "./bytes";

ed.hashes.sha512 = (bytes) => sha512(bytes) as Bytes;

const ORDER = ed.Point.CURVE().n;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}

const message = (name: string, body: Uint8Array): Bytes => concat(label(`shudong/1 ${name}`), body);

export const publicOf = (seed: Uint8Array): Bytes => ed.getPublicKey(seed);

export const sign = (seed: Uint8Array, name: string, body: Uint8Array): Bytes =>
  ed.sign(message(name, body), seed);

export function verify(key: Uint8Array, name: string, body: Uint8Array, signature: Uint8Array): void {
  if (!valid(key, message(name, body), signature)) throw new Refused("signature");
}

/**
 * n·P + m·Q, doubling for both at once, two bits of each at a time (Strauss and Shamir's way). Nothing here is secret; and the
 * library's table of the base point's multiples, made at the first use, costs more than all that a page verifies.
 */
function together(n: bigint, p: ed.Point, m: bigint, q: ed.Point): ed.Point {
  // i·P + j·Q stands at 4i + j.
  const multiples = (of: ed.Point): ed.Point[] => [ed.Point.ZERO, of, of.double(), of.double().add(of)];
  const sums = multiples(p).flatMap((left) => multiples(q).map((right) => left.add(right)));
  let sum = ed.Point.ZERO;
  for (let bit = 252n; bit >= 0n; bit -= 2n) {
    const at = Number((((n >> bit) & 3n) << 2n) | ((m >> bit) & 3n));
    sum = sum.double().double();
    if (at > 0) sum = sum.add(sums[at] ?? ed.Point.ZERO);
  }
  return sum;
}

/** The last signer and its point: most statements of a page are one school's. */
let signer: { key: Uint8Array; point: ed.Point } | null = null;

/** A key as a point of large order; throws if it is none. */
function pointOf(key: Uint8Array): ed.Point {
  if (signer && equal(key, signer.key)) return signer.point;
  const point = ed.Point.fromBytes(key);
  if (point.isSmallOrder()) throw new Refused("signature");
  signer = { key: key.slice(), point };
  return point;
}

/**
 * The library multiplies by the cofactor even when it is told to be strict, and so takes signatures with a part of
 * small order that the Rust side refuses. Two readers must not differ: R itself is computed anew and compared.
 */
function valid(key: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    const [r, s] = [signature.slice(0, 32), signature.slice(32)];
    const [a, at] = [pointOf(key), ed.Point.fromBytes(r)];
    const scalar = littleEndian(s);
    if (signature.length !== 64 || scalar >= ORDER || at.isSmallOrder()) return false;
    const k = littleEndian(sha512(concat(r, key, signed))) % ORDER;
    return together(scalar, ed.Point.BASE, k, a.negate()).equals(at);
  } catch {
    return false;
  }
}
