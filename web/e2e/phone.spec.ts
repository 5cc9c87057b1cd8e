// The phone: covered when hidden, old engines, in-app browsers, large text, landscape.
import AxeBuilder from "./axe";
import { Visitor, desk, expect, held, memberOf, openNewest, school, test } from "./city";

test.use({ stories: "phone" });

const SCHOOL = "青杨路中学";

/** As when another app comes to the front, or goes. */
const setHidden = (visitor: Visitor, hidden: boolean): Promise<void> =>
  visitor.page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { value: now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("what was written is covered when the page is hidden, until a tap", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  await setHidden(visitor, true);
  await setHidden(visitor, false);
  await expect(page.locator("main"), "the landing holds nothing of the visitor's").toBeVisible();
  await visitor.next();
  await visitor.isAt("who");
  for (let i = 0; i < 8; i++) await visitor.next();
  const words = page.locator("textarea[name=text]");
  await words.fill("不想让人看见");
  await setHidden(visitor, true);
  await expect(words).toBeHidden();
  await expect(page.getByTestId("leave"), "leaving stays in sight").toBeVisible();
  await setHidden(visitor, false);
  await expect(words, "coming back is not enough").toBeHidden();
  expect(await new AxeBuilder(page).violations()).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(words).toHaveValue("不想让人看见");
  await expect(words).toBeVisible();
});

test("on a slow line a tap too many changes nothing, and who went to the numbers meanwhile stays there", async ({ page, city }) => {
  const come = await held(page, "**/keys");
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  const start = page.getByTestId("next");
  const label = await start.textContent();
  await start.click();
  await expect(start).not.toHaveText(label ?? "");
  await start.click();
  await page.getByTestId("danger").click();
  await visitor.isAt("danger");
  const first = page.waitForResponse("**/x");
  come();
  await first;
  await visitor.isAt("danger");
  await page.getByTestId("back").click();
  await visitor.isAt("landing");
  await expect(start).toHaveText(label ?? "");
  // Control: who waits where they tapped goes on.
  await start.click();
  await visitor.isAt("who");
  await page.getByTestId("back").click();
  await visitor.isAt("landing");
});

test("the control: where nothing is missing the module runs", async ({ page, city }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await Visitor.at(page, school(city, SCHOOL).address);
  await expect(page.locator(".noscript").first()).toBeHidden();
  await expect.poll(() => asked.filter((path) => path === "/x" || path.endsWith("/keys")).length).toBeGreaterThan(1);
});

/** What engines of 2020 lack, taken away one by one. */
const MISSING = {
  "no BigInt (iOS 13)": "delete window.BigInt",
  "no allSettled (iOS 12)": "delete Promise.allSettled",
  "no subtle crypto": "Object.defineProperty(window, 'crypto', { value: { getRandomValues() {} } })",
  "no replaceChildren (Chrome 80)": "for (const one of [Document, Element, DocumentFragment]) delete one.prototype.replaceChildren",
  "no modules": "delete HTMLScriptElement.prototype.noModule",
};

for (const [what, script] of Object.entries(MISSING)) {
  test(`${what}: the feature test leads to the form without script`, async ({ page, city }) => {
    await page.addInitScript(script);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(school(city, SCHOOL).address);
    await page.locator(".noscript a[href$='/plain']").click();
    await page.locator("input[name=kind][value=verbal]").check();
    await page.getByTestId("next").click();
    await expect(page.getByTestId("receipt")).toBeVisible();
    // Engines that know `modulepreload` fetch the module; none of these runs it.
    expect(asked.filter((path) => path === "/x" || path.endsWith("/keys"))).toEqual([]);
  });
}

test("no field of ours is filled in by the browser, or kept for the next time", async ({ browser, city }) => {
  const { address } = school(city, SCHOOL);
  // As the documents come, with all their steps.
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  const filled = page.locator(":is(input, textarea):not([autocomplete=off]):not([type=hidden], [type=file])");
  for (const url of [address, `${address}/plain`, `${city.address}/return`, `${city.address}/`]) {
    await page.goto(url);
    expect(await page.locator("input, textarea").count(), "the control: there are fields").toBeGreaterThan(0);
    await expect(filled, url).toHaveCount(0);
  }
});

