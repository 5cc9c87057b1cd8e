// A case's key, its commitment and its id.
import { type Bytes, Refused, equal, label } from "./bytes";
import { hash16, kdf } from "./kdf";

export const commitOf = (key: Bytes): Bytes => kdf(key, "commit");

/** The key itself, if it belongs to `commit`. */
export function committed(key: Bytes, commit: Bytes): Bytes {
  if (!equal(commitOf(key), commit)) throw new Refused("commitment");
  return key;
}

export const caseId = (deployment: Bytes, organisation: Bytes, reporter: Bytes, commit: Bytes): Bytes =>
  hash16(label("shudong/1 case"), deployment, organisation, reporter, commit);
