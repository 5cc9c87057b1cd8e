// What in the words could tell who wrote them is pointed at on the phone; covering is one tap, sending is never held up.
import { Visitor, desk, expect, memberOf, openNewest, school, test } from "./city";

test.use({ stories: "own-words" });

const WORDS = "他们这周又在厕所堵人。我叫小雨，是初二（3）班的。昨天下午只有我在旁边，他们把书包扔进了水池。canary-own";

test("three places are marked, one is covered, and the rest goes as it is", async ({ page, browser, city }) => {
  const place = school(city, "河湾中学");
  let asked = 0;
  const visitor = await Visitor.atRest(page, `${place.address}#${place.pin}`);
  await page.waitForTimeout(1500);
  page.on("request", () => (asked += 1));
  await visitor.next();
  for (let i = 0; i < 8; i++) await visitor.next();
  const field = page.locator("textarea[name=text]");
  const lines = page.locator("[data-step=text] .own li");
  await field.fill("他们这周又在厕所堵人。");
  await page.waitForTimeout(600);
  await expect(lines, "the control: nothing to point at").toHaveCount(0);
  await field.fill(WORDS);
  await expect(lines).toHaveText([/小雨.*像是名字/, /初二（3）班.*班级/, /只有我在旁边.*只有你知道的事/]);
  await expect(page.locator("[data-step=text] .mirror mark")).toHaveCount(3);
  await lines.first().getByRole("button").click();
  await expect(lines).toHaveCount(2);
  await expect(field).toHaveValue(WORDS.replace("小雨", "【已盖住】"));
  await visitor.next();
  await visitor.next();
  await expect(page.locator(".answers")).toContainText("还有 2 处，别人可能会猜到是你");
  expect(asked, "nothing was asked of anybody").toBe(0);
  await visitor.send();
  const reader = await desk(browser, city, memberOf(city, place, 3));
  await reader.getByTestId("search").fill("canary-own");
  await openNewest(reader);
  await expect(reader.getByTestId("letter").first()).toHaveText(WORDS.replace("小雨", "【已盖住】"));
});

test("ten thousand characters are looked at, and too many are said to be", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "河湾中学").address);
  await visitor.next();
  for (let i = 0; i < 8; i++) await visitor.next();
  const field = page.locator("textarea[name=text]");
  await field.fill(`${"啊".repeat(9_980)}打13912345678给我`);
  await expect(page.locator("[data-step=text] .own li")).toHaveText([/13912345678/]);
  await visitor.next();
  await visitor.isAt("text");
  await expect(page.locator("#text-over")).toContainText("太长了");
});
