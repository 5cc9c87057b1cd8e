// The kinds of visits that are compared, each driven in a real browser; what a visit did is looked at before it ends.
import type { Browser, Page } from "@playwright/test";
import { Visitor, expect } from "../e2e/city";
import { drawDeed } from "../src/report/cover";
import type { Lane } from "./lanes";
import type { Plan } from "./plan";
import { median } from "./report";
import type { Seen } from "./wire";

export const KINDS = ["told", "read", "reply", "none", "off", "bytes", "delay", "trip"] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds whose second exchange is a deed. */
const DEEDS = new Set<Kind>(["told", "reply", "none"]);

/** What came of a visit. */
export interface Visit { index: number; kind: Kind; late: boolean; seen: Seen[] }

/** Where visits go, and the digits of two cases: one with a reply, one without. */
export interface Place { path: string; receipts: Record<"reply" | "none", string> }

/** What the measurement holds in the page: when the time was drawn, how long it is, exchanges that are over, and what a control asks for. */
interface Held { cover: number; waited: number; exchanges: number; off: boolean; trip: boolean }
type Holding = Window & { held: Held };

/** The page's draw lies in this range, and its patience with a silent line must stay as it is: milliseconds. */
const RANGE = { soonest: 15_000, latest: 240_000, patience: 40_000 };

/** Shortens the page's one long timer, notes when it began, and does what a control asks of the page. */
function prepare(page: Page, faster: number): Promise<unknown> {
  return page.addInitScript(({ faster, soonest, latest, patience }) => {
    const held = { cover: 0, waited: 0, exchanges: 0, off: false, trip: false };
    Object.assign(window, { held });
    const later = window.setTimeout.bind(window) as (act: () => void, ms?: number) => number;
    Object.assign(window, { setTimeout: (act: () => void, ms = 0) => {
      if (ms < soonest || ms > latest || ms === patience) return later(act, ms);
      Object.assign(held, { cover: performance.now(), waited: ms / faster });
      return later(() => held.off || act(), held.waited);
    } });
    const ask = window.fetch.bind(window);
    window.fetch = async (input, options) => {
      const answer = await ask(input, options);
      if (input === "/x" && ++held.exchanges === 2 && held.trip) void ask("/healthz");
      return answer;
    };
  }, { faster, ...RANGE });
}

/** Sets what a control asks for, once the page has drawn its time; returns how long the page will wait. */
async function drawn(page: Page, kind: Kind): Promise<number> {
  await page.waitForFunction(() => (window as unknown as Holding).held.cover > 0);
  return page.evaluate((kind) => {
    const { held } = window as unknown as Holding;
    Object.assign(held, { off: kind === "off", trip: kind === "trip" });
    return held.waited;
  }, kind);
}

