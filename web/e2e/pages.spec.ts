// Every page: nothing for axe to find in light and dark, nothing sideways, small enough, a picture.
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { Camera, WIDTHS, type Width } from "./camera";
import { type City, Visitor, desk, expect, memberOf, openNewest, school, test, withCity } from "./city";

test.use({ stories: "pages" });

async function asking(page: Page, city: City, camera: Camera): Promise<string> {
  const visitor = await Visitor.at(page, school(city, "云溪市第一中学").address);
  await camera.look(page, "landing");
  await page.getByTestId("danger").click();
  await camera.look(page, "danger");
  await page.getByTestId("back").click();
  await page.locator("[data-go=who-can-see]").click();
  await camera.look(page, "who-can-see");
  await visitor.next();
  await visitor.isAt("who");
  const taps = { who: "victim", kind: "physical", place: "toilet", time: "break", how_often: "several", offender: "older", ongoing: "yes", adults_know: "none" };
  for (const [name, value] of Object.entries(taps)) {
    await visitor.isAt(name);
    await visitor.tap(name, value);
    await camera.look(page, `question-${name}`);
    await visitor.next();
  }
  await page.locator("textarea[name=text]").fill("他们这周又在厕所堵人。");
  await camera.look(page, "text");
  await visitor.next();
  await visitor.tap("exclude", "some");
  await visitor.tap("exclude", "chair");
  await camera.look(page, "exclude");
  await visitor.next();
  await camera.look(page, "check");
  await visitor.next();
  await visitor.isAt("receipt");
  await camera.look(page, "receipt");
  const shown = (await page.getByTestId("receipt").innerText()).trim().split(/\s+/);
  await visitor.next();
  await camera.look(page, "confirm");
  const line = Number(await page.getByTestId("confirm-line").getAttribute("data-line"));
  await page.keyboard.type(shown[line - 1] ?? "");
  await visitor.next();
  await visitor.isAt("done");
  await camera.look(page, "done");
  return shown.join("");
}

/** A teacher answers; desk.spec.ts looks at the desk's other pages. */
async function answering(browser: Browser, city: City, width: Width, camera: Camera): Promise<void> {
  const place = school(city, "云溪市第一中学");
  const idle = await desk(browser, city, memberOf(city, school(city, "云溪市人力资源和社会保障局"), 21));
  await idle.setViewportSize({ width, height: WIDTHS[width] });
  await expect(idle.locator("main")).toContainText("没有要处理的事");
  await camera.look(idle, "desk-empty");
  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await teacher.getByTestId("reply").fill("谢谢你告诉我们。你现在安全吗？");
  await teacher.getByTestId("send-reply").click();
  await teacher.getByTestId("confirm-send").click();
  await expect(teacher.locator('[data-testid=letter][data-side=school]')).toBeVisible();
}

/** What can go wrong, each shown by making it go wrong. */
async function failing(page: Page, city: City, camera: Camera): Promise<void> {
  const { address } = school(city, "松林小学");
  const visitor = new Visitor(page);
  await visitor.comeBack(city.address, "0".repeat(20));
  await visitor.problem("receipt");
  await camera.look(page, "problem-receipt");
  await page.route("**/keys", (route) => route.fulfill({ status: 200, body: Buffer.alloc(9) }));
  await Visitor.at(page, address);
  await visitor.next();
  await visitor.problem("keys");
  await camera.look(page, "problem-keys");
  await page.unrouteAll();
  await Visitor.at(page, `${address}?again`);
  await visitor.answerUpToCheck("还在", []);
  for (const [word, how] of [["network", null], ["unavailable", 503]] as const) {
    await page.route("**/x", (route) => (how ? route.fulfill({ status: how, body: "" }) : route.abort()));
    await visitor.next();
    await visitor.problem(word);
    await camera.look(page, `problem-${word}`);
    await page.unrouteAll();
  }
}

