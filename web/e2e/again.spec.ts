// What goes wrong on the way: the words stay, and what is sent again is the same letter.
import type { Page, Route } from "@playwright/test";
import { type City, Visitor, desk, expect, memberOf, openNewest, reply, school, test } from "./city";

test.use({ stories: "again" });

/** The first `times` exchanges end as `how` says; those after pass. */
async function exchanges(page: Page, times: number, how: (route: Route) => Promise<void>): Promise<void> {
  let seen = 0;
  await page.route("**/x", (route) => (++seen <= times ? how(route) : route.continue()));
}

const answerLost = async (route: Route): Promise<void> => {
  await route.fetch();
  await route.abort();
};
const refused = (route: Route): Promise<void> => route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" });

const rowsOf = async (browser: Parameters<typeof desk>[0], city: City, name: string, role: number): Promise<Page> =>
  desk(browser, city, memberOf(city, school(city, name), role));

test("a lost request and a lost answer: the words stay, and it is one letter", async ({ page, browser, city }) => {
  const place = school(city, "松林小学");
  const visitor = await Visitor.at(page, place.address);
  await visitor.answerUpToCheck("canary-once", []);
  await exchanges(page, 2, answerLost);
  await visitor.next();
  await visitor.problem("network");
  await expect(page.getByTestId("back")).toBeHidden();
  await page.goBack();
  await visitor.problem("network");
  await visitor.next();
  await visitor.problem("network");
  await visitor.send();
  const reader = await rowsOf(browser, city, "松林小学", 5);
  await reader.getByTestId("search").fill("canary-once");
  await expect(reader.getByTestId("case-row")).toHaveCount(1);
  await page.waitForTimeout(6000);
  await expect(reader.getByTestId("case-row")).toHaveCount(1);
});

test("a service whose database went away says so, and takes the same letter later", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  await visitor.answerUpToCheck("还在", []);
  await exchanges(page, 1, refused);
  await visitor.next();
  await visitor.problem("unavailable");
  await visitor.send();
});

test("no network at the start is said, and the way goes on after", async ({ page, city }) => {
  const { address } = school(city, "松林小学");
  await page.route("**/keys", (route) => route.abort());
  const visitor = await Visitor.at(page, address);
  await visitor.next();
  await visitor.problem("offline");
  await page.unrouteAll();
  await visitor.next();
  await visitor.isAt("who");
});

test("a letter written later is sent once, whatever happens to its answer", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("先说一点", []);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  await exchanges(page, 1, answerLost);
  await page.getByTestId("write").fill("canary-later");
  await visitor.next();
  await expect(page.locator("[data-step=conversation] [data-note]")).toContainText("还在这一页上");
  await expect(page.getByTestId("write")).toHaveValue("canary-later");
  await expect(page.getByTestId("write")).toHaveAttribute("readonly", "");
  await visitor.next();
  await expect(page.locator('[data-testid=letter][data-side=mine]')).toHaveCount(1);
  await expect(page.getByTestId("write")).toHaveValue("");
});

test("what was locked cannot be covered any more, and worse on top of it still raises the case", async ({ page, browser, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("canary-worse", []);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  const own = page.locator("[data-step=conversation] .own");
  await page.getByTestId("write").fill("我叫李小雨");
  await expect(own).toBeVisible();
  await exchanges(page, 1, answerLost);
  await visitor.next();
  await expect(page.locator("[data-step=conversation] [data-note]")).toContainText("还在这一页上");
  await expect(own, "covering would not reach what is locked").toBeHidden();
  await page.getByTestId("worse").click();
  await expect(page.locator('[data-testid=letter][data-side=mine]')).toHaveText([/我叫李小雨/, /情况更糟了/]);
  await expect(page.getByTestId("write")).toHaveValue("");
  const reader = await rowsOf(browser, city, "松林小学", 5);
  await reader.getByTestId("search").fill("canary-worse");
  await expect(reader.getByTestId("case-row")).toContainText("情况更糟了");
});

test("a later letter of 10,000 characters says that it is too long, and shortened it goes", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("", []);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  const room = page.locator("[data-step=conversation] .room");
  await page.getByTestId("write").fill("长".repeat(10_000));
  await expect(room.getByRole("alert")).toContainText("太长了");
  await visitor.next();
  await page.getByTestId("worse").click();
  await expect(page.getByTestId("write")).toBeEditable();
  await expect(page.getByTestId("write")).toBeFocused();
  await page.getByTestId("write").fill("长".repeat(3_000));
  await expect(room).toHaveText("还能写大约 0 个字");
  await visitor.next();
  await expect(page.getByTestId("write")).toHaveValue("");
  await expect(page.locator('[data-testid=letter][data-side=mine]').filter({ hasText: "长长" })).not.toHaveCount(0);
});