test("inside another app the page shows its address to copy; elsewhere it does not", async ({ browser, page, city }) => {
  const { address } = school(city, SCHOOL);
  const inside = await (await browser.newContext({ userAgent: "Mozilla/5.0 (Linux; Android 9) Chrome/86 MicroMessenger/8.0.1" })).newPage();
  const visitor = await Visitor.at(inside, address);
  await expect(inside.locator(".inapp input")).toHaveValue(address);
  await inside.locator(".inapp input").click();
  expect(await inside.evaluate(() => { const at = document.querySelector<HTMLInputElement>(".inapp input"); return (at?.selectionEnd ?? 0) - (at?.selectionStart ?? 0); })).toBe(address.length);
  expect(await new AxeBuilder(inside).violations()).toEqual([]);
  await visitor.next();
  await visitor.isAt("who");
  await Visitor.at(page, address);
  await expect(page.locator(".inapp")).toBeHidden();
});

test("storage, cookies and the clipboard forbidden, and a clock wrong by years: a tip arrives all the same", async ({ page, city }) => {
  await page.addInitScript(() => {
    const forbidden = { get: () => { throw new DOMException("forbidden", "SecurityError"); } };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, forbidden);
    Object.defineProperty(document, "cookie", forbidden);
    Object.defineProperty(navigator, "clipboard", forbidden);
    const now = Date.now;
    Date.now = () => now() - 9 * 365 * 86_400_000;
  });
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  const receipt = await visitor.tell("手机的钟慢了九年", []);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
});

for (const [what, size] of Object.entries({ landscape: { width: 740, height: 360 }, "200 % text": { width: 360, height: 740 } })) {
  test(`${what}: every step is whole and nothing is cut off`, async ({ page, city }) => {
    test.slow();
    await page.setViewportSize(size);
    const visitor = await Visitor.at(page, school(city, SCHOOL).address);
    if (what !== "landscape") {
      await page.evaluate(() => document.documentElement.style.setProperty("font-size", "212.5%", "important"));
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("34px");
    }
    const look = async (name: string): Promise<void> => {
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(beyond, `${name} sideways`).toBeLessThanOrEqual(0);
      const cut = await page.evaluate(() =>
        Array.from(document.querySelectorAll<HTMLElement>("main button, main .tile, main h1")).filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText));
      expect(cut, name).toEqual([]);
      await expect(page.getByTestId("leave")).toBeInViewport();
      await page.getByTestId("next").scrollIntoViewIfNeeded();
      await expect(page.getByTestId("next")).toBeInViewport();
      await page.evaluate(() => window.scrollTo(0, 0));
    };
    await look("landing");
    await visitor.next();
    for (const step of ["who", "kind", "place", "time", "how_often", "offender", "ongoing", "adults_know", "text", "exclude"]) {
      await visitor.isAt(step);
      await look(step);
      await visitor.next();
    }
    await visitor.isAt("check");
    await look("check");
    await visitor.next();
    await visitor.isAt("receipt");
    await look("receipt");
  });
}

test("in danger now keeps out whom the visitor had kept out before", async ({ browser, page, city }) => {
  const place = school(city, "云溪市第一中学");
  const visitor = await Visitor.at(page, place.address);
  await visitor.answerUpToCheck("先写了一些", ["chair"]);
  for (const step of ["exclude", "text", "adults_know", "ongoing"]) {
    await page.getByTestId("back").click();
    await visitor.isAt(step);
  }
  await visitor.tap("ongoing", "yes");
  await page.locator("[data-when=yes]").click();
  await visitor.isAt("danger");
  await visitor.next();
  await visitor.isAt("place");
  await visitor.next();
  await visitor.isAt("receipt");
  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await expect(teacher.locator("main")).toContainText("不含");
  const chair = await desk(browser, city, memberOf(city, place, 1));
  await expect(chair.getByTestId("case-row")).toHaveCount(0);
});
