// The kinds of visits that are compared, each driven in a real browser; what a visit did is looked at before it ends.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { Visitor, expect } from "../e2e/city";
import { drawDeed } from "../src/report/cover";
import type { Plan } from "./plan";
import { type Alter, type Lane, NOTHING, type Seen } from "./wire";

export const KINDS = ["told", "read", "reply", "none", "off", "bytes", "delay", "trip"] as const;
export type Kind = (typeof KINDS)[number];

/** What came of a visit. */
export interface Visit { index: number; kind: Kind; late: boolean; seen: Seen[] }

/** Where visits go, and the digits of two cases: one with a reply, one without. */
export interface Place { path: string; receipts: Record<"reply" | "none", string> }

interface Clock { cover: number; waited: number }

/** The page's draw lies in this range, and its patience with a silent line must stay as it is: milliseconds. */
const [SOONEST, LATEST, PATIENCE] = [15_000, 240_000, 40_000];

/** Shortens the page's one long timer, notes when it began, and does what a control asks of the page. */
async function prepare(page: Page, faster: number, kind: Kind): Promise<void> {
  await page.addInitScript(({ faster, kind, SOONEST, LATEST, PATIENCE }) => {
    const clock = { cover: 0, waited: 0 };
    Object.assign(window, { clock });
    const later = window.setTimeout.bind(window) as (act: () => void, ms?: number) => number;
    Object.assign(window, { setTimeout: (act: () => void, ms = 0) => {
      if (ms < SOONEST || ms > LATEST || ms === PATIENCE) return later(act, ms);
      Object.assign(clock, { cover: performance.now(), waited: ms / faster });
      return kind === "off" ? 0 : later(act, ms / faster);
    } });
    if (kind !== "trip") return;
    const ask = window.fetch.bind(window);
    let exchanges = 0;
    window.fetch = async (input, options) => {
      const answer = await ask(input, options);
      if (input === "/x" && ++exchanges === 2) void ask("/healthz");
      return answer;
    };
  }, { faster, kind, SOONEST, LATEST, PATIENCE });
}

const clockOf = (page: Page): Promise<Clock> => page.evaluate(() => (window as unknown as { clock: Clock }).clock);

/** Waits until so many milliseconds have passed since the page drew its time; true if that was over already. */
async function until(page: Page, ms: number): Promise<boolean> {
  const passed = await page.evaluate(() => performance.now() - (window as unknown as { clock: Clock }).clock.cover);
  if (passed < ms) await page.waitForTimeout(ms - passed);
  return passed > ms;
}

/** Looks at two pages and comes back to the first, as somebody who only reads. */
async function looks(visitor: Visitor): Promise<void> {
  for (const step of ["who-can-see", "help"]) {
    await visitor.page.locator(`[data-go=${step}]`).click();
    await visitor.isAt(step);
    await visitor.page.getByTestId("back").click();
    await visitor.isAt("landing");
  }
}

/** Goes up to the tap that does the deed; returns that tap, and what must be on the page after it. */
async function upToDeed(visitor: Visitor, kind: Kind, place: Place): Promise<() => Promise<void>> {
  const { page } = visitor;
  if (kind === "told") {
    await visitor.answerUpToCheck("", ["chair"]);
    return async () => {
      await visitor.next();
      await visitor.isAt("receipt");
    };
  }
  const isReply = kind === "reply";
  await page.locator("[data-go=return]").click();
  await visitor.isAt("return");
  await page.getByTestId("receipt-entry").focus();
  await page.keyboard.type(place.receipts[isReply ? "reply" : "none"]);
  return async () => {
    await visitor.next();
    await visitor.isAt("conversation");
    await expect(page.locator("[data-testid=letter][data-side=school]")).toHaveCount(isReply ? 1 : 0);
  };
}

/** One visit from the first byte until a while after the second exchange. */
async function visit(page: Page, lane: Lane, plan: Plan, kind: Kind, place: Place, seconds: number, sealing: number): Promise<Omit<Visit, "index">> {
  const alter: Alter = { bytes: kind === "bytes" ? plan.more_bytes : NOTHING.bytes, ms: kind === "delay" ? plan.more_ms : NOTHING.ms };
  const trace = lane.begin(alter);
  await prepare(page, plan.faster, kind);
  const visitor = await Visitor.at(page, `${lane.address}${place.path}`);
  await expect.poll(async () => (await clockOf(page)).cover).toBeGreaterThan(0);
  let late = false;
  if (kind === "told" || kind === "reply" || kind === "none") {
    const deed = await upToDeed(visitor, kind, place);
    late = await until(page, (seconds * 1000) / plan.faster - sealing);
    await deed();
  } else {
    await looks(visitor);
    if (kind === "off") {
      late = await until(page, (await clockOf(page)).waited);
      trace.end();
    }
  }
  await trace.answered;
  await page.waitForTimeout(plan.linger_ms);
  if (trace.exchanges !== (kind === "off" ? 1 : 2)) throw new Error(`${kind}: ${String(trace.exchanges)} exchanges`);
  return { kind, late, seen: trace.upTo(plan.linger_ms) };
}

/** Milliseconds that a deed's tap comes before its drawn time, because the locking that follows is not shortened with the clock. */
export async function sealingTime(browser: Browser, lane: Lane, plan: Plan, place: Place): Promise<number> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  const trace = lane.begin(NOTHING);
  await prepare(page, plan.faster, "told");
  const visitor = await Visitor.at(page, `${lane.address}${place.path}`);
  await visitor.answerUpToCheck("", []);
  const begin = performance.now();
  await visitor.next();
  await expect.poll(() => trace.exchanges, { intervals: [10] }).toBe(2);
  const sealing = performance.now() - begin;
  await trace.answered;
  await page.context().close();
  return sealing;
}

/** Makes the visit in a browser context of its own: no session of TLS, no connection is taken over. */
export async function make(browser: Browser, lane: Lane, plan: Plan, kind: Kind, place: Place, random: () => [number, number], sealing: number): Promise<Omit<Visit, "index">> {
  const context: BrowserContext = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 360, height: 740 }, locale: "zh-CN" });
  try {
    return await visit(await context.newPage(), lane, plan, kind, place, drawDeed(random), sealing);
  } finally {
    await context.close();
  }
}
