// How fast the page is on a poor phone: the browser's own throttling of processor and network, each run beside two probes.
import { appendFileSync } from "node:fs";
import path from "node:path";
import { type Browser, type Page, test } from "@playwright/test";
import { BARE, launched } from "../e2e/browser";
import { type City, Visitor, school, withCity } from "../e2e/city";
import { median, stamp } from "./report";

// A phone draws no desktop window beside the page; the whole browser would, on the same two cores.
const BROWSER = process.env.SHUDONG_MEASURE_BROWSER ?? BARE;
test.use({ launchOptions: launched(BROWSER) });

const RUNS = 12;
const SLOWER = 6;
/** Bytes a second down and up, and milliseconds until an answer begins. */
const LINE = { downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8, latency: 150, offline: false };
/** Milliseconds that a person looks before each of the last taps, as quick.spec.ts models them; 0 for who taps on and on. */
const LOOKING = 2_200;
/** From here on the page draws the digits. */
const LAST = new Set(["text", "exclude", "check"]);
const RESULTS = path.resolve("measure/results/phone.jsonl");

/**
 * Milliseconds on the page's own clock. Since navigation: the script is there, the button is shown, the keys are there, the
 * tap is answered. Since the tap that sends: locked, and the receipt shown; of that the exchange. The two probes.
 */
const FIGURES = ["script", "shown", "keys", "tap", "locking", "exchange", "receipt", "cpu", "transfer"] as const;
/** Of a visit that taps on and on, and of one that is in danger now. */
const SENDING = ["locking", "exchange", "receipt"] as const;
type Run = Record<(typeof FIGURES)[number], number>;
type Marked = Window & { marks: Record<string, number>; reached: (step: string) => Promise<void> };

/**
 * The browser's throttling slows the page alone: what a worker answers is held back until the same factor of its own time is
 * over. That it has a core to itself is a model of the phone. Its first word, that it is there, is not held: the line was
 * slowed already, and the page is busy with the keys for longer.
 */
async function slowWorkers(page: Page): Promise<void> {
  await page.addInitScript((slower) => {
    window.Worker = class extends Worker {
      private asked = 0;

      override postMessage(question: unknown): void {
        this.asked = performance.now();
        super.postMessage(question);
      }

      override set onmessage(heard: (event: MessageEvent) => void) {
        super.onmessage = (event) => {
          const own = this.asked === 0 ? 0 : performance.now() - this.asked;
          setTimeout(() => heard.call(this, event), own * (slower - 1));
        };
      }
    };
  }, SLOWER);
}

/** Notes in the page when each step is painted and when an exchange begins and ends; taps the first button as soon as it is shown. */
async function prepare(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const marks: Record<string, number> = {};
    const waiting: Record<string, () => void> = {};
    const reached = (step: string): Promise<void> => new Promise((done) => { if (step in marks) done(); else waiting[step] = done; });
    Object.assign(window, { marks, reached });
    const ask = window.fetch.bind(window);
    window.fetch = async (input, options) => {
      if (input === "/x") marks.asked = performance.now();
      const answer = await ask(input, options);
      if (input === "/x") marks.answered = performance.now();
      return answer;
    };
    const watch = (): void => {
      const main = document.querySelector("main");
      const step = main?.dataset.step ?? "";
      if (step && !(step in marks)) {
        marks[step] = performance.now();
        waiting[step]?.();
      }
      const start = main?.querySelector<HTMLElement>("[data-in=landing] [data-testid=next]");
      // The button is shown from then on; asking for its place would cost a layout at each frame.
      if (start && "ready" in document.documentElement.dataset && !("tapped" in marks)) {
        marks.tapped = performance.now();
        start.click();
      }
      requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  });
}

/** Waits inside the page: whoever asks it again and again takes part of the time that is measured. */
const reached = (page: Page, step: string): Promise<void> =>
  page.evaluate((step) => {
    const late = new Promise<void>((_, fail) => setTimeout(() => fail(new Error(`no ${step} within a minute`)), 60_000));
    return Promise.race([(window as unknown as Marked).reached(step), late]);
  }, step);

const marksOf = (page: Page): Promise<Record<string, number>> => page.evaluate(() => (window as unknown as Marked).marks);

