// A 32-byte key sealed to one recipient: use | recipient key id 16 | enc 1120 | ciphertext 48.
import { type Bytes, Refused, concat, equal, label, u8 } from "./bytes";
import { hash } from "./kdf";
import * as kem from "./kem";

export const WRAP = 1185;
export const Purpose = { Case: 1, Dossier: 2, OrganisationSeed: 3, IdentitySeed: 4, Report: 5, Referral: 6, Reporter: 7 } as const;

export interface WrapContext { purpose: number; deployment: Bytes; object: Bytes; generation: number; use: number; commit: Bytes }

const info = (c: WrapContext, to: Bytes): Bytes => concat(label("shudong/1 wrap"), u8(c.purpose), hash(to));
const aad = (c: WrapContext): Bytes => concat(c.deployment, c.object, u8(c.generation), u8(c.use), c.commit);

export async function wrap(key: Bytes, to: Bytes, context: WrapContext): Promise<Bytes> {
  const sender = await kem.sender(to, info(context, to));
  return concat(u8(context.use), kem.keyId(to), sender.enc, await sender.seal(key, aad(context)));
}

export const recipient = (wrapped: Bytes): Bytes => wrapped.slice(1, 17);

/** Unwraps; the caller checks the key against its commitment. */
export async function unwrap(wrapped: Bytes, seed: Bytes, publicKey: Bytes, context: WrapContext): Promise<Bytes> {
  if (wrapped.length !== WRAP) throw new Refused("length");
  if (wrapped[0] !== context.use || !equal(recipient(wrapped), kem.keyId(publicKey))) throw new Refused("sealed");
  return kem.open(seed, wrapped.slice(17, 1137), info(context, publicKey), wrapped.slice(1137), aad(context));
}
