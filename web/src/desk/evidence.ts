// A file of the reporter's, fetched piece by piece and opened in this browser's memory.
import { type Bytes, Refused, equal, isZero } from "../envelope/bytes";
import { CHUNK, type FileNote, openChunk } from "../envelope/evidence";
import { hash } from "../envelope/kdf";
import { LONGEST_SIDE, pictureOf } from "../picture";
import * as api from "./api";

/** What its record says of it, and where its pieces belong. */
export interface Attachment extends FileNote { deployment: Bytes; case: Bytes; caseId: string }

/** The whole file: every piece in its place, the rest zeros, the hash the record's. */
export async function openFile(file: Attachment, told: (pieces: number) => void): Promise<Bytes> {
  const whole = new Uint8Array(file.count * CHUNK);
  for (let index = 0; index < file.count; index++) {
    const place = { deployment: file.deployment, case: file.case, file: file.id, index, count: file.count };
    whole.set(openChunk(file.key, place, await api.chunk(file.caseId, file.id, index)), index * CHUNK);
    told(index + 1);
  }
  if (!isZero(whole.subarray(file.size))) throw new Refused("padding");
  const content = whole.slice(0, file.size);
  if (!equal(hash(content), file.hash)) throw new Refused("commitment");
  return content;
}

/** Whether it may be shown: what a reporter's page makes, and no larger. Anything else could be made to harm a desk. */
export function isShown(content: Bytes): boolean {
  const found = pictureOf(content);
  return found?.type === "image/jpeg" && found.whole && Math.max(found.width, found.height) <= LONGEST_SIDE;
}

/** A name without what could make it look like another, or like a path. */
export const safeName = (name: string): string =>
  name.replace(/[\p{C}\p{Z}\\/:*?"<>|]+/gu, " ").trim().slice(-80) || "file";
