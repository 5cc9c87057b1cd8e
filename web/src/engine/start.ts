// Argon2id in a worker: it takes a poor phone seconds, in which the page must stay awake and be left at a tap.
import type { Argon2id } from "../envelope/argon2";
import type { Bytes } from "../envelope/bytes";
import plain from "./plain.worker?worker&url";
import type { Question } from "./serve";
import wasm from "./wasm.worker?worker&url";

/** The engine did not come, broke, or found no room to work in. */
export class NoEngine extends Error {}

/** The smallest module there is: it tells whether browser and policy let WebAssembly run at all. */
const NOTHING = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** A worker that says nothing for so long was ended by its system, in milliseconds; an old phone computes for less than one. */
const LONGEST = 300_000;

async function runsWebAssembly(): Promise<boolean> {
  try {
    await WebAssembly.compile(NOTHING);
    return true;
  } catch {
    return false;
  }
}

/** The worker's next word. */
function next(worker: Worker): Promise<Bytes | null> {
  return new Promise((done, fail) => {
    const broken = (): void => fail(new NoEngine());
    const silent = setTimeout(broken, LONGEST);
    worker.onmessage = ({ data }: MessageEvent<Bytes | null>) => {
      clearTimeout(silent);
      done(data);
    };
    worker.onerror = broken;
  });
}

let running: Promise<Worker> | null = null;
let earlier: Promise<unknown> = Promise.resolve();

/** Ends the worker, and with it all that it worked on; who asks later starts another, whose script is fetched anew. */
export function endArgon2(): void {
  running?.then((worker) => worker.terminate()).catch(() => undefined);
  running = null;
}

async function start(): Promise<Worker> {
  let worker;
  try {
    worker = new Worker((await runsWebAssembly()) ? wasm : plain);
  } catch {
    throw new NoEngine();
  }
  await next(worker);
  return worker;
}

/** Starts the worker, once for a page; nothing is fetched after this resolves. */
export async function startArgon2(): Promise<Worker> {
  running ??= start();
  try {
    return await running;
  } catch (error) {
    running = null;
    throw error;
  }
}

async function compute(question: Question): Promise<Bytes> {
  const worker = await startArgon2();
  const answer = next(worker);
  worker.postMessage(question);
  const bytes = await answer.catch((error: unknown) => {
    endArgon2();
    throw error;
  });
  if (!bytes) throw new NoEngine();
  return bytes;
}

/** One question after the other: two at once would take twice the memory. */
export const argon2id: Argon2id = (secret, salt) => {
  const answer = earlier.then(() => compute({ secret, salt }));
  earlier = answer.catch(() => undefined);
  return answer;
};
