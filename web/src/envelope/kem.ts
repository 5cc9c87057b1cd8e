// HPKE base mode over X-Wing, and the refusal of weak shares.
import { AeadId, type AeadInterface, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { type Bytes, Refused, hex } from "./bytes";
import { hash16 } from "./kdf";

export const PUBLIC_KEY = 1216;
export const ENCAPSULATION = 1120;

const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

type Part = ArrayBufferLike | ArrayBufferView;
const view = (part: Part): Uint8Array => (ArrayBuffer.isView(part) ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : new Uint8Array(part));

/** ChaCha20-Poly1305 of the same library as the rest, so that a phone loads one and not two. */
const aead: AeadInterface = {
  id: AeadId.Chacha20Poly1305,
  keySize: 32,
  nonceSize: 12,
  tagSize: 16,
  createEncryptionContext: (key) => {
    const cipher = (nonce: Part, aad: Part) => chacha20poly1305(view(key), view(nonce), view(aad));
    return {
      seal: (nonce, plain, aad) => new Promise((done) => { done(buffer(cipher(nonce, aad).encrypt(view(plain)))); }),
      open: (nonce, sealed, aad) => new Promise((done) => { done(buffer(cipher(nonce, aad).decrypt(view(sealed)))); }),
    };
  },
};

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead });

// The seven u-coordinates of small order, bit 255 cleared (https://cr.yp.to/ecdh.html#validate).
const SMALL_ORDER = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

/** Refuses the 14 encodings of a point of small order: the classical half would contribute nothing. */
export function strong(bytes: Uint8Array): void {
  const share = bytes.slice(-32);
  share[31] = (share[31] ?? 0) & 0x7f;
  if (SMALL_ORDER.has(hex(share))) throw new Refused("weak-key");
}

/** Bytes of the ML-KEM half: 768 numbers of 12 bits below the modulus, then its seed of 32. */
const NUMBERS = 1152;
const MODULUS = 3329;

/** FIPS 203's check of an encapsulation key; the library makes it only when it seals, and with an error of its own. */
function reduced(bytes: Uint8Array): boolean {
  for (let i = 0; i < NUMBERS; i += 3) {
    const [low, middle, high] = [bytes[i] ?? 0, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0];
    if ((low | ((middle & 15) << 8)) >= MODULUS || ((middle >> 4) | (high << 4)) >= MODULUS) return false;
  }
  return true;
}

export function checkedKey(bytes: Bytes): Bytes {
  if (bytes.length !== PUBLIC_KEY) throw new Refused("length");
  strong(bytes);
  if (!reduced(bytes)) throw new Refused("weak-key");
  return bytes;
}

export const keyId = (key: Uint8Array): Bytes => hash16(key);

/** The public key of a 32-byte seed. */
export async function publicOf(seed: Bytes): Promise<Bytes> {
  const { publicKey } = await kem.generateKeyPairDerand(seed.slice());
  return new Uint8Array(await kem.serializePublicKey(publicKey));
}

export interface Context {
  enc: Bytes;
  seal(plain: Bytes, aad: Bytes): Promise<Bytes>;
  export(label: Bytes): Promise<Bytes>;
}

export async function sender(to: Bytes, info: Bytes): Promise<Context> {
  checkedKey(to);
  const recipientPublicKey = await suite.kem.deserializePublicKey(buffer(to));
  const context = await suite.createSenderContext({ recipientPublicKey, info: buffer(info) });
  return {
    enc: new Uint8Array(context.enc),
    seal: async (plain, aad) => new Uint8Array(await context.seal(buffer(plain), buffer(aad))),
    export: async (name) => new Uint8Array(await context.export(buffer(name), 32)),
  };
}

export async function open(seed: Bytes, enc: Bytes, info: Bytes, ciphertext: Bytes, aad: Bytes): Promise<Bytes> {
  strong(enc);
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(buffer(seed));
    const context = await suite.createRecipientContext({ recipientKey, enc: buffer(enc), info: buffer(info) });
    return new Uint8Array(await context.open(buffer(ciphertext), buffer(aad)));
  } catch {
    throw new Refused("sealed");
  }
}