/** Waits until so many milliseconds have passed since the page drew its time; true if that was over already. */
async function until(page: Page, ms: number): Promise<boolean> {
  const passed = await page.evaluate(() => performance.now() - (window as unknown as Holding).held.cover);
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

/**
 * Answers every question by taps up to the last look: in one go, because the machine has many visits to make, but not before
 * the first exchange is answered; until then the page would not draw the digits, as it does on this way.
 */
async function answers(visitor: Visitor): Promise<void> {
  await visitor.next();
  await visitor.isAt("who");
  await visitor.page.waitForFunction(() => (window as unknown as Holding).held.exchanges > 0);
  await visitor.page.evaluate(() => {
    const main = document.querySelector("main") as HTMLElement;
    const tap = (selector: string): void => main.querySelector<HTMLElement>(selector)?.click();
    while (main.dataset.step !== "check") {
      if (main.dataset.step === "exclude") tap("input[value=some]");
      tap(main.dataset.step === "exclude" ? "input[value=chair]" : ".tile input");
      tap("[data-testid=next]");
    }
  });
}

/** Enters the twenty digits on the page's own pad. */
async function digits(visitor: Visitor, receipt: string): Promise<void> {
  await visitor.page.locator("[data-go=return]").click();
  await visitor.isAt("return");
  await visitor.page.evaluate((receipt) => {
    const keys = Array.from(document.querySelectorAll<HTMLElement>("main .pad button"));
    for (const digit of receipt) keys.find((key) => key.textContent === digit)?.click();
  }, receipt);
}

/** Goes up to the tap that does the deed; returns that tap, and what must be on the page after it. */
async function upToDeed(visitor: Visitor, kind: Kind, place: Place): Promise<() => Promise<void>> {
  if (kind === "told") {
    await answers(visitor);
    return async () => {
      await visitor.next();
      await visitor.isAt("receipt");
    };
  }
  const isReply = kind === "reply";
  await digits(visitor, place.receipts[isReply ? "reply" : "none"]);
  return async () => {
    await visitor.next();
    await visitor.isAt("conversation");
    await expect(visitor.page.locator("[data-testid=letter][data-side=school]")).toHaveCount(isReply ? 1 : 0);
  };
}

/** One visit from the first byte until a while after the second exchange. */
async function visit(page: Page, { lane, plan, place, door, locking }: Seat, kind: Kind, deedAt: number): Promise<Omit<Visit, "index">> {
  await lane.begin({ bytes: kind === "bytes" ? plan.more_bytes : 0, ms: kind === "delay" ? plan.more_ms : 0 });
  const visitor = new Visitor(page);
  const { waits, deed } = await door.through(async () => {
    await Visitor.at(page, `${lane.address}${place.path}`);
    const waits = await drawn(page, kind);
    if (DEEDS.has(kind)) return { waits, deed: await upToDeed(visitor, kind, place) };
    await looks(visitor);
    return { waits, deed: null };
  });
  let late = false;
  if (deed) {
    late = await until(page, deedAt - locking.time(kind));
    await locking.note(kind, deed);
  } else if (kind === "off") {
    late = await until(page, waits);
    await lane.end();
  }
  await lane.answered();
  await page.waitForTimeout(plan.linger_ms);
  const { seen, exchanges } = await lane.take(plan.linger_ms);
  if (exchanges !== (kind === "off" ? 1 : 2)) throw new Error(`${kind}: ${String(exchanges)} exchanges`);
  return { kind, late, seen };
}

/** Lets in so many at a time: pages that all load at once on a small machine would each take long. */
export class Door {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async through<T>(deed: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((enter) => this.waiting.push(enter));
    try {
      return await deed();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/** The service answers no sooner, in milliseconds. */
const HOLD = 1000;
const REMEMBERED = 9;

/**
 * How long the locking takes, by kind, that lies between a deed's tap and its exchange. The tap comes so much before the
 * drawn time: what is drawn is when the exchange goes, and a busy machine must not move it.
 */
export class Locking {
  private readonly took = new Map<Kind, number[]>();

  time = (kind: Kind): number => median((this.took.get(kind) ?? []).slice(-REMEMBERED));

  async note(kind: Kind, deed: () => Promise<void>): Promise<void> {
    const begin = performance.now();
    await deed();
    this.took.set(kind, [...(this.took.get(kind) ?? []), Math.max(0, performance.now() - begin - HOLD)]);
  }
}

/** A place that visit after visit is made from, each in a browser context of its own: no connection and no session of TLS is taken over. */
export class Seat {
  constructor(readonly browser: Browser, readonly lane: Lane, readonly plan: Plan, readonly place: Place, readonly door: Door, readonly locking: Locking) {}

  async make(kind: Kind, random: () => [number, number]): Promise<Omit<Visit, "index">> {
    const page = await this.browser.newPage({ ignoreHTTPSErrors: true, viewport: { width: 360, height: 740 }, locale: "zh-CN" });
    try {
      await prepare(page, this.plan.faster);
      return await visit(page, this, kind, (drawDeed(random) * 1000) / this.plan.faster);
    } finally {
      await page.context().close();
      await this.lane.cut();
    }
  }
}