test("two phones with one paper: both letters arrive", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("两部手机", []);
  const second = new Visitor(await page.context().newPage());
  for (const one of [visitor, second]) {
    await one.comeBack(city.address, receipt);
    await one.isAt("conversation");
  }
  for (const [one, words] of [[visitor, "第一部"], [second, "第二部"]] as const) {
    await one.page.getByTestId("write").fill(words);
    await one.next();
    await expect(one.page.locator('[data-testid=letter][data-side=mine]').last()).toContainText(words);
  }
  await expect(second.page.locator('[data-testid=letter][data-side=mine]')).toHaveCount(2);
});

test("digits that open nothing stay to be compared with the paper", async ({ page, city }) => {
  const visitor = new Visitor(page);
  await visitor.comeBack(city.address, "0".repeat(20));
  await visitor.problem("receipt");
  await visitor.next();
  await visitor.isAt("return");
  await expect(page.getByTestId("receipt-entry")).toHaveText(/^(0\s*){20}$/);
});

test("the bureau's letters are the bureau's, and earlier letters can be seen", async ({ page, browser, city }) => {
  const visitor = await Visitor.at(page, school(city, "柳树街小学").address);
  const receipt = await visitor.tell("canary-older", []);
  const reader = await rowsOf(browser, city, "青杨区教育局", 20);
  await reader.getByTestId("search").fill("canary-older");
  await openNewest(reader);
  for (const words of ["第一封", "第二封", "第三封"]) {
    await reply(reader, words);
  }
  await visitor.comeBack(city.address, receipt);
  await expect(page.locator("[data-testid=letter][data-side=bureau]")).toHaveText([/第二封/, /第三封/]);
  await page.locator("[data-older]").click();
  await expect(page.locator("[data-testid=letter][data-side=bureau]")).toHaveText([/第一封/, /第二封/, /第三封/]);
});

/** Every part of the conversation below the stages: what it is, how large, how heavy. */
const look = (page: Page): Promise<string[]> =>
  page.locator("[data-in=conversation] :is(h2, [data-older], .letters, .letters *, .compose, .compose *, .evidence, .bar, .bar *)").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility()).map((one) => {
      const { width, height } = one.getBoundingClientRect();
      const { fontSize, fontWeight, color, backgroundColor } = getComputedStyle(one);
      return [one.tagName, one.className, width, height, fontSize, fontWeight, color, backgroundColor].join(" ");
    }));

test("with a reply and without, the page has the same parts in the same order, size and weight", async ({ page, browser, city }) => {
  const place = school(city, "松林小学");
  const visitor = await Visitor.at(page, place.address);
  const receipt = await visitor.tell("canary-look", []);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  const without = await look(page);
  const waiting = (await page.getByTestId("letter").or(page.locator(".letters .letter")).last().evaluate((one) => one.lastChild?.textContent)) ?? "";
  expect(waiting).not.toBe("");
  const reader = await desk(browser, city, memberOf(city, place, 3));
  await reader.getByTestId("search").fill("canary-look");
  await openNewest(reader);
  const seen: string[][] = [];
  for (const words of [waiting, waiting.repeat(3)]) {
    await reply(reader, words);
    await visitor.comeBack(city.address, receipt);
    await expect(page.locator("[data-testid=letter][data-side=school]").last()).toContainText(words);
    seen.push(await look(page));
  }
  // The stage has moved on; what stands below it is what it was, for a reply as long as the words that stand for none.
  expect(seen[0]).toEqual(without);
  expect(seen[1], "the control: two replies, one of them longer").not.toEqual(without);
});
