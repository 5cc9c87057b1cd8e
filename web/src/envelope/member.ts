// A member's root secret, what it yields, and how a passphrase guards it.
import type { Argon2id } from "./argon2";
import { type Bytes, concat, label, utf8 } from "./bytes";
import { kdf } from "./kdf";
import * as sealed from "./sealed";

export interface Unlock { auth: Bytes; kek: Bytes }

export async function unlock(passphrase: string, salt: Bytes, argon2id: Argon2id): Promise<Unlock> {
  const a = await argon2id(utf8(passphrase.normalize("NFKC")), salt);
  return { auth: kdf(a, "member auth"), kek: kdf(a, "member kek") };
}

export interface MemberKeys { kem: Bytes; sign: Bytes; cache: Bytes }

export function openRoot(sealedRoot: Bytes, by: Unlock, deployment: Bytes, member: Bytes): MemberKeys {
  const root = sealed.open(by.kek, concat(label("shudong/1 member root"), deployment, member), sealedRoot);
  const keys = { kem: kdf(root, "member kem"), sign: kdf(root, "member sign"), cache: kdf(root, "cache") };
  root.fill(0);
  return keys;
}
