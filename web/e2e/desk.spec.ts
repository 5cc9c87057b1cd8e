// The members' desk, in a real browser against the real binary.
import path from "node:path";
import type { Browser, Page } from "@playwright/test";
import AxeBuilder from "./axe";
import { type City, type Member, type Organisation, Visitor, desk, expect, memberOf, reply, school, test } from "./city";

test.use({ stories: "desk" });

/** Demo members have a passphrase each; a wrong one is any other. */
const signIn = async (page: Page, member: Member, passphrase = member.passphrase): Promise<void> => {
  await page.getByTestId("account").fill(member.account);
  await page.getByTestId("passphrase").fill(passphrase);
  await page.getByTestId("sign-in").click();
};

/** Tells a school something; returns the receipt. */
async function tip(browser: Browser, place: Organisation, text: string): Promise<string> {
  const page = await (await browser.newContext()).newPage();
  const receipt = await (await Visitor.at(page, `${place.address}#${place.pin}`)).tell(text, []);
  await page.context().close();
  return receipt;
}

/** The row of a case by what stands in its letter, once the tick has passed. */
async function rowOf(page: Page, text: string): Promise<string> {
  await page.getByTestId("search").fill(text);
  const row = page.getByTestId("case-row");
  await expect(row).toHaveCount(1);
  const id = await row.getAttribute("data-case");
  await page.getByTestId("search").fill("");
  return id ?? "";
}
const row = (page: Page, id: string) => page.locator(`[data-case="${id}"]`);

const flip = (record: string, at: number): string => {
  const bytes = Buffer.from(record, "base64");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString("base64");
};

interface Due { id: string; due: { day: number } | null }
interface CaseJson { summary: { tip: string; id: string }; records: { side: number; seq: number; bytes: string }[] }

test("one turned bit in a record: it cannot be trusted, the others still read", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  await tip(browser, place, "canary-tampered-letter");
  const page = await desk(browser, city, memberOf(city, place, 3));
  const id = await rowOf(page, "canary-tampered-letter");
  await row(page, id).click();
  for (const text of ["canary-one", "canary-two", "canary-three"]) await reply(page, text);
  await expect(page.getByTestId("untrusted")).toHaveCount(0);
  await page.route(`**/desk/api/v1/cases/${id}`, async (route) => {
    const response = await route.fetch();
    const json = (await response.json()) as CaseJson;
    const second = json.records.find((record) => record.side === 1 && record.seq === 1);
    if (second) second.bytes = flip(second.bytes, 200);
    await route.fulfill({ response, json });
  });
  await page.goBack();
  await row(page, id).click();
  await expect(page.getByTestId("untrusted")).toHaveCount(1);
  await expect(page.getByTestId("untrusted")).toContainText("不能相信");
  await expect(page.locator("main")).not.toContainText("canary-two");
  for (const text of ["canary-one", "canary-three", "canary-tampered-letter"]) await expect(page.locator("main")).toContainText(text);
});

test("one turned bit in a letter: its row says so, the other rows read; keys that no statement names sign nobody in", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  await tip(browser, place, "canary-good-tip");
  await tip(browser, place, "canary-bad-tip");
  const page = await desk(browser, city, memberOf(city, place, 3, 1));
  const [good, bad] = [await rowOf(page, "canary-good-tip"), await rowOf(page, "canary-bad-tip")];
  await expect(row(page, bad)).toContainText("打人");
  await page.route("**/desk/api/v1/cases", async (route) => {
    const response = await route.fetch();
    const json = (await response.json()) as { cases: CaseJson["summary"][] };
    for (const one of json.cases) if (one.id === bad) one.tip = flip(one.tip, 300);
    await route.fulfill({ response, json });
  });
  await expect(row(page, bad)).toContainText("不能相信");
  await expect(row(page, bad)).not.toContainText("打人");
  await expect(row(page, good)).toContainText("打人");
  await page.getByTestId("search").fill("canary-bad-tip");
  await expect(page.getByTestId("case-row")).toHaveCount(0);
  await page.context().close();

  const [one, other] = [memberOf(city, place, 3), memberOf(city, place, 5)];
  const altered = await (await browser.newContext()).newPage();
  let swap = true;
  await altered.route("**/desk/api/v1/session", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    const json = (await response.json()) as { organisation: { colleagues: { role: number; kem: string }[] } };
    const [a, b] = [1, 5].map((role) => json.organisation.colleagues.find((colleague) => colleague.role === role));
    if (swap && a && b) [a.kem, b.kem] = [b.kem, a.kem];
    await route.fulfill({ response, json });
  });
  await altered.goto(`${city.address}/desk`);
  await signIn(altered, one);
  await expect(altered.getByRole("alert")).toContainText("钥匙对不上");
  swap = false;
  await signIn(altered, other);
  await expect(altered.getByTestId("inbox")).toBeVisible();
});

