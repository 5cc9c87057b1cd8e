// What must be there before anything is asked: verified keys, and the engine that locks.
import { startArgon2 } from "../engine/start";
import { Refused, fromBase64Url } from "../envelope/bytes";
import { Cover } from "./cover";
import { Line, fetchKeys } from "./network";

const { code = "" } = document.body.dataset;
const fragment = location.hash.slice(1);

let present: Line | null = null;
let loading: Promise<Line> | null = null;
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

async function load(): Promise<Line> {
  const pinned = pin();
  const [keys] = await Promise.all([fetchKeys(code, pinned), startArgon2()]);
  present = new Line(code, pinned, keys);
  cover = new Cover(present);
  cover.engaged(busy);
  return present;
}

/** Keys and engine, loaded once; tried again by the next caller if that failed. */
export function loaded(): Promise<Line> {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** What was loaded; null before. */
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
