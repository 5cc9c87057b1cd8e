// The main job, in a real browser against the real binary.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import AxeBuilder from "./axe";
import { type City, Visitor, desk, expect, memberOf, school, test } from "./city";

const TEXT = "他们在厕所堵人，canary-tip-7431。";
const REPLY = "谢谢你告诉我们。canary-reply-5512";

/** Every byte that the deployment keeps or shows: files, logs, metrics, and the PostgreSQL dump. */
async function everythingKept(city: City): Promise<Buffer> {
  const files = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const file = path.join(folder, name);
      return statSync(file).isDirectory() ? files(file) : [file];
    });
  const kept = files(city.folder).filter((file) => !/(demo|city)\.json$/.test(file)).map((file) => readFileSync(file));
  if (city.database.startsWith("postgres")) kept.push(execFileSync("pg_dump", ["--inserts", city.database], { maxBuffer: 1 << 28 }));
  const metrics = await (await fetch(city.metrics)).text();
  return Buffer.concat([...kept, Buffer.from(city.log()), Buffer.from(metrics)]);
}

test("a tip goes to its committee without the chair, and the answer comes back", async ({ page, browser, city }) => {
  const place = school(city, "青杨路中学");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`);
  await page.waitForTimeout(1500);
  const loaded = asked.length;
  const receipt = await visitor.tell(TEXT, ["chair"]);
  expect(asked.slice(loaded), "nothing is asked between load and sending").toEqual(["POST /x"]);
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
  expect(await page.title()).toBe("树洞");

  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await teacher.getByTestId("case-row").click();
  await expect(teacher.getByTestId("letter").first()).toContainText("canary-tip-7431");
  await expect(teacher.locator("main")).toContainText("周校长");
  await teacher.getByTestId("reply").fill(REPLY);
  await teacher.getByTestId("send-reply").click();
  await teacher.getByTestId("confirm-send").click();
  await expect(teacher.locator('[data-testid=letter][data-side=school]')).toContainText("canary-reply-5512");
  await teacher.getByTestId("note").fill("已调课间值班表。");
  await teacher.getByTestId("save-note").click();
  await expect(teacher.locator(".noted")).toContainText("已调课间值班表。");
  await teacher.locator('[data-set-stage="2"]').click();
  await expect(teacher.getByTestId("stage")).toHaveAttribute("data-stage", "2");
  await expect(teacher.getByTestId("seen-by")).toContainText("李敏");

  const colleague = await desk(browser, city, memberOf(city, place, 3, 1));
  await colleague.getByTestId("case-row").click();
  await expect(colleague.getByTestId("letter").first()).toContainText("canary-tip-7431");
  await expect(colleague.locator(".noted")).toContainText("已调课间值班表。");

  const chair = await desk(browser, city, memberOf(city, place, 1));
  await expect(chair.getByTestId("case-row")).toHaveCount(0);
  await expect(chair.locator("main")).toContainText("没有要处理的事");
  const caseId = teacher.url().split("/").pop() ?? "";
  const refused = await chair.evaluate(async (id) => (await fetch(`/desk/api/v1/cases/${id}`)).status, caseId);
  const absent = await chair.evaluate(async () => (await fetch(`/desk/api/v1/cases/${"0".repeat(32)}`)).status);
  expect([refused, absent]).toEqual([404, 404]);

  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  expect(new URL(page.url()).pathname).toBe("/");
  await expect(page.locator('[data-testid=letter][data-side=school]')).toContainText("canary-reply-5512");
  await expect(page.getByTestId("deadline")).toBeVisible();
  await page.getByTestId("write").fill("今天他们又来了。canary-again-9083");
  await page.getByTestId("worse").click();
  await expect(page.locator('[data-testid=letter][data-side=mine]')).toContainText("canary-again-9083");
  await expect(async () => {
    await teacher.getByText("收件箱").first().click();
    await teacher.getByTestId("case-row").click();
    await expect(teacher.locator("main")).toContainText("canary-again-9083", { timeout: 2000 });
  }).toPass();
  await expect(teacher.locator("main")).toContainText("情况更糟了");

  const kept = await everythingKept(city);
  for (const needle of ["canary-", receipt, "HeadlessChrome", "127.0.0.1:5"]) {
    expect(kept.includes(needle), `${needle} is kept`).toBe(false);
  }
  expect(kept.includes("青杨路中学"), "the same search finds what is kept").toBe(true);
});

test("without a confirmed list, leaving out the chair brings the letter to the bureau alone", async ({ page, browser, city }) => {
  const place = school(city, "河湾中学");
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`);
  await visitor.tell("canary-unconfirmed", ["chair"]);
  const bureau = school(city, "白桦县教育局");
  const reader = await desk(browser, city, memberOf(city, bureau, 21));
  await expect(async () => {
    await reader.getByTestId("case-row").click({ timeout: 2000 });
  }).toPass();
  await expect(reader.getByTestId("letter").first()).toContainText("canary-unconfirmed");
  for (const [role, nth] of [[1, 0], [3, 0], [3, 1], [5, 0], [8, 0]] as const) {
    const member = await desk(browser, city, memberOf(city, place, role, nth));
    await expect(member.getByTestId("case-row")).toHaveCount(0);
    await member.context().close();
  }
});