test("a wrong account and a wrong passphrase are one text; what was typed stays", async ({ page, city }) => {
  const member = memberOf(city, school(city, "青杨路中学"), 3);
  await page.goto(`${city.address}/desk`);
  const texts: string[] = [];
  for (const [account, passphrase] of [["nobody-here", member.passphrase], [member.account, "wrong"]] as const) {
    await signIn(page, { ...member, account }, passphrase);
    await expect(page.getByRole("alert")).toBeFocused();
    texts.push(await page.getByRole("alert").innerText());
    await expect(page.getByTestId("account")).toHaveValue(account);
    await expect(page.getByTestId("sign-in")).toHaveText("登录");
  }
  expect(texts).toEqual(["账号或密语不对。", "账号或密语不对。"]);
  await signIn(page, member);
  await expect(page.getByTestId("inbox")).toBeVisible();
});

test("the desk counts down, locks by itself, forgets, and gives the half-written words back", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  const member = memberOf(city, place, 3);
  await tip(browser, place, "canary-idle-letter");
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.clock.install();
  await page.goto(`${city.address}/desk`);
  await signIn(page, member);
  await page.clock.runFor(1000);
  const id = await rowOf(page, "canary-idle-letter");
  await row(page, id).click();
  await page.getByTestId("reply").fill("canary-half-written");
  await expect(page.locator(".rail")).toContainText("30 分钟后自动上锁");
  await page.clock.fastForward("20:00");
  await page.clock.runFor(1000);
  await expect(page.locator(".rail")).toContainText("10 分钟后自动上锁");
  await page.keyboard.press("Shift");
  await expect(page.locator(".rail")).toContainText("30 分钟后自动上锁");
  await expect(page.locator("body")).toContainText("canary-idle-letter");
  const ended = page.waitForResponse((response) => response.request().method() === "DELETE");
  await page.clock.fastForward("30:01");
  await page.clock.runFor(1000);
  await expect(page.getByTestId("account")).toHaveValue(member.account);
  await expect(page.getByTestId("passphrase")).toBeFocused();
  expect((await ended).status()).toBe(204);
  const html = await page.content();
  for (const gone of ["canary-idle-letter", "canary-half-written"]) expect(html).not.toContain(gone);
  expect(await page.evaluate(async () => (await fetch("/desk/api/v1/cases")).status), "the session ended on the server").toBe(401);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length), "nothing is stored").toBe(0);
  await signIn(page, member);
  await expect(page.getByTestId("letter").first()).toContainText("canary-idle-letter");
  await expect(page.getByTestId("reply")).toHaveValue("canary-half-written");
  await expect(page).toHaveURL(new RegExp(`/desk/cases/${id}$`));
});

