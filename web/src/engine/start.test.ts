// One worker, one question at a time; whatever becomes of the worker, the next question is answered.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Bytes } from "../envelope/bytes";
import type { Question } from "./serve";
import { NoEngine, argon2id, endArgon2, startArgon2 } from "./start";

/** A worker in the hands of a test. */
class Fake {
  static all: Fake[] = [];
  static refused = false;
  onmessage: ((event: { data: Bytes | null }) => void) | null = null;
  onerror: (() => void) | null = null;
  asked: Question[] = [];
  ended = false;

  constructor(readonly address: string) {
    if (Fake.refused) throw new Error("the policy forbids workers");
    Fake.all.push(this);
    queueMicrotask(() => this.says(null));
  }

  says = (data: Bytes | null): void => this.onmessage?.({ data });
  postMessage = (question: Question): void => void this.asked.push(question);
  terminate = (): void => void (this.ended = true);
}

const bytes = (n: number): Bytes => new Uint8Array(32).fill(n);
const ask = (n: number): Promise<Bytes> => argon2id(bytes(n), bytes(0));
/** Lets everything happen that waits for nothing. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const worker = (nth = 0): Fake => Fake.all[nth] as Fake;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Worker", Fake);
  vi.spyOn(WebAssembly, "compile").mockResolvedValue({});
  Object.assign(Fake, { all: [], refused: false });
});
afterEach(() => {
  endArgon2();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("one worker is started for a page, and asked one question after the other", async () => {
  await Promise.all([startArgon2(), startArgon2()]);
  const answers = [ask(1), ask(2)];
  await settle();
  expect(worker().asked.map((one) => one.secret[0])).toEqual([1]);
  worker().says(bytes(11));
  await settle();
  expect(worker().asked.map((one) => one.secret[0])).toEqual([1, 2]);
  worker().says(bytes(12));
  expect((await Promise.all(answers)).map((one) => one[0])).toEqual([11, 12]);
  expect(Fake.all).toHaveLength(1);
});

test("where WebAssembly is forbidden the other worker is taken", async () => {
  await startArgon2();
  endArgon2();
  vi.spyOn(WebAssembly, "compile").mockRejectedValue(new Error("forbidden"));
  await startArgon2();
  expect(Fake.all.map((one) => /wasm|plain/.exec(one.address)?.[0])).toEqual(["wasm", "plain"]);
});

test("no room is said, and the same worker is asked again", async () => {
  const answer = expect(ask(1)).rejects.toThrow(NoEngine);
  await settle();
  worker().says(null);
  await answer;
  const again = ask(2);
  await settle();
  worker().says(bytes(12));
  expect(await again).toEqual(bytes(12));
  expect(Fake.all).toHaveLength(1);
});

for (const [what, breaks] of Object.entries({
  breaks: () => Promise.resolve(worker().onerror?.()),
  "falls silent": () => vi.advanceTimersByTimeAsync(300_000),
})) {
  test(`a worker that ${what} is ended, and another answers the next question`, async () => {
    const answer = expect(ask(1)).rejects.toThrow(NoEngine);
    const next = ask(2);
    await settle();
    expect(worker().ended, "control").toBe(false);
    await breaks();
    await answer;
    await settle();
    expect(worker().ended).toBe(true);
    worker(1).says(bytes(12));
    expect(await next).toEqual(bytes(12));
  });
}

test("a worker that may not be, or does not come, is no engine; the next try may find one", async () => {
  Fake.refused = true;
  await expect(startArgon2()).rejects.toThrow(NoEngine);
  Fake.refused = false;
  const coming = expect(startArgon2()).rejects.toThrow(NoEngine);
  while (!worker()) await Promise.resolve();
  worker().onmessage = null;
  worker().onerror?.();
  await coming;
  await startArgon2();
  expect(Fake.all).toHaveLength(2);
});
