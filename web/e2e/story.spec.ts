// The main job, in a real browser against the real binary.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type City, Visitor, desk, expect, memberOf, openNewest, school, test } from "./city";

const TEXT = "他们在厕所堵人，canary-tip-7431。";
const REPLY = "谢谢你告诉我们。canary-reply-5512";

/** What a request carries that nobody may keep; the same needles are looked for in every place. */
const AGENT = "Mozilla/5.0 canary-agent-2217";
const FORWARDED = "203.0.113.177";
const REFERRER = "https://canary-referrer.example/";
test.use({ stories: "story", userAgent: AGENT, extraHTTPHeaders: { "x-forwarded-for": FORWARDED, forwarded: `for=${FORWARDED}`, "x-real-ip": FORWARDED } });

type Kept = Record<"database" | "mail" | "log" | "metrics", Buffer>;

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? files(file) : [file];
  });

/** Every byte that the deployment keeps or shows, by place. Only the demo's own list of passphrases is left out. */
async function everythingKept(city: City): Promise<Kept> {
  const own = files(city.folder).filter((file) => !/(demo|city)\.json$/.test(file));
  const [mail, rest] = [own.filter((file) => file.startsWith(city.mail)), own.filter((file) => !file.startsWith(city.mail))];
  const all = (names: string[]): Buffer => Buffer.concat(names.map((name) => readFileSync(name)));
  const isServer = city.database.startsWith("postgres");
  if (!isServer) expect(rest.some((file) => file.endsWith("-wal")), "the write-ahead log is read too").toBe(true);
  const dump = isServer ? execFileSync("pg_dump", ["--inserts", city.database], { maxBuffer: 1 << 28 }) : Buffer.alloc(0);
  return { database: Buffer.concat([all(rest), dump]), mail: all(mail), log: Buffer.from(city.log()), metrics: Buffer.from(await (await fetch(city.metrics)).text()) };
}

/** PostgreSQL's dump writes bytes as hexadecimal digits. */
const written = (needle: string): string[] => [needle, Buffer.from(needle).toString("hex"), Buffer.from(needle).toString("base64").replace(/=+$/, "")];

function placesOf(kept: Kept, needle: string): string[] {
  return Object.entries(kept).filter(([, bytes]) => written(needle).some((form) => bytes.includes(form))).map(([place]) => place);
}

test("a tip goes to its committee without the chair, and the answer comes back", async ({ page, browser, city }) => {
  const place = school(city, "青杨路中学");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`, REFERRER);
  // The visit's cover goes at load; nothing else does.
  await expect.poll(() => asked.filter((one) => one === "POST /x").length).toBe(1);
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

  // The control: what may be kept is found by the same search in each place, and so is a needle put there.
  const planted = path.join(city.mail, "planted.eml");
  writeFileSync(planted, "canary-planted");
  const kept = await everythingKept(city);
  rmSync(planted);
  expect(placesOf(kept, "canary-planted")).toEqual(["mail"]);
  expect(placesOf(kept, "青杨路中学")).toContain("database");
  expect(placesOf(kept, "ready http")).toContain("log");
  expect(placesOf(kept, "shudong_exchanges_total")).toContain("metrics");
  const groups = receipt.match(/.{4}/g)?.join(" ") ?? "";
  for (const needle of ["canary-tip-7431", "canary-reply-5512", "canary-again-9083", "已调课间值班表", receipt, groups, AGENT, FORWARDED, REFERRER]) {
    expect(placesOf(kept, needle), needle).toEqual([]);
  }
});

test("without a confirmed list, leaving out the chair brings the letter to the bureau alone", async ({ page, browser, city }) => {
  const place = school(city, "河湾中学");
  const visitor = await Visitor.at(page, `${place.address}#${place.pin}`);
  await visitor.tell("canary-unconfirmed", ["chair"]);
  const bureau = school(city, "白桦县教育局");
  const reader = await desk(browser, city, memberOf(city, bureau, 21));
  await openNewest(reader);
  await expect(reader.getByTestId("letter").first()).toContainText("canary-unconfirmed");
  for (const [role, nth] of [[1, 0], [3, 0], [3, 1], [5, 0], [8, 0]] as const) {
    const member = await desk(browser, city, memberOf(city, place, role, nth));
    await expect(member.locator("main")).toContainText("没有要处理的事");
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
  await openNewest(reader);
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
  await expect(page.locator("main h1")).toContainText("You can tell us here");
  const missing = await page.goto(`${city.address}/s/22222223`);
  expect(missing?.status()).toBe(404);
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "unknown-school");
});