test("a session that ended elsewhere locks and loses nothing; another member gets none of it", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  const [member, colleague] = [memberOf(city, place, 3), memberOf(city, place, 5)];
  await tip(browser, place, "canary-second-tab");
  const page = await desk(browser, city, member);
  const id = await rowOf(page, "canary-second-tab");
  await row(page, id).click();
  await page.getByTestId("reply").fill("canary-kept-reply");
  await page.getByTestId("note").fill("canary-kept-note");

  const second = await page.context().newPage();
  await second.goto(`${city.address}/desk/cases/${id}`);
  await expect(second.getByTestId("sign-in"), "keys are in one tab only").toBeVisible();
  await signIn(second, colleague);
  await expect(second.getByTestId("letter").first()).toContainText("canary-second-tab");
  await expect(second.getByTestId("reply")).toHaveValue("");
  await expect(page.getByTestId("sign-in"), "the first tab's session was replaced").toBeVisible();
  expect(await page.content()).not.toContain("canary-second-tab");
  await expect(second.getByTestId("letter").first(), "the second tab goes on").toBeVisible();

  await signIn(page, colleague);
  await expect(page.getByTestId("letter").first()).toContainText("canary-second-tab");
  await expect(page.getByTestId("reply"), "not the colleague's words").toHaveValue("");
  await page.getByTestId("lock").click();
  await signIn(page, member);
  await expect(page.getByTestId("reply")).toHaveValue("canary-kept-reply");
  await expect(page.getByTestId("note")).toHaveValue("canary-kept-note");

  await page.context().clearCookies();
  await page.getByTestId("send-reply").click();
  await expect(page.getByTestId("as-seen")).toContainText("canary-kept-reply");
  await page.getByTestId("confirm-send").click();
  await signIn(page, member);
  await expect(page.getByTestId("reply")).toHaveValue("canary-kept-reply");
  await reply(page, "canary-kept-reply");
});

test("a reply that is not sent keeps its words; sent again it counts once", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  await tip(browser, place, "canary-lost-answer");
  const page = await desk(browser, city, memberOf(city, place, 3));
  const id = await rowOf(page, "canary-lost-answer");
  await row(page, id).click();
  let lost = 0;
  await page.route(`**/cases/${id}/records`, async (route) => {
    lost += 1;
    if (lost > 1) return route.continue();
    await route.fetch(); // Stored, but the answer never comes.
    await route.abort();
  });
  await page.getByTestId("reply").fill("canary-once");
  await page.getByTestId("send-reply").click();
  await page.getByTestId("confirm-send").click();
  await expect(page.getByRole("alert").filter({ hasText: "写的字还在" })).toBeFocused();
  await page.getByTestId("confirm-send").click();
  await expect(page.getByTestId("reply")).toHaveValue("");
  expect(lost).toBe(2);
  await expect(page.getByText("canary-once")).toHaveCount(1);
});