test("a school that cannot open letters hands over to its bureau, and says so first", async ({ page, browser, city }) => {
  const place = school(city, "柳树街小学");
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`);
  await expect(page.locator("main")).toContainText("青杨区教育局");
  await visitor.tell("canary-handed-over", []);
  const reader = await desk(browser, city, memberOf(city, school(city, "青杨区教育局"), 20));
  await expect(async () => {
    await reader.getByTestId("case-row").click({ timeout: 2000 });
  }).toPass();
  await expect(reader.getByTestId("letter").first()).toContainText("canary-handed-over");
});

test("danger now is told with one answer and reaches the desk at once", async ({ page, browser, city }) => {
  const place = school(city, "松林小学");
  const visitor = await Visitor.at(page, place.address);
  await page.getByTestId("danger").click();
  await expect(page.locator('a[href="tel:110"]')).toBeVisible();
  await visitor.next();
  await visitor.isAt("place");
  await visitor.tap("place", "gate");
  await visitor.send();
  const reader = await desk(browser, city, memberOf(city, place, 5));
  await expect(reader.getByTestId("case-row")).toContainText("有危险");
});

test("forged keys and a dead network send nothing, and the words stay", async ({ page, city }) => {
  const place = school(city, "青杨路中学");
  let sent = 0;
  await page.route("**/x", (route) => {
    sent += 1;
    return sent === 1 ? route.abort() : route.continue();
  });
  const visitor = await Visitor.at(page, place.address);
  await visitor.next();
  for (let i = 0; i < 8; i++) await visitor.next();
  await page.locator("textarea[name=text]").fill("还在这里");
  for (let i = 0; i < 3; i++) await visitor.next();
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "network");
  await visitor.next();
  await visitor.isAt("receipt");

  const wrongPin = await page.context().newPage();
  let posted = false;
  wrongPin.on("request", (request) => (posted ||= request.method() === "POST"));
  const other = await Visitor.at(wrongPin, `${place.address}#${"A".repeat(22)}`);
  await other.next();
  await expect(wrongPin.getByTestId("problem")).toHaveAttribute("data-problem", "keys");
  expect(posted).toBe(false);
  await wrongPin.route("**/keys", async (route) => {
    const body = await (await route.fetch()).body();
    body[2000] = (body[2000] ?? 0) ^ 1;
    await route.fulfill({ status: 200, body });
  });
  const flipped = await Visitor.at(wrongPin, `${place.address}?again`);
  await flipped.next();
  await expect(wrongPin.getByTestId("problem")).toHaveAttribute("data-problem", "keys");
  expect(posted).toBe(false);
});

test("mistyped and unknown receipts are told apart on the phone only", async ({ page, city }) => {
  const visitor = new Visitor(page);
  await visitor.comeBack(city.address, "12345678901234567890");
  await visitor.isAt("return");
  await expect(page.getByRole("alert")).toContainText("有一个数字不对");
  await visitor.comeBack(city.address, "0".repeat(20));
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "receipt");
});

test("without script the help-lines are there, and plain words", async ({ browser, city }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(school(city, "青杨路中学").address);
  await expect(page.locator('a[href="tel:110"]')).toBeVisible();
  await expect(page.locator("main")).toContainText("JavaScript");
  await expect(page.getByTestId("next")).toHaveCount(await page.locator("[data-testid=next]").count());
  await expect(page.locator("[data-testid=next]:visible")).toHaveCount(0);
});

