// Strict readers and writers: every length is stated, nothing is left over.

/** Bytes over a buffer of their own, as WebCrypto and fetch take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Why bytes were not accepted. It says where a form was left, never what stood there. */
export type Reason =
  | "length" | "version" | "padding" | "sealed" | "commitment" | "weak-key" | "signature" | "statement" | "thread";

export class Refused extends Error {
  constructor(readonly reason: Reason) {
    super(`refused: ${reason}`);
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const u8 = (value: number): Bytes => Uint8Array.of(value);
export const u32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** Strict UTF-8; anything else is refused. A byte order mark is a character like any other, not something to drop. */
export function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("version");
  }
}

/** A label and its zero byte. */
export const label = (name: string): Bytes => concat(utf8(name), u8(0));

/** Fills with zeros; more than `length` is refused. */
export function padded(bytes: Uint8Array, length: number): Bytes {
  if (bytes.length > length) throw new Refused("length");
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}

/** Compares without telling where the difference is. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(digits: string): Bytes {
  if (digits.length % 2 !== 0 || /[^0-9a-f]/.test(digits)) throw new Refused("length");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function fromBase64(encoded: string): Bytes {
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const fromBase64Url = (encoded: string): Bytes =>
  fromBase64(encoded.replace(/-/g, "+").replace(/_/g, "/"));

/** Takes bytes from the front. */
export class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  take(length: number): Bytes {
    if (this.at + length > this.bytes.length) throw new Refused("length");
    const taken = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  u8(): number {
    return this.take(1)[0] ?? 0;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65536 + this.u16();
  }

  /** One byte that is 0 or 1. */
  flag(): boolean {
    return this.upTo(1) === 1;
  }

  /** One byte of a code that goes up to `most`. */
  upTo(most: number): number {
    const value = this.u8();
    if (value > most) throw new Refused("version");
    return value;
  }

  /** A count, at most `most`, and that many pieces of `size` bytes. */
  counted(most: number, size: number): Bytes[] {
    const count = this.u8();
    if (count > most) throw new Refused("length");
    return Array.from({ length: count }, () => this.take(size));
  }

  /** The rest must be zeros. */
  zeros(): void {
    if (!isZero(this.bytes.subarray(this.at))) throw new Refused("padding");
  }

  end(): void {
    if (this.at !== this.bytes.length) throw new Refused("length");
  }
}
