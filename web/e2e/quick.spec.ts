// A useful tip takes a minute and few taps: the taps are counted by the page's own events, the seconds measured and modelled.
import type { Page } from "@playwright/test";
import { type City, Visitor, desk, expect, memberOf, openNewest, school, test } from "./city";

test.use({ stories: "quick" });

const MOST_TAPS = 25;
const MOST_SECONDS = 60;
/** A model of a person, not a measurement: reading a short question and tapping. */
const SECONDS_A_TAP = 2.2;

/** Counts what a finger or a mouse puts down; what a script clicks is no tap. */
async function countTaps(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const counted = { taps: 0 };
    Object.assign(window, { counted });
    window.addEventListener("pointerdown", (event) => (counted.taps += event.isTrusted ? 1 : 0), true);
  });
  return () => page.evaluate(() => (window as unknown as { counted: { taps: number } }).counted.taps);
}

/** Every question answered, the chair left out, no word typed. */
async function tellByTaps(visitor: Visitor): Promise<void> {
  await visitor.answerUpToCheck("", ["chair"]);
  await visitor.next();
  await visitor.isAt("receipt");
}

/** What makes it useful: the committee reads who, what, where, when, and that the chair does not. */
async function isUseful(reader: Page): Promise<void> {
  await openNewest(reader);
  for (const answer of ["厕所", "课间", "校长"]) await expect(reader.locator("main")).toContainText(answer);
}

async function tellingTakes(page: Page, city: City): Promise<{ taps: number; own: number }> {
  const place = school(city, "青杨路中学");
  const taps = await countTaps(page);
  const begin = performance.now();
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`);
  expect(await taps(), "loading is no tap").toBe(0);
  await tellByTaps(visitor);
  const own = (performance.now() - begin) / 1000;
  const counted = await taps();
  await visitor.next();
  expect(await taps(), "the control: one tap more is counted").toBe(counted + 1);
  return { taps: counted, own };
}

test("a useful tip takes at most 25 taps and a minute from load to receipt", async ({ page, browser, city }) => {
  const { taps, own } = await tellingTakes(page, city);
  // The page's own seconds hold the driver's too, so the sum is rather too long than too short.
  const seconds = taps * SECONDS_A_TAP + own;
  process.stdout.write(`${String(taps)} taps, ${own.toFixed(1)} s of page and driver, ${seconds.toFixed(1)} s with ${String(SECONDS_A_TAP)} s a tap\n`);
  expect(taps).toBeLessThanOrEqual(MOST_TAPS);
  expect(taps, "the control: every question was tapped").toBeGreaterThanOrEqual(2 * 8);
  expect(seconds).toBeLessThanOrEqual(MOST_SECONDS);
  await isUseful(await desk(browser, city, memberOf(city, school(city, "青杨路中学"), 3)));
});