/** Tabs until what is focused matches; fails if it never does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`${selector} is not reached`);
}
const by = (id: string): string => `[data-testid="${id}"]`;

test("the whole path by keyboard alone, without a page load", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  const member = memberOf(city, place, 3, 1);
  await tip(browser, place, "canary-keyboard");
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  let loads = 0;
  page.on("domcontentloaded", () => (loads += 1));
  await page.goto(`${city.address}/desk`);
  await tabTo(page, by("account"));
  await page.keyboard.type(member.account);
  await tabTo(page, by("passphrase"));
  await page.keyboard.type(member.passphrase);
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toBeFocused();
  await tabTo(page, by("search"));
  await page.keyboard.type("canary-keyboard");
  await expect(page.getByTestId("case-row")).toHaveCount(1);
  const id = (await page.getByTestId("case-row").getAttribute("data-case")) ?? "";
  await tabTo(page, by("case-row"));
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toBeFocused();
  await expect(page.locator("h1")).toContainText("打人");
  await tabTo(page, by("reply"));
  await page.keyboard.type("canary-typed-reply");
  await tabTo(page, by("send-reply"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("as-seen")).toContainText("canary-typed-reply");
  await tabTo(page, by("confirm-send"));
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-testid=letter][data-side=school]")).toContainText("canary-typed-reply");
  await tabTo(page, by("next-stage"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "2");
  await tabTo(page, by("note"));
  await page.keyboard.type("canary-typed-note");
  await tabTo(page, by("save-note"));
  await page.keyboard.press("Enter");
  await expect(page.locator(".noted")).toContainText("canary-typed-note");
  await page.goBack(); // The browser's own key for it does not reach a page without a window.
  await expect(row(page, id)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toBeFocused();
  await tabTo(page, ".back");
  await page.keyboard.press("Enter");
  await expect(row(page, id)).toBeFocused();
  await expect(page).toHaveURL(/\/desk$/);
  await tabTo(page, by("lock"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("passphrase")).toBeFocused();
  expect(loads).toBe(1);
});

test("what arrives is told without a number, and a case shows it by itself", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  const receipt = await tip(browser, place, "canary-arrival-one");
  const page = await desk(browser, city, memberOf(city, place, 3));
  const id = await rowOf(page, "canary-arrival-one");
  await expect(page.getByTestId("news")).toHaveText("");
  await expect(row(page, id)).not.toContainText("来信人有新的话");
  await row(page, id).click();
  await reply(page, "canary-first-answer");

  const visitor = new Visitor(await (await browser.newContext()).newPage());
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  await visitor.page.getByTestId("write").fill("canary-arrival-two");
  await visitor.page.getByTestId("worse").click();
  await expect(visitor.page.locator("[data-testid=letter][data-side=mine]")).toContainText("canary-arrival-two");
  await page.getByTestId("reply").fill("canary-under-way");
  await expect(page.getByTestId("news")).toHaveText("有新的来信，已经在收件箱里。");
  await expect(page.locator("[data-testid=letter][data-side=mine]").last()).toContainText("canary-arrival-two");
  await expect(page.getByTestId("reply"), "what is being written stays").toHaveValue("canary-under-way");
  await expect(page.locator("[data-testid=letter]")).toHaveText([/canary-arrival-one/, /canary-first-answer/, /canary-arrival-two/]);
  await page.goBack();
  await expect(row(page, id)).toContainText("来信人有新的话");
  await expect(row(page, id).getByTestId("worse"), "it got worse, and nobody answered that").toBeVisible();
  await expect(page.getByTestId("case-row").first(), "so it comes first").toHaveAttribute("data-case", id);
  await row(page, id).click();
  await reply(page, "canary-second-answer");
  await page.goBack();
  await expect(row(page, id)).not.toContainText("来信人有新的话");
  await expect(row(page, id).getByTestId("worse")).toHaveCount(0);

  await row(page, id).click();
  await page.locator("[data-set-stage=\"5\"]").click();
  await expect(page.getByTestId("stage")).toHaveAttribute("data-stage", "5");
  await page.goBack();
  await expect(row(page, id), "closed").toHaveCount(0);
  await visitor.page.getByTestId("worse").click();
  await expect(row(page, id).getByTestId("worse"), "closed, and then it got worse").toBeVisible();
  await expect(page.getByTestId("case-row").first()).toHaveAttribute("data-case", id);
  await row(page, id).click();
  await reply(page, "canary-third-answer");
  await page.goBack();
  await expect(row(page, id), "answered").toHaveCount(0);
});

test("ready phrases are as written; a question that may frighten warns", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  await tip(browser, place, "canary-phrases");
  const page = await desk(browser, city, memberOf(city, place, 3));
  await row(page, await rowOf(page, "canary-phrases")).click();
  const phrases = page.locator("[data-phrase]");
  await expect(phrases).toHaveText(["谢谢你告诉我们。", "你现在安全吗？", /^我们在查了，最晚 \d+月\d+日告诉你结果。$/]);
  await phrases.nth(0).click();
  await phrases.nth(1).click();
  await expect(page.getByTestId("reply")).toHaveValue("谢谢你告诉我们。你现在安全吗？");
  await expect(page.getByTestId("warning")).toHaveText("");
  for (const question of ["你是谁？", "你在哪个班？", "来办公室找我", "来我办公室", "你叫什么名字"]) {
    await page.getByTestId("reply").fill(question);
    await expect(page.getByTestId("warning")).toHaveText("这句话可能让来信人害怕或暴露，改一改？");
  }
  await page.getByTestId("send-reply").click();
  await expect(page.getByTestId("as-seen")).toContainText("你叫什么名字");
  await expect(page.locator(".preview")).toContainText("改一改？");
  await expect(page.getByTestId("duty")).toContainText("依据：教督〔2017〕10号，原则上（还没有人核对）");
  await expect(page.getByTestId("deadline")).toHaveText(/^调查还有 \d+ 天$/);
});

test("what is over its time says by how many days, in the inbox, over the case and in the duty", async ({ browser, city }) => {
  const place = school(city, "青杨路中学");
  await tip(browser, place, "canary-overdue");
  const page = await desk(browser, city, memberOf(city, place, 3));
  const id = await rowOf(page, "canary-overdue");
  await row(page, id).click();
  await expect(page.getByTestId("deadline")).not.toHaveClass(/late/);
  await page.goBack();
  let over = 1;
  await page.route(/\/desk\/api\/v1\/cases(\/[0-9a-f]+)?$/, async (route) => {
    const response = await route.fetch();
    const json = (await response.json()) as { cases?: Due[]; summary?: Due };
    const today = Math.floor(Date.now() / 86_400_000 + 8 / 24);
    for (const one of [...(json.cases ?? []), ...(json.summary ? [json.summary] : [])]) if (one.id === id && one.due) one.due.day = today - over;
    await route.fulfill({ response, json });
  });
  await expect(row(page, id)).toContainText("超 1 天");
  await expect(page.locator("header")).toContainText([/./, /1 件超期/]);
  await expect(page.getByTestId("case-row").first(), "the most urgent first").toHaveAttribute("data-case", id);
  await row(page, id).click();
  await expect(page.getByTestId("deadline")).toHaveText("调查超期 1 天");
  await expect(page.getByTestId("duty")).toContainText("已经超期 1 天");
  await page.goBack();
  over = 0;
  await expect(row(page, id)).toContainText("今天");
  await row(page, id).click();
  await expect(page.getByTestId("deadline")).toHaveText("调查今天到期");
  await page.context().close();
});

async function look(page: Page, city: City, browser: Browser, width: number, scheme: "light" | "dark"): Promise<void> {
  const place = school(city, "云溪市第一中学");
  await tip(browser, place, "他们这周又在厕所堵人。昨天下午把书包扔进了水池。");
  await page.setViewportSize({ width, height: width < 900 ? 740 : 800 });
  await page.emulateMedia({ colorScheme: scheme });
  const shoot = async (name: string): Promise<void> => {
    const at = `${name} ${String(width)} ${scheme}`;
    const folder = process.env.SHUDONG_SCREENS;
    if (folder && scheme === "light" && !city.database.startsWith("postgres")) await page.screenshot({ path: path.join(folder, `${name}-${String(width)}.png`) });
    expect(await new AxeBuilder(page).violations(), at).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${at} sideways`).toBeLessThanOrEqual(0);
  };
  await page.goto(`${city.address}/desk`);
  await shoot("desk-sign-in");
  await signIn(page, memberOf(city, place, 3));
  await expect(page.getByTestId("case-row").first()).toBeVisible();
  await shoot("desk-inbox");
  const time = await page.getByTestId("deadline").first().boundingBox();
  const what = await page.locator(".what").first().boundingBox();
  expect(time && what && time.x + time.width <= what.x, "time comes first").toBe(true);
  if (width < 900) {
    const [tabs, lock] = [await page.locator(".tabs").boundingBox(), await page.getByTestId("lock").boundingBox()];
    expect(tabs && tabs.y + tabs.height).toBe(740);
    expect(lock && lock.y < 80 && lock.height >= 44).toBe(true);
    await page.getByRole("button", { name: "更多" }).click();
    await expect(page.getByTestId("sign-out")).toBeVisible();
    await shoot("desk-more");
    await page.getByRole("button", { name: "更多" }).click();
    await expect(page.getByTestId("sign-out")).toBeHidden();
  }
  await page.getByTestId("case-row").first().click();
  await expect(page.getByTestId("reply")).toBeVisible();
  await shoot("desk-case");
  await page.mouse.wheel(0, 400);
  await expect(page.locator(".left-in"), "the time to the lock is always in view").toBeInViewport();
  await reply(page, "谢谢你告诉我们。那一层课间有固定的老师吗？");
  await page.getByTestId("note").fill("已调课间值班表。");
  await page.getByTestId("save-note").click();
  await expect(page.locator(".noted")).toBeVisible();
  await page.getByTestId("reply").fill("从今天起，课间有老师在那一层值班。");
  await page.getByTestId("send-reply").click();
  await page.getByTestId("as-seen").scrollIntoViewIfNeeded();
  await shoot("desk-preview");
  if (width < 900) await page.getByRole("button", { name: "更多" }).click();
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByTestId("duty")).toContainText("(nobody confirmed it yet)");
  await shoot("desk-english");
}

for (const [width, scheme] of [[320, "light"], [360, "dark"], [360, "light"], [1280, "light"], [1280, "dark"]] as const) {
  test(`the desk at ${String(width)} px, ${scheme}: nothing for axe to find, nothing sideways, time first`, async ({ page, browser, city }) => {
    await look(page, city, browser, width, scheme);
  });
}
