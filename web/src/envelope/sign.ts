// Ed25519 over a named body, verified strictly.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, Refused, concat, hex, label } from "./bytes";

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

/** Some multiples of a point: i·P + j·2¹²⁸·P stands at 4i + j. */
type Multiples = ed.Point[];

function multiplesOf(point: ed.Point): Multiples {
  let high = point;
  for (let i = 0; i < 128; i++) high = high.double();
  const [lows, highs] = [point, high].map((of) => [ed.Point.ZERO, of, of.double(), of.double().add(of)]);
  return (lows ?? []).flatMap((low) => (highs ?? []).map((other) => low.add(other)));
}

/** A number below 2²⁵⁶ in digits of two bits, the highest first. */
const digitsOf = (n: bigint): number[] => Array.from(n.toString(4).padStart(128, "0"), Number);

/**
 * n·P + m·Q, doubling for all halves of both at once, two bits of each at a time (Strauss and Shamir's way). Nothing here is
 * secret; and the library's table of the base point's multiples, made at the first use, costs more than all that a page verifies.
 */
function together(n: bigint, ofP: Multiples, m: bigint, ofQ: Multiples): ed.Point {
  const parts = [{ digits: digitsOf(n), multiples: ofP }, { digits: digitsOf(m), multiples: ofQ }];
  let sum = ed.Point.ZERO;
  for (let i = 0; i < 64; i++) {
    sum = sum.double().double();
    for (const { digits, multiples } of parts) {
      const at = 4 * (digits[64 + i] ?? 0) + (digits[i] ?? 0);
      if (at > 0) sum = sum.add(multiples[at] ?? ed.Point.ZERO);
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
    return together(scalar, ofBase, k, ofKey).equals(at);
  } catch {
    return false;
  }
}
