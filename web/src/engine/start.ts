// Argon2id in a worker: it takes a poor phone seconds, in which the page must stay awake and be left at a tap.
import type { Argon2id } from "../envelope/argon2";
import type { Bytes } from "../envelope/bytes";
import plain from "./plain.worker?worker&url";
import type { Question } from "./serve";
import wasm from "./wasm.worker?worker&url";

/** The engine did not come, or found no room to work in. */
export class NoEngine extends Error {}

/** The smallest module there is: it tells whether browser and policy let WebAssembly run at all. */
const NOTHING = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

const runsWebAssembly = async (): Promise<boolean> => {
  try {
    await WebAssembly.compile(NOTHING);
    return true;
  } catch {
    return false;
  }
};

/** The worker's next word. */
function next(worker: Worker): Promise<Bytes | null> {
  return new Promise((done, fail) => {
    worker.onmessage = ({ data }: MessageEvent<Bytes | null>) => done(data);
    worker.onerror = () => fail(new NoEngine());
  });
}

async function start(): Promise<Argon2id> {
  const worker = new Worker((await runsWebAssembly()) ? wasm : plain);
  let earlier: Promise<unknown> = next(worker);
  await earlier;
  const compute = async (question: Question): Promise<Bytes> => {
    const answer = next(worker);
    worker.postMessage(question);
    const bytes = await answer;
    if (!bytes) throw new NoEngine();
    return bytes;
  };
  return (secret, salt) => {
    const answer = earlier.then(() => compute({ secret, salt }));
    earlier = answer.catch(() => undefined);
    return answer;
  };
}

let started: Promise<Argon2id> | null = null;

/** Starts the engine, once for a page; nothing is fetched after this resolves. Tried again by the next caller if that failed. */
export function startArgon2(): Promise<Argon2id> {
  started ??= start().catch((error: unknown) => {
    started = null;
    throw error;
  });
  return started;
}
