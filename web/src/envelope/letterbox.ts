// The box: what the reporter needs again, sealed under the receipt.
import { type Bytes, Reader, Refused, concat, label, padded, u32, u8 } from "./bytes";
import * as sealed from "./sealed";

export const BOX = 200;

export interface Letterbox { key: Bytes; organisation: Bytes; root: Bytes; identity: Bytes; epoch: number; pinned: boolean }

const aad = (deployment: Bytes, id: Bytes): Bytes => concat(label("shudong/1 box"), deployment, id);

export function sealBox(box: Letterbox, key: Bytes, deployment: Bytes, id: Bytes): Bytes {
  const plain = concat(box.key, box.organisation, box.root, box.identity, u32(box.epoch), u8(box.pinned ? 1 : 0));
  return sealed.seal(key, aad(deployment, id), padded(plain, BOX - sealed.OVERHEAD));
}

export function openBox(bytes: Bytes, key: Bytes, deployment: Bytes, id: Bytes): Letterbox {
  if (bytes.length !== BOX) throw new Refused("length");
  const r = new Reader(sealed.open(key, aad(deployment, id), bytes));
  const box = { key: r.take(32), organisation: r.take(16), root: r.take(32), identity: r.take(32), epoch: r.u32(), pinned: r.flag() };
  r.zeros();
  return box;
}
