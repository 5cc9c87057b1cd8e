// A visit that only looks makes the same exchanges as one that tells or comes back.
import type { Page } from "@playwright/test";
import { Visitor, expect, held, school, test } from "./city";

test.use({ stories: "cover" });

/** Lengths up and down of each exchange, in order. */
function exchanges(page: Page): [number, number][] {
  const seen: [number, number][] = [];
  page.on("requestfinished", (request) => {
    if (!request.url().endsWith("/x")) return;
    void request.sizes().then((sizes) => seen.push([sizes.requestBodySize, sizes.responseBodySize]));
  });
  return seen;
}

const TWO = [[32768, 32768], [32768, 32768]];

test("looking, telling and coming back are two exchanges each", async ({ page, city }) => {
  // A page whose clock is moved by hand is slow to answer.
  test.slow();
  const { address } = school(city, "松林小学");
  const looking = await page.context().newPage();
  const looked = exchanges(looking);
  await looking.clock.install();
  const reader = await Visitor.at(looking, address);
  await expect.poll(() => looked.length, "the first goes at load").toBe(1);
  await looking.locator("[data-go=who-can-see]").click();
  await reader.isAt("who-can-see");
  await looking.getByTestId("back").click();
  // Whoever reads here when the time has come only reads.
  await looking.locator("[data-go=privacy]").first().click();
  await reader.isAt("privacy");
  await looking.clock.fastForward(14_000);
  expect(looked, "the control: before the drawn time nothing else goes").toHaveLength(1);
  let begun = 0;
  looking.on("request", () => (begun += 1));
  // In steps shorter than the page's patience, or its clock would give up on an answer that is on its way.
  for (let step = 0; step < 24 && begun === 0; step++) await looking.clock.fastForward(10_000);
  await expect.poll(() => looked).toEqual(TWO);
  await looking.clock.fastForward(600_000);

  const told = exchanges(page);
  const visitor = await Visitor.at(page, address);
  const receipt = await visitor.tell("掩护", []);
  await expect.poll(() => told).toEqual(TWO);

  const back = await page.context().newPage();
  const came = exchanges(back);
  const returning = new Visitor(back);
  await returning.comeBack(city.address, receipt);
  await returning.isAt("conversation");
  await expect.poll(() => came).toEqual(TWO);
  expect(looked).toEqual(TWO);
});

test("the numbers in the middle of telling are no end of it: no third exchange", async ({ page, city }) => {
  test.slow();
  const { address } = school(city, "松林小学");
  const seen = exchanges(page);
  await page.clock.install();
  const visitor = await Visitor.at(page, address);
  await expect.poll(() => seen.length).toBe(1);
  await visitor.next();
  await visitor.isAt("who");
  for (let step = 0; step < 30; step++) await page.clock.fastForward(10_000);
  expect(seen, "the control: its time has come, and it waits for the deed").toHaveLength(1);
  for (const step of ["kind", "place", "time", "how_often", "offender", "ongoing"]) {
    await visitor.next();
    await visitor.isAt(step);
  }
  await visitor.tap("ongoing", "yes");
  await page.locator("[data-when=yes]").click();
  await visitor.isAt("danger");
  await page.clock.fastForward(10_000);
  await visitor.next();
  await visitor.isAt("place");
  await visitor.next();
  await visitor.isAt("receipt");
  await expect.poll(() => seen).toEqual(TWO);
});

test("in danger, too, the phone draws its digits when the first exchange is over, and not before", async ({ page, city }) => {
  await page.addInitScript(() => {
    const order: string[] = [];
    Object.assign(window, { order });
    window.Worker = class extends Worker {
      override postMessage(question: unknown): void {
        order.push("draws");
        super.postMessage(question);
      }
    };
    const ask = window.fetch.bind(window);
    window.fetch = async (input, options) => {
      const answer = await ask(input, options);
      if (input === "/x") order.push("answered");
      return answer;
    };
  });
  const go = await held(page, "**/x");
  const order = (): Promise<string[]> => page.evaluate(() => (window as unknown as { order: string[] }).order);
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  await page.getByTestId("danger").click();
  await visitor.next();
  await visitor.isAt("place");
  await page.waitForTimeout(2000);
  expect(await order()).toEqual([]);
  go();
  await expect.poll(order).toEqual(["answered", "draws"]);
});
