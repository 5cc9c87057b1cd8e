// Help and privacy: at their own addresses without script, and as steps of the visitor's document.
import type { Page } from "@playwright/test";
import { Camera, WIDTHS } from "./camera";
import { Visitor, expect, school, test } from "./city";

test.use({ stories: "help" });

const PAGES = { help: 4, privacy: 2 } as const;
const SCHOOL = "青杨路中学";

/** Opens every part, so that all words are looked at. */
async function openAll(page: Page, parts: number): Promise<void> {
  const headings = page.locator("summary");
  await expect(headings).toHaveCount(parts);
  for (const heading of await headings.all()) await heading.click();
  await expect(page.locator("details[open]")).toHaveCount(parts);
}

for (const width of [360, 1280] as const) {
  test(`help and privacy at ${String(width)} px`, async ({ page, city }, info) => {
    test.slow();
    const camera = new Camera(width, info);
    await page.setViewportSize({ width, height: WIDTHS[width] });
    for (const [name, parts] of Object.entries(PAGES)) {
      for (const [language, prefix] of [["", ""], ["-en", "/en"]] as const) {
        await page.goto(`${city.address}${prefix}/${name}`);
        await expect(page.locator("main")).toHaveAttribute("data-step", name);
        await camera.look(page, `${name}${language}`);
        await openAll(page, parts);
        await page.evaluate(() => window.scrollTo(0, 0));
        await camera.look(page, `${name}${language}-open`);
      }
    }
  });
}

test("inside the document help and privacy ask the network for nothing and lead back", async ({ page, city }, info) => {
  const { address } = school(city, SCHOOL);
  const visitor = await Visitor.atRest(page, address);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const [name, parts] of Object.entries(PAGES)) {
    await page.locator(`[data-go=${name}]`).click();
    await visitor.isAt(name);
    await openAll(page, parts);
    await new Camera(360, info).look(page, `step-${name}`);
    expect(page.url()).toBe(address);
    await page.getByTestId("back").click();
    await visitor.isAt("landing");
  }
  expect(asked).toEqual([]);
  await page.locator("[data-go=help]").click();
  await page.goBack();
  await visitor.isAt("landing");
  await visitor.next();
  await visitor.isAt("who");
});

test("the words are the same inside the document and at their own address", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  for (const [name, parts] of Object.entries(PAGES)) {
    await page.goto(school(city, SCHOOL).address);
    await page.locator(`[data-go=${name}]`).click();
    await visitor.isAt(name);
    const inside = await page.locator("main details").allTextContents();
    await page.goto(`${city.address}/${name}`);
    const alone = await page.locator("main details").allTextContents();
    expect(inside).toEqual(alone);
    expect(alone).toHaveLength(parts);
  }
});

test("without script help is one tap from the landing, opens, and its numbers can be called", async ({ browser, city }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(school(city, SCHOOL).address);
  await expect(page.locator('a[href="tel:110"]'), "help's own numbers are not in the page that is read without script").toHaveCount(1);
  await page.locator("[data-go=help]").click();
  await expect(page).toHaveURL(/\/help$/);
  const lines = page.locator("details").first().locator("li");
  await expect(lines.first()).toBeHidden();
  await page.locator("summary").first().click();
  await expect(lines.first()).toBeVisible();
  for (const number of ["110", "120", "12356", "12355", "12309", "12345", "12338"]) {
    await expect(page.locator(`a[href="tel:${number}"]`)).toBeVisible();
  }
  await page.locator('a[href="/privacy"]').click();
  await expect(page.locator("main")).toContainText("云溪市教育局");
  await page.context().close();
});

test("leaving help puts another page in its place", async ({ page, city }) => {
  await page.goto("data:text/html,before");
  await page.goto(`${city.address}/help`);
  const leave = await page.getByTestId("leave").getAttribute("href");
  await page.route((url) => url.href === leave, (route) => route.fulfill({ status: 200, contentType: "text/html", body: "elsewhere" }));
  await page.getByTestId("leave").click();
  await expect(page.locator("body")).toHaveText("elsewhere");
  await page.goBack();
  await expect(page.locator("body")).toHaveText("before");
});

test("where no school reads, no word says that one does", async ({ page, city }) => {
  const bureau = "青杨区教育局";
  for (const [name, tell, straight] of [
    ["柳树街小学", `现在有危险，告诉：${bureau}`, "不给他们看，直接给："],
    [bureau, `现在有危险，告诉：${bureau}`, "不给他们看，直接给："],
    [SCHOOL, "告诉学校：现在有危险", "不给学校看，直接给："],
  ] as const) {
    const visitor = await Visitor.at(page, school(city, name).address);
    await page.getByTestId("danger").click();
    await expect(page.getByTestId("next"), name).toHaveText(tell);
    await page.getByTestId("back").click();
    await page.locator("[data-go=who-can-see]").click();
    await expect(page.locator(".facts"), name).toContainText(name === SCHOOL ? "学校里管这件事的几个人能打开" : `能打开的：${bureau}`);
    await expect(page.getByText("你可以划掉里面的人"), name).toHaveCount(name === SCHOOL ? 1 : 0);
    await visitor.answerUpToCheck("x", []);
    await page.getByTestId("back").click();
    await expect(page.locator("[data-past]"), name).toContainText(straight);
  }
});
