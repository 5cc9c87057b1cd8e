// The receipt: 19 uniform digits and a Damm check digit, and the keys it yields.
import type { Argon2id } from "./argon2";
import { type Bytes, label, utf8 } from "./bytes";
import { hash16, kdf, random } from "./kdf";

const DAMM = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
].map((row) => Array.from(row, Number));

/** Interim digit; zero over a number with its check digit. */
const check = (digits: string): number =>
  Array.from(digits, Number).reduce((interim, digit) => DAMM[interim]?.[digit] ?? 0, 0);

/** Twenty fresh digits, drawn without bias. */
export function newReceipt(): string {
  let digits = "";
  while (digits.length < 19) {
    const byte = random(1)[0] ?? 255;
    if (byte < 250) digits += String(byte % 10);
  }
  return digits + String(check(digits));
}

export const isReceipt = (digits: string): boolean => /^[0-9]{20}$/.test(digits) && check(digits) === 0;

export type ReceiptKeys = (name: "auth" | "box" | "sign" | "kem" | "leaf" | "blind") => Bytes;

/** One Argon2 run; the keys follow from its root. */
export async function receiptKeys(digits: string, deployment: Bytes, argon2id: Argon2id): Promise<ReceiptKeys> {
  const salt = hash16(label("shudong/1 salt"), deployment);
  const root = await argon2id(utf8(digits.slice(0, 19)), salt);
  return (name) => kdf(root, `receipt ${name}`);
}