/** When the last byte of the file came whose address matches. */
const arrived = (page: Page, address: RegExp): Promise<number> =>
  page.evaluate((address) => (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).find((one) => address.test(one.name))?.responseEnd ?? 0, address);

/** A fixed loop for the processor and a fixed transfer for the line: what this machine makes of the same throttling just now. */
const probes = (page: Page, keys: string): Promise<{ cpu: number; transfer: number }> =>
  page.evaluate(async (keys) => {
    const begin = performance.now();
    let mixed = 1;
    for (let i = 0; i < 5_000_000; i++) mixed = Math.imul(mixed ^ i, 0x9e3779b1);
    const cpu = performance.now() - begin + (mixed === 0 ? 1 : 0);
    const asked = performance.now();
    await (await fetch(keys)).arrayBuffer();
    return { cpu, transfer: performance.now() - asked };
  }, keys);

async function run(browser: Browser, city: City, way: (visitor: Visitor) => Promise<void>): Promise<Run> {
  const place = school(city, "青杨路中学");
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  const phone = await page.context().newCDPSession(page);
  await phone.send("Network.enable");
  await phone.send("Network.emulateNetworkConditions", LINE);
  await phone.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await slowWorkers(page);
  await prepare(page);
  await page.goto(`${place.address}#${place.pin}`);
  const visitor = new Visitor(page);
  await reached(page, "who");
  const { who = 0, tapped = 0 } = await marksOf(page);
  const loading = { script: await arrived(page, /\/report-[^/]*\.js$/), shown: tapped, keys: await arrived(page, /\/keys$/), tap: who };
  const measured = await probes(page, `/s/${place.code}/keys`);
  // The walk itself is not measured, and not throttled.
  await phone.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await way(visitor);
  await phone.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const begun = await page.evaluate(() => {
    const begun = performance.now();
    document.querySelector<HTMLElement>("main [data-testid=next]")?.click();
    return begun;
  });
  await reached(page, "receipt");
  const { asked = 0, answered = 0, receipt = 0 } = await marksOf(page);
  await page.context().close();
  return { ...loading, receipt: receipt - begun, locking: asked - begun, exchange: answered - asked, ...measured };
}

/** From the first question to the end of the last look. */
const answer = (looking: number) => async (visitor: Visitor): Promise<void> => {
  for (;;) {
    const step = await visitor.step();
    if (step && LAST.has(step)) await visitor.page.waitForTimeout(looking);
    if (step === "check") return;
    await visitor.next();
  }
};

/** Back from the first question, into danger, and to the end of the one look that this way has. */
async function danger(visitor: Visitor): Promise<void> {
  await visitor.page.getByTestId("back").click();
  await visitor.page.getByTestId("danger").click();
  await visitor.next();
  await visitor.isAt("place");
  await visitor.page.waitForTimeout(LOOKING);
}

function summed(runs: readonly Run[], names: readonly (keyof Run)[]): Record<string, { median: number; worst: number }> {
  return Object.fromEntries(names.map((name) => {
    const all = runs.map((one) => Math.round(one[name]));
    return [name, { median: median(all), worst: Math.max(...all) }];
  }));
}

test("phone", async ({ browser }) => {
  test.setTimeout(0);
  await withCity("", [], async (city) => {
    const runs: Run[] = [];
    const hurried: Run[] = [];
    const urgent: Run[] = [];
    for (let n = 0; n < RUNS; n++) {
      runs.push(await run(browser, city, answer(LOOKING)));
      hurried.push(await run(browser, city, answer(0)));
      urgent.push(await run(browser, city, danger));
    }
    const ratio = { tap: median(runs.map((one) => one.tap / (one.cpu + one.transfer))), receipt: median(runs.map((one) => one.receipt / (one.cpu + one.transfer))) };
    const line = JSON.stringify({ ...stamp(BROWSER), runs: RUNS, slower: SLOWER, looking: LOOKING, ...summed(runs, FIGURES), hurried: summed(hurried, SENDING), urgent: summed(urgent, SENDING), ratio });
    process.stdout.write(`${line}\n`);
    appendFileSync(RESULTS, `${line}\n`);
  });
});
