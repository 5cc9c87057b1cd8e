// The whole way in English, in words of every kind that a phone can type; with script and without.
import type { Page } from "@playwright/test";
import { Visitor, desk, expect, memberOf, openNewest, school, test } from "./city";
import { comeBack, plainOf, withoutScript } from "./without-script";

test.use({ stories: "english", locale: "en-GB" });

const SCHOOL = "云溪市第一中学";
/** Emoji of several characters, another direction and its marks, control characters, what HTML and templates might take for theirs. */
const ODD = "😀👩‍👩‍👦 \u202eright\u202c \u200fمرحبا\u200e <b>&\"' {{name}} ${x} \u0007\u0085 end";
const REPLY = "Thank you for telling us. Are you safe now?";

const letters = (page: Page): Promise<string[]> => page.getByTestId("letter").evaluateAll((all) => all.map((one) => one.textContent ?? ""));

test("told, marked, answered, worse, and written again", async ({ page, browser, city }) => {
  test.slow();
  const place = school(city, SCHOOL);
  const visitor = await Visitor.at(page, place.address.replace("/s/", "/en/s/"));
  await expect(page.locator("main h1")).toHaveText("You can tell us here");
  await visitor.answerUpToCheck(`${ODD}\nMy name is Rainy Wang`, []);
  await expect(page.locator(".answers")).toContainText("Places that could still give you away: 1");
  await page.getByTestId("back").click();
  await page.getByTestId("back").click();
  await visitor.isAt("text");
  await page.locator(".own button").click();
  await expect(page.locator("textarea[name=text]")).not.toHaveValue(/Rainy/);
  await visitor.next();
  await visitor.next();
  await visitor.isAt("check");
  const receipt = await visitor.send();
  await expect(page.locator("main")).toContainText("photo");

  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await expect.poll(() => letters(teacher)).toEqual([expect.stringContaining(ODD)]);
  await teacher.getByTestId("reply").fill(REPLY);
  await teacher.getByTestId("send-reply").click();
  await expect(teacher.getByTestId("as-seen")).toContainText(REPLY);
  await teacher.getByTestId("confirm-send").click();
  await expect(teacher.getByTestId("letter")).toHaveCount(2);

  await visitor.comeBack(`${city.address}/en`, receipt);
  await visitor.isAt("conversation");
  await expect(page.getByTestId("letter")).toContainText([REPLY]);
  await page.getByTestId("write").fill(ODD);
  await page.getByTestId("worse").click();
  await expect(page.locator("[data-step=conversation] [data-note]")).toHaveText(/^Sent\./);
  await expect.poll(async () => (await letters(teacher)).at(-1)).toContain(ODD);
  const chinese = async (): Promise<number> => (await page.locator("body").innerText()).match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  expect(await chinese(), "no word is left in Chinese").toBe(0);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  expect(await chinese(), "the control").toBeGreaterThan(0);
});

test("without script: told, answered, written again", async ({ browser, city }) => {
  // Another school: what got worse stands above whatever comes after it.
  const place = school(city, "青杨路中学");
  const page = await (await withoutScript(browser)).newPage();
  await page.goto(plainOf(place, "/en"));
  await page.locator("textarea[name=text]").fill(ODD);
  await page.locator("input[name=exclude][value=chair]").check();
  await page.getByTestId("next").click();
  const receipt = (await page.getByTestId("receipt").innerText()).replace(/\s/g, "");
  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await expect.poll(() => letters(teacher)).toEqual([expect.stringContaining(ODD)]);
  await comeBack(page, city, receipt, "/en");
  await page.getByTestId("write").fill(ODD);
  await page.getByTestId("worse").click();
  await expect.poll(async () => (await letters(page)).at(-1)).toContain(ODD);
  await expect.poll(async () => (await letters(teacher)).at(-1)).toContain(ODD);
});