test("a school is found by a part of its name, in either language", async ({ page, city }) => {
  await page.goto(`${city.address}/`);
  await page.locator("#q").fill("河湾");
  await page.locator(".find button").click();
  await expect(page.locator(".schools li")).toHaveCount(2);
  await page.locator(".schools a").first().click();
  await expect(page).toHaveURL(/\/s\/[2-9a-z]{8}$/);
  await page.goto(`${city.address}/en/s/${school(city, "青杨路中学").code}`);
  await expect(page.locator("h1")).toContainText("You can tell us here");
  const missing = await page.goto(`${city.address}/s/22222223`);
  expect(missing?.status()).toBe(404);
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "unknown-school");
});

test("the reporter's script and first page stay small", async ({ page, city }) => {
  let script = 0;
  let all = 0;
  page.on("response", (response) => {
    void response.request().sizes().then((sizes) => {
      all += sizes.responseBodySize;
      if (response.url().endsWith(".js")) script += sizes.responseBodySize;
    });
  });
  await Visitor.at(page, school(city, "青杨路中学").address);
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(500);
  test.info().annotations.push({ type: "bytes", description: `script ${String(script)}, page ${String(all)}` });
  expect(script).toBeGreaterThan(10_000);
  expect(script).toBeLessThanOrEqual(75 * 1024);
  expect(all).toBeLessThanOrEqual(200 * 1024);
});

for (const width of [360, 1280]) {
  test(`every page at ${String(width)} px: nothing for axe to find, nothing sideways, a picture`, async ({ page, browser, city }, info) => {
    await page.setViewportSize({ width, height: width === 360 ? 740 : 800 });
    const shoot = async (name: string, at = page): Promise<void> => {
      expect(await new AxeBuilder(at).violations(), name).toEqual([]);
      expect(await at.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} sideways`).toBeLessThanOrEqual(0);
      if (info.project.name === "sqlite" && process.env.SHUDONG_SCREENS) {
        await at.screenshot({ path: path.join(process.env.SHUDONG_SCREENS, `${name}-${String(width)}.png`) });
      }
    };
    const place = school(city, "云溪市第一中学");
    const visitor = await Visitor.at(page, place.address);
    await shoot("landing");
    await page.getByTestId("danger").click();
    await shoot("danger");
    await page.getByTestId("back").click();
    await page.locator("[data-go=who-can-see]").click();
    await shoot("who-can-see");
    await visitor.next();
    await visitor.isAt("who");
    for (const [name, value] of [["who", "victim"], ["kind", "physical"]] as const) {
      await visitor.tap(name, value);
      await shoot(`question-${name}`);
      await visitor.next();
    }
    for (let i = 0; i < 6; i++) await visitor.next();
    await page.locator("textarea[name=text]").fill("他们这周又在厕所堵人。");
    await shoot("text");
    await visitor.next();
    await visitor.tap("exclude", "some");
    await visitor.tap("exclude", "chair");
    await shoot("exclude");
    await visitor.next();
    await shoot("check");
    await visitor.next();
    await visitor.isAt("receipt");
    await shoot("receipt");
    const receipt = (await page.getByTestId("receipt").innerText()).replace(/\s/g, "");
    await visitor.next();
    await shoot("confirm");
    await visitor.comeBack(city.address, "1");
    await shoot("return");
    await visitor.comeBack(city.address, receipt);
    await visitor.isAt("conversation");
    await shoot("conversation");
    await visitor.comeBack(city.address, "0".repeat(20));
    await visitor.isAt("problem");
    await shoot("problem");
    const teacher = await desk(browser, city, memberOf(city, place, 3));
    await teacher.setViewportSize({ width, height: 800 });
    await expect(teacher.getByTestId("case-row").first()).toBeVisible();
    await shoot("desk-inbox", teacher);
    await teacher.getByTestId("case-row").first().click();
    await expect(teacher.getByTestId("reply")).toBeVisible();
    await shoot("desk-case", teacher);
    await teacher.getByTestId("lock").click();
    await expect(teacher.getByTestId("account")).toHaveValue(memberOf(city, place, 3).account);
    await shoot("desk-sign-in", teacher);
  });
}
