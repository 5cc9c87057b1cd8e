// Ed25519 over a named body, verified strictly.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, Refused, concat, hex, label } from "./bytes";

ed.hashes.sha512 = (bytes) => sha512(bytes) as Bytes;

const { d: D, n: ORDER, p: P } = ed.Point.CURVE();

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
 * A point in extended coordinates, x = X/Z, y = Y/Z, T = XY/Z, each modulo P and of either sign. The library reduces, checks
 * and freezes each coordinate of each sum; a page makes three thousand before its first question, and nothing of it is secret.
 */
interface Sum { x: bigint; y: bigint; z: bigint; t: bigint }
/** What a point is as an addend: Y + X, Y − X, 2Z, 2dT. */
interface Addend { plus: bigint; minus: bigint; z: bigint; t: bigint }

const ZERO: Sum = { x: 0n, y: 1n, z: 1n, t: 0n };

const crossed = (e: bigint, f: bigint, g: bigint, h: bigint): Sum => ({ x: (e * f) % P, y: (g * h) % P, z: (f * g) % P, t: (e * h) % P });

/** Hisil, Wong, Carter, Dawson 2008, "dbl-2008-hwcd" for a = −1. */
function twice({ x, y, z }: Sum): Sum {
  const [a, b, both] = [(x * x) % P, (y * y) % P, x + y];
  const [h, g] = [a + b, a - b];
  return crossed(h - ((both * both) % P), g + ((2n * z * z) % P), g, h);
}

/** The same paper's "add-2008-hwcd-3", which holds for any two points of this curve. */
function added({ x, y, z, t }: Sum, other: Addend): Sum {
  const [a, b] = [((y - x) * other.minus) % P, ((y + x) * other.plus) % P];
  const [c, d] = [(t * other.t) % P, (z * other.z) % P];
  return crossed(b - a, d - c, d + c, b + a);
}

const addend = ({ x, y, z, t }: Sum): Addend => ({ plus: y + x, minus: y - x, z: 2n * z, t: (2n * D * t) % P });

/** Some multiples of a point: i·P + j·2¹²⁸·P stands at 4i + j. */
type Multiples = Addend[];

function multiplesOf({ X, Y, Z, T }: ed.Point): Multiples {
  const point = { x: X, y: Y, z: Z, t: T };
  let high: Sum = point;
  for (let i = 0; i < 128; i++) high = twice(high);
  const upToThree = (of: Sum): Sum[] => {
    const two = twice(of);
    return [ZERO, of, two, added(two, addend(of))];
  };
  const highs = upToThree(high).map(addend);
  return upToThree(point).flatMap((low) => highs.map((other) => addend(added(low, other))));
}

/** A number below 2²⁵⁶ in digits of two bits, the highest first. */
const digitsOf = (n: bigint): number[] => Array.from(n.toString(4).padStart(128, "0"), Number);

/**
 * n·P + m·Q, doubling for all halves of both at once, two bits of each at a time (Strauss and Shamir's way). The library's
 * table of the base point's multiples, made at the first use, costs more than all that a page verifies.
 */
function together(n: bigint, ofP: Multiples, m: bigint, ofQ: Multiples): Sum {
  const parts = [{ digits: digitsOf(n), multiples: ofP }, { digits: digitsOf(m), multiples: ofQ }];
  let sum = ZERO;
  for (let i = 0; i < 64; i++) {
    sum = twice(twice(sum));
    for (const { digits, multiples } of parts) {
      const at = 4 * (digits[64 + i] ?? 0) + (digits[i] ?? 0);
      const one = at > 0 && multiples[at];
      if (one) sum = added(sum, one);
    }
  }
  return sum;
}

let ofBase: Multiples | null = null;

/** Multiples of signers' negatives, by their keys: a page has few signers, and some sign often. */
const ofSigners = new Map<string, Multiples>();
const MOST_SIGNERS = 16;

/** Multiples of a key's negative; throws if the key is no point of large order. */
function negativesOf(key: Uint8Array): Multiples {
  const name = hex(key);
  const known = ofSigners.get(name);
  if (known) return known;
  const point = ed.Point.fromBytes(key);
  if (point.isSmallOrder()) throw new Refused("signature");
  const multiples = multiplesOf(point.negate());
  if (ofSigners.size >= MOST_SIGNERS) ofSigners.clear();
  ofSigners.set(name, multiples);
  return multiples;
}

/**
 * The library multiplies by the cofactor even when it is told to be strict, and so takes signatures with a part of
 * small order that the Rust side refuses. Two readers must not differ: R itself is computed anew and compared.
 */
function valid(key: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    const [r, s] = [signature.slice(0, 32), signature.slice(32)];
    const [ofKey, at] = [negativesOf(key), ed.Point.fromBytes(r)];
    const scalar = littleEndian(s);
    if (signature.length !== 64 || scalar >= ORDER || at.isSmallOrder()) return false;
    const k = littleEndian(sha512(concat(r, key, signed))) % ORDER;
    ofBase ??= multiplesOf(ed.Point.BASE);
    const { x, y, z } = together(scalar, ofBase, k, ofKey);
    return (x - at.X * z) % P === 0n && (y - at.Y * z) % P === 0n;
  } catch {
    return false;
  }
}
