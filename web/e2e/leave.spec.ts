// Leaving: one tap or three presses, from any step; Back shows none of our steps.
import type { Page } from "@playwright/test";
import { WHOLE, launched } from "./browser";
import { Visitor, expect, held, school, test } from "./city";

test.use({ stories: "leave", launchOptions: launched(WHOLE) });

const ELSEWHERE = /www\.baidu\.com/;

async function elsewhere(page: Page): Promise<void> {
  await page.route(ELSEWHERE, (route) => route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" }));
}

async function isGone(page: Page): Promise<void> {
  await expect(page).toHaveURL(ELSEWHERE);
  await page.goBack().catch(() => null);
  await expect(page).not.toHaveURL(/127\.0\.0\.1|localhost/);
}

test("leaving in the middle of the words, by a tap", async ({ page, city }) => {
  await elsewhere(page);
  const visitor = await Visitor.at(page, school(city, "青杨路中学").address);
  await visitor.next();
  for (let i = 0; i < 8; i++) await visitor.next();
  await page.locator("textarea[name=text]").fill("不想让人看见");
  // The control: without leaving, Back does show our steps.
  await page.goBack();
  await visitor.isAt("adults_know");
  await page.getByTestId("leave").click();
  await isGone(page);
});

interface Locking { computed: boolean; sent: number }

/** On the step "sending": the engine computes once the page was blanked, or at once. Nothing may be asked of a page that goes. */
async function locking(page: Page, address: string, when: "blank" | "now"): Promise<Locking> {
  await page.addInitScript((when) => {
    window.Worker = class extends Worker {
      override postMessage(question: unknown): void {
        document.documentElement.dataset.asked = "";
        this.addEventListener("message", () => (window as unknown as { tell: () => void }).tell());
        const compute = setInterval(() => {
          if (when === "blank" && document.body.hasChildNodes()) return;
          clearInterval(compute);
          super.postMessage(question);
        }, 100);
      }
    };
  }, when);
  const seen = { computed: false, sent: 0 };
  await page.exposeFunction("tell", () => (seen.computed = true));
  page.on("request", (request) => (seen.sent += request.url().endsWith("/x") ? 1 : 0));
  const visitor = await Visitor.at(page, address);
  await visitor.answerUpToCheck("", []);
  await visitor.next();
  return seen;
}

test("whoever looked for the school, changed it or the language, or read help first, finds none of our pages behind Back", async ({ page, city }) => {
  await elsewhere(page);
  await page.goto(`${city.address}/help`);
  await page.locator("a[href$='/privacy']").click();
  await expect(page).toHaveURL(/\/privacy$/);
  await page.getByText("回到第一页").click();
  await page.locator("#q").fill("青杨");
  await page.locator(".find button").click();
  await page.locator(".schools a").filter({ hasText: "青杨路中学" }).click();
  await expect(page).toHaveURL(new URL(school(city, "青杨路中学").address).href);
  await page.getByText("English").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  const visitor = new Visitor(page);
  await visitor.next();
  await visitor.isAt("who");
  await page.getByTestId("leave").click();
  await isGone(page);
});

test("three presses of Escape leave help too, and out of the browser's memory it leaves", async ({ page, city }) => {
  await elsewhere(page);
  await page.goto(`${city.address}/help`);
  for (let i = 0; i < 2; i++) await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  await expect(page.locator("main")).toHaveAttribute("data-step", "help");
  await page.keyboard.press("Escape");
  await isGone(page);
  await page.goto(`${city.address}/privacy`);
  const shown = (persisted: boolean): Promise<boolean> => page.evaluate((persisted) => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted })), persisted);
  await shown(false);
  await expect(page.locator("main")).toHaveAttribute("data-step", "privacy");
  await shown(true);
  await isGone(page);
});

test("leaving while the phone locks: at once, and what was locked is not sent", async ({ browser, page, city }) => {
  const { address } = school(city, "青杨路中学");
  // The other page is long in coming, and the engine has computed before it does.
  const come = await held(page, ELSEWHERE, (route) => route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" }));
  const left = await locking(page, address, "blank");
  await new Visitor(page).isAt("sending");
  await expect(page.locator("html")).toHaveAttribute("data-asked", "");
  expect(left, "control: it waits").toEqual({ computed: false, sent: 1 });
  await page.getByTestId("leave").click({ noWaitAfter: true });
  await expect.poll(() => left.computed).toBe(true);
  const stayed = await browser.newPage();
  const control = await locking(stayed, address, "now");
  await new Visitor(stayed).isAt("receipt");
  expect(control, "control: who stays has sent it").toEqual({ computed: true, sent: 2 });
  expect(left).toEqual({ computed: true, sent: 1 });
  come();
  await isGone(page);
});

test("three presses of Escape leave, two do not", async ({ page, city }) => {
  await elsewhere(page);
  const visitor = await Visitor.at(page, school(city, "青杨路中学").address);
  await visitor.next();
  await visitor.isAt("who");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  await visitor.isAt("who");
  await page.keyboard.press("Escape");
  await isGone(page);
});

test("from the receipt Back stays, and the last step leaves", async ({ page, city }) => {
  await elsewhere(page);
  const visitor = await Visitor.at(page, school(city, "青杨路中学").address);
  await visitor.answerUpToCheck("", []);
  await visitor.next();
  await visitor.isAt("receipt");
  await expect(page.locator("[data-rest]")).toContainText("不会马上看到");
  const shown = await page.getByTestId("receipt").innerText();
  await page.goBack();
  await visitor.isAt("receipt");
  await expect(page.getByTestId("receipt")).toHaveText(shown);
  await visitor.next();
  const line = Number(await page.getByTestId("confirm-line").getAttribute("data-line"));
  await page.getByTestId("confirm-line").focus();
  await page.keyboard.type("0000");
  const right = shown.trim().split(/\s+/)[line - 1] ?? "";
  if (right !== "0000") {
    await visitor.next();
    await expect(page.getByRole("alert")).toContainText("和刚才的不一样");
    await page.keyboard.type(right);
  }
  await visitor.next();
  await visitor.isAt("done");
  expect(await page.content()).not.toContain(right + "</span>");
  await visitor.next();
  await isGone(page);
});

test("a page that a browser shows again out of its memory leaves", async ({ page, city }) => {
  await elsewhere(page);
  const visitor = await Visitor.at(page, school(city, "青杨路中学").address);
  await visitor.answerUpToCheck("不想让人看见", []);
  // The driver cannot go back into that memory; what the browser says when it shows a page out of it can be said here.
  const shown = (persisted: boolean): Promise<boolean> => page.evaluate((persisted) => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted })), persisted);
  await shown(false);
  await visitor.isAt("check");
  await shown(true);
  await isGone(page);
});

test("nothing that was written comes on paper; help does", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "青杨路中学").address);
  await visitor.answerUpToCheck("不想让人看见", []);
  const words = page.getByText("不想让人看见");
  await expect(words).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(words).toBeHidden();
  await page.goto(`${city.address}/help`);
  await expect(page.locator("main h1")).toBeVisible();
  await expect(page.getByTestId("leave")).toBeHidden();
});
