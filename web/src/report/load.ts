// What must be there before anything is sealed: keys that hold, and the engine that locks.
import { startArgon2 } from "../engine/start";
import { Refused, fromBase64Url } from "../envelope/bytes";
import { Cover } from "./cover";
import { Line, fetchKeys } from "./network";

const { code = "" } = document.body.dataset;
const fragment = location.hash.slice(1);

let present: Line | null = null;
let cover: Cover | null = null;
let busy = false;

/** The poster's pin, if the address came with one; a pin that is none is a wrong one. */
function pin(): Uint8Array<ArrayBuffer> | null {
  if (fragment === "") return null;
  let bytes;
  try {
    bytes = fromBase64Url(fragment);
  } catch {
    throw new Refused("statement");
  }
  if (bytes.length !== 16) throw new Refused("statement");
  return bytes;
}

/** Begun by the first caller, and anew by the next one if it failed. */
function once(begin: () => Promise<Line>): () => Promise<Line> {
  let begun: Promise<Line> | null = null;
  return () => {
    begun ??= begin().catch((error: unknown) => {
      begun = null;
      throw error;
    });
    return begun;
  };
}

/** Keys that hold. */
export const verified = once(async () => {
  const pinned = pin();
  present = new Line(code, pinned, await fetchKeys(code, pinned));
  return present;
});

/** Keys and engine. */
export const loaded = once(async () => {
  const [line] = await Promise.all([verified(), startArgon2()]);
  cover = new Cover(line);
  cover.engaged(busy);
  return line;
});

/** The line, once its keys hold; null before. */
export const line = (): Line | null => present;

/** Over when keys and engine are there and the visit's first exchange is over, whatever became of it. */
export async function covered(): Promise<void> {
  await loaded();
  await cover?.first;
}

/** Whether the visitor is telling or typing digits, so that the visit's second exchange will be theirs. */
export function engaged(now: boolean): void {
  busy = now;
  cover?.engaged(now);
}

/** The visit's deed goes now. */
export const deed = (): void => cover?.deed();