for (const width of [360, 1280] as const) {
  test(`every page at ${String(width)} px`, async ({ page, browser, city }, info) => {
    test.slow();
    const camera = new Camera(width, info);
    await page.setViewportSize({ width, height: WIDTHS[width] });
    const receipt = await asking(page, city, camera);
    const visitor = new Visitor(page);
    await visitor.comeBack(city.address, "1");
    await camera.look(page, "return");
    await visitor.comeBack(city.address, receipt);
    await visitor.isAt("conversation");
    await camera.look(page, "conversation-waiting");
    await answering(browser, city, width, camera);
    await visitor.comeBack(city.address, receipt);
    await expect(page.locator("[data-testid=letter][data-side=school]")).toBeVisible();
    await camera.look(page, "conversation");
    await failing(page, city, camera);
  });

  test(`choosing a school, other languages, handing over at ${String(width)} px`, async ({ page, browser, city }, info) => {
    const camera = new Camera(width, info);
    await page.setViewportSize({ width, height: WIDTHS[width] });
    await Visitor.at(page, city.address);
    await camera.look(page, "choose");
    await page.locator("#q").fill("小学");
    await page.locator(".find button").click();
    await camera.look(page, "found");
    await page.goto(`${city.address}/s/22222223`);
    await camera.look(page, "unknown-school");
    await page.goto(`${city.address}/s/%ff`);
    await camera.look(page, "unfit");
    await page.goto(school(city, "柳树街小学").address);
    await camera.look(page, "handed-over");
    await page.goto(`${city.address}/en/s/${school(city, "松林小学").code}`);
    await camera.look(page, "landing-en");
    const plain = await (await browser.newContext({ javaScriptEnabled: true })).newPage();
    await plain.route(/\/assets\/.*\.js/, (route) => route.abort());
    await plain.setViewportSize({ width, height: WIDTHS[width] });
    await plain.goto(school(city, "松林小学").address);
    await camera.look(plain, "without-script");
  });
}

test("when every epoch has lapsed the page says so before anything is asked", async ({ page }, info) => {
  const file = path.join(tmpdir(), `shudong-clock-${String(process.pid)}`);
  writeFileSync(file, "2026-10-08T02:00:00Z");
  await withCity("", ["--clock-file", file], async (city) => {
    const { address } = school(city, "青杨路中学");
    const visitor = await Visitor.at(page, address);
    await expect(page.getByTestId("problem").filter({ visible: true }), "the control: before that it takes letters").toHaveCount(0);
    writeFileSync(file, "2027-02-08T02:00:00Z");
    await visitor.next();
    await visitor.isAt("who");
    await page.goto(`${address}?later`);
    await expect(page.locator("html")).toHaveAttribute("data-ready");
    await visitor.problem("nobody");
    await expect(page.getByTestId("next").filter({ visible: true })).toHaveCount(0);
    await page.getByTestId("danger").click();
    await expect(page.locator('a[href="tel:110"]')).toBeVisible();
    await page.getByTestId("back").click();
    await new Camera(360, info).look(page, "nobody");
  });
});

/** Bytes of a file as an old browser gets it, compressed by gzip. */
const weight = (url: string): Promise<{ bytes: number; text: string }> =>
  new Promise((done, failed) => {
    get(url, { headers: { "accept-encoding": "gzip" } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const whole = Buffer.concat(parts);
        done({ bytes: whole.length, text: response.headers["content-encoding"] === "gzip" ? gunzipSync(whole).toString() : whole.toString() });
      });
    }).on("error", failed);
  });

test("the reporter's script and first page stay small", async ({ page, city }) => {
  const parts: Promise<number>[] = [];
  const scripts = new Set<string>();
  page.on("response", (response) => {
    if (response.url().endsWith(".js")) scripts.add(response.url());
    parts.push(response.request().sizes().then((sizes) => sizes.responseBodySize));
  });
  // The visit's first exchange is part of its first page.
  await Visitor.atRest(page, school(city, "青杨路中学").address);
  await page.waitForLoadState("networkidle");
  const sizes = await Promise.all(parts);
  expect(sizes, "the exchange is among them").toContain(32_768);
  let all = sizes.reduce((sum, one) => sum + one, 0);
  // Of a worker's script the browser tells no size.
  const engines = page.workers().map((one) => one.url());
  expect(engines).toHaveLength(1);
  for (const url of engines) all += (await weight(url)).bytes;
  expect([...scripts].filter((url) => url.includes("/report-"))).toHaveLength(1);
  // In all: also the engine that this browser does not need.
  let script = 0;
  for (const url of scripts) {
    const { bytes, text } = await weight(url);
    script += bytes;
    for (const [name] of text.matchAll(/(?<=["'`/])[\w.-]+-[\w-]{8}\.js/g)) scripts.add(new URL(name, url).href);
  }
  process.stdout.write(`reporter's script in all ${String(script)} bytes as gzip, first page ${String(all)} bytes\n`);
  expect(scripts.size, "gate, report, both engines").toBeGreaterThanOrEqual(4);
  expect(script).toBeLessThanOrEqual(75 * 1024);
  expect(all).toBeGreaterThan(40_000);
  expect(all).toBeLessThanOrEqual(150 * 1024);
});
