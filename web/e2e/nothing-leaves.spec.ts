// If the bundle is blocked, throws, or cannot verify the keys, nothing leaves the phone.
import type { Page, Request } from "@playwright/test";
import { Visitor, expect, school, test } from "./city";

test.use({ stories: "nothing-leaves" });

const CODE = "青杨路中学";

/** Every request that could carry a visitor's words. */
function leaving(page: Page): string[] {
  const seen: string[] = [];
  page.on("request", (request: Request) => {
    if (request.method() !== "GET") seen.push(`${request.method()} ${request.url()}`);
  });
  return seen;
}

async function readableButMute(page: Page, seen: string[]): Promise<void> {
  await page.waitForLoadState("networkidle");
  await expect(page.locator("html")).not.toHaveAttribute("data-ready");
  await expect(page.locator('a[href="tel:110"]')).toBeVisible();
  await expect(page.locator("main")).toContainText("JavaScript");
  await expect(page.locator("[data-testid=next]:visible")).toHaveCount(0);
  await expect(page.locator("textarea:visible, form:visible")).toHaveCount(0);
  expect(seen).toEqual([]);
}

/** The control: the same page, left alone, does send. */
test("a page left alone sends its letter", async ({ page, city }) => {
  const seen = leaving(page);
  const visitor = await Visitor.at(page, school(city, CODE).address);
  await visitor.tell("对照", []);
  expect(seen, "the cover at load, and the letter").toHaveLength(2);
});

test("a blocked or broken bundle leaves a readable page that sends nothing", async ({ page, city }) => {
  const { address } = school(city, CODE);
  const seen = leaving(page);
  await page.route(/\/assets\/report-.*\.js/, (route) => route.abort());
  await page.goto(address);
  await readableButMute(page, seen);
  await page.unrouteAll();
  await page.route(/\/assets\/report-.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "throw new Error('at once');" }));
  await page.goto(address);
  await readableButMute(page, seen);
  await page.unrouteAll();
  await page.addInitScript(() => {
    History.prototype.replaceState = () => {
      throw new Error("half-way");
    };
  });
  await page.goto(address);
  await readableButMute(page, seen);
});

/** Which engines begin on a page. */
function engines(page: Page): string[] {
  const begun: string[] = [];
  page.on("worker", (one) => begun.push(/(?<=assets\/)\w+/.exec(one.url())?.[0] ?? one.url()));
  return begun;
}

test("without WebAssembly the other engine locks; without both nothing is sent", async ({ browser, page, city }) => {
  const { address } = school(city, CODE);
  await page.addInitScript(() => {
    WebAssembly.compile = () => Promise.reject(new Error("forbidden"));
  });
  const without = engines(page);
  const visitor = await Visitor.at(page, address);
  const receipt = await visitor.tell("没有 WebAssembly", []);
  expect(without).toEqual(["plain"]);
  const other = new Visitor(await (await browser.newContext()).newPage());
  const within = engines(other.page);
  await other.comeBack(city.address, receipt);
  await other.isAt("conversation");
  expect(within, "control: with it").toEqual(["wasm"]);
  const seen = leaving(page);
  await page.route(/\/assets\/(?!report-|gate-).*\.js/, (route) => route.abort());
  const mute = await Visitor.at(page, `${address}?again`);
  await mute.next();
  await mute.problem("locking");
  expect(seen).toEqual([]);
  await page.unrouteAll();
  await mute.next();
  await mute.isAt("who");
});

/** Where each item of the keys document lies: its type, and the place of its middle byte. */
function items(document: Buffer): { type: number; middle: number }[] {
  const found = [];
  for (let at = 0; document[at]; ) {
    const length = document.readUInt16BE(at + 1);
    found.push({ type: document[at] ?? 0, middle: at + 3 + (length >> 1) });
    at += 3 + length;
  }
  return found;
}

/** Names are shown and not signed, a roster that fails confirms nobody, the challenge is random: the rest must hold. */
const SIGNED = [1, 5, 7, 8, 10, 11, 12, 13, 14];

test("keys that do not verify: nothing is asked, nothing leaves", async ({ page, city }) => {
  test.slow();
  const place = school(city, CODE);
  const seen = leaving(page);
  for (const type of SIGNED) {
    await page.unrouteAll();
    await page.route("**/keys", async (route) => {
      const body = await (await route.fetch()).body();
      const place = items(body).filter((item) => item.type === type).pop();
      if (!place) throw new Error(`no item ${String(type)}`);
      body[place.middle] = (body[place.middle] ?? 0) ^ 1;
      await route.fulfill({ status: 200, body });
    });
    const visitor = await Visitor.at(page, place.address);
    await visitor.next();
    await visitor.problem("keys");
  }
  await page.unrouteAll();
  await page.route("**/keys", (route) => route.fulfill({ status: 200, body: Buffer.alloc(100) }));
  const short = await Visitor.at(page, place.address);
  await short.next();
  await short.problem("keys");
  await page.unrouteAll();
  for (const pin of ["A".repeat(22), "AAAA", "%%%"]) {
    await page.goto("about:blank");
    const wrong = await Visitor.at(page, `${place.address}#${pin}`);
    await wrong.next();
    await wrong.problem("keys");
  }
  expect(seen).toEqual([]);
  await page.goto("about:blank");
  const right = await Visitor.at(page, `${place.address}#${place.pin}`);
  await right.next();
  await right.isAt("who");
});

test("an engine that fails while locking sends nothing and keeps the words", async ({ page, city }) => {
  const seen = leaving(page);
  const visitor = await Visitor.at(page, school(city, CODE).address);
  await visitor.answerUpToCheck("还在这里", []);
  await page.evaluate(() => {
    const whole = crypto.getRandomValues.bind(crypto);
    Object.assign(window, { mend: () => (crypto.getRandomValues = whole) });
    crypto.getRandomValues = () => {
      throw new Error("no randomness");
    };
  });
  await visitor.next();
  await visitor.problem("locking");
  expect(seen, "the cover at load alone").toHaveLength(1);
  await page.getByTestId("back").click();
  await visitor.isAt("check");
  await expect(page.locator(".answers")).toContainText("还在这里");
  await page.evaluate(() => {
    (window as unknown as { mend: () => void }).mend();
  });
  await visitor.send();
  expect(seen).toHaveLength(2);
});
