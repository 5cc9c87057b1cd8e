// Without script: one form, one POST, the server seals; the digits open the answer in a form too.
import type { Page } from "@playwright/test";
import { Camera, WIDTHS } from "./camera";
import { type Organisation, Visitor, desk, expect, memberOf, openNewest, reply, school, test } from "./city";
import { HEIC, cameraFiles, canaries, colours, encoded, exiftool, groups, opened, saved } from "./photos";
import { comeBack, plainOf, withoutScript } from "./without-script";

test.use({ stories: "plain" });

const SCHOOL = "青杨路中学";
const TAPS = { who: "victim", kind: "physical", place: "toilet", time: "break", how_often: "several", offender: "older", ongoing: "stopped-afraid", adults_know: "none" };

/** Fills in the form; nothing is sent yet. */
async function fill(page: Page, text: string, out: readonly string[] = []): Promise<void> {
  for (const [name, value] of Object.entries(TAPS)) await page.locator(`input[name="${name}"][value="${value}"]`).check();
  for (const role of out) await page.locator(`input[name=exclude][value="${role}"]`).check();
  await page.locator("textarea[name=text]").fill(text);
}

/** Sends the form; the digits. */
async function send(page: Page): Promise<string> {
  await page.getByTestId("next").click();
  await expect(page.locator("main")).toHaveAttribute("data-step", "receipt");
  const shown = (await page.getByTestId("receipt").innerText()).trim();
  expect(shown).toMatch(/^\d{4}(\s+\d{4}){4}$/);
  return shown.replace(/\s/g, "");
}

test("a tip without script reaches its committee without the chair, and the answer comes back", async ({ browser, city }) => {
  const place = school(city, SCHOOL);
  const context = await withoutScript(browser);
  const page = await context.newPage();
  await page.goto(place.address);
  await page.locator("a[href$='/plain']").click();
  await fill(page, "他们在厕所堵人", ["chair"]);
  const receipt = await send(page);
  await expect(page.locator("[data-rest]")).toContainText("不会马上看到");
  await expect(page.locator("main")).toContainText("4 个人");
  expect(await context.cookies()).toEqual([]);

  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await expect(teacher.getByTestId("letter").first()).toContainText("他们在厕所堵人");
  await expect(teacher.getByTestId("without-script")).toBeVisible();
  await reply(teacher, "谢谢你告诉我们。");
  await expect(teacher.getByTestId("letter").last()).toContainText("谢谢你告诉我们。");
  const chair = await desk(browser, city, memberOf(city, place, 1));
  await expect(chair.getByTestId("case-row")).toHaveCount(0);

  await comeBack(page, city, receipt);
  await expect(page.locator("main")).toHaveAttribute("data-step", "conversation");
  await expect(page.getByTestId("letter")).toContainText(["谢谢你告诉我们。"]);
  await page.getByTestId("write").fill("今天又来了");
  await page.getByTestId("worse").click();
  await expect(page.getByTestId("letter")).toContainText(["今天又来了", "谢谢你告诉我们。"]);
  await page.reload();
  await expect(page.getByTestId("letter"), "the same letter sent again is the same letter").toHaveCount(2);
  await expect(teacher.getByTestId("letter").filter({ hasText: "今天又来了" })).toHaveCount(1);
  await expect(teacher.getByTestId("untrusted")).toHaveCount(0);

  // The same digits open it in a page with script.
  const scripted = new Visitor(await (await browser.newContext()).newPage());
  await scripted.comeBack(city.address, receipt);
  await scripted.isAt("conversation");
  await expect(scripted.page.getByTestId("letter")).toHaveCount(2);
  await scripted.page.getByTestId("write").fill("换了手机");
  await scripted.next();
  await expect(scripted.page.getByTestId("letter")).toHaveCount(3);
  await comeBack(page, city, receipt);
  await expect(page.getByTestId("letter")).toContainText(["今天又来了", "换了手机", "谢谢你告诉我们。"]);
});

test("a form that is sent twice is one letter with one receipt, and a fresh form is another", async ({ browser, city }) => {
  const place = school(city, "云溪市第一中学");
  const page = await (await withoutScript(browser)).newPage();
  await page.goto(plainOf(place));
  await fill(page, "寄了两次");
  const receipt = await send(page);
  await page.reload();
  expect((await page.getByTestId("receipt").innerText()).replace(/\s/g, "")).toBe(receipt);
  const reader = await desk(browser, city, memberOf(city, place, 3));
  await expect(reader.getByTestId("case-row")).toHaveCount(1);
  await page.goto(plainOf(place));
  await fill(page, "寄了两次");
  expect(await send(page)).not.toBe(receipt);
  await expect(reader.getByTestId("case-row")).toHaveCount(2);
});

test("words that do not fit come back, and are as they were", async ({ browser, city }) => {
  const page = await (await withoutScript(browser)).newPage();
  await page.goto(plainOf(school(city, SCHOOL)));
  // Ten thousand characters: the field takes them all, and none is cut off unseen.
  const odd = "😀\u202e右\u0007\t";
  const long = (odd + "字".repeat(10_000)).slice(0, 10_000);
  await expect(page.locator("main")).toContainText("最多写大约 3000 个字");
  await fill(page, long, ["chair", "parent"]);
  await page.getByTestId("next").click();
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "long");
  await expect(page.getByTestId("problem")).toContainText("大约多了 6998 个字");
  expect(await page.locator("textarea[name=text]").inputValue()).toBe(long);
  for (const [name, value] of Object.entries(TAPS)) await expect(page.locator(`input[name="${name}"][value="${value}"]`)).toBeChecked();
  for (const role of ["chair", "parent"]) await expect(page.locator(`input[name=exclude][value=${role}]`)).toBeChecked();
  const short = `${odd}<b>&"'\n\n第二段`;
  await page.locator("textarea[name=text]").fill(short);
  const receipt = await send(page);
  await comeBack(page, city, receipt);
  await page.getByTestId("write").fill(short);
  await page.getByTestId("next").click();
  expect(await page.getByTestId("letter").first().textContent()).toContain(short.trim());
});

test("digits that are wrong or open nothing are told so, and stay in their fields", async ({ browser, city }) => {
  const page = await (await withoutScript(browser)).newPage();
  await comeBack(page, city, "12345678901234567890");
  await expect(page.getByTestId("problem")).toHaveAttribute("data-problem", "digit");
  await expect(page.locator("[name=g1]")).toHaveValue("1234");
  // Pasted in one piece, with the digits of a Chinese keyboard: well-formed, and nobody's.
  await page.locator("[name=g1]").fill("００００ ００００ ００００ ００００ ００００");
  for (const n of [2, 3, 4, 5]) await page.locator(`[name=g${String(n)}]`).fill("");
  await page.getByTestId("next").click();
  await expect(page.locator("main")).toContainText("我们分不出是哪一种");
  await page.goto(`${city.address}/s/23456789/plain`);
  await expect(page.getByTestId("problem").first()).toHaveAttribute("data-problem", "unknown-school");
});

test("a form says who reads if somebody is left out, and for a school that cannot open letters", async ({ browser, city }) => {
  const page = await (await withoutScript(browser)).newPage();
  const bureau = (of: Organisation): string => city.organisations.find((one) => one.code === of.parent)?.name ?? "";
  // Nobody confirmed who is on this committee: without its chair the letter goes to the bureau.
  const unconfirmed = school(city, "河湾中学");
  await page.goto(plainOf(unconfirmed));
  await expect(page.locator("label", { has: page.locator("[name=exclude][value=chair]") })).toContainText(bureau(unconfirmed));
  await expect(page.locator("label", { has: page.locator("[name=exclude][value=counsellor]") })).not.toContainText(bureau(unconfirmed));
  await fill(page, "校长也在", ["chair"]);
  await send(page);
  await expect(page.locator(".openers")).toContainText(bureau(unconfirmed));
  const closed = city.organisations.find((one) => one.kind === "school" && !one.working);
  if (!closed) throw new Error("every school works");
  await page.goto(plainOf(closed));
  await expect(page.locator(".openers")).toContainText(bureau(closed));
  await fill(page, "没有人在的学校");
  await send(page);
  await expect(page.locator(".openers")).toContainText(bureau(closed));
});

test("photos without script: nothing of what the camera wrote reaches the desk, and sent twice they are there once", async ({ page: scripted, browser, city }) => {
  test.slow();
  const place = school(city, "松林小学");
  const page = await (await withoutScript(browser)).newPage();
  await page.goto(plainOf(place));
  const files = await cameraFiles(scripted);
  for (const file of files) {
    expect(groups(file), "the control: the same reading finds it in the original").toEqual(expect.arrayContaining(["GPS", "IFD0", "XMP-dc"]));
    expect(canaries(file).length).toBeGreaterThan(8);
  }
  await fill(page, "有照片", ["chair"]);
  await page.locator("[name=photo]").setInputFiles(files);
  const receipt = await send(page);
  await expect(page.getByTestId("missing")).toHaveCount(0);
  await page.reload();
  expect((await page.getByTestId("receipt").innerText()).replace(/\s/g, ""), "the same form again").toBe(receipt);

  // With the digits one more can be added.
  await comeBack(page, city, receipt);
  await expect(page.getByTestId("letter").filter({ hasText: "photo.jpg" })).not.toHaveCount(0);
  await page.locator("[name=photo]").setInputFiles({ name: "canary-name.png", mimeType: "image/png", buffer: await encoded(scripted, "image/png", 90, 60) });
  await page.getByTestId("write").fill("还有一张");
  await page.getByTestId("next").click();
  await expect(page.getByTestId("letter").filter({ hasText: "还有一张" })).toHaveCount(1);
  await expect(page.getByTestId("problem")).toHaveCount(0);

  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await expect(async () => {
    await teacher.getByText("收件箱").first().click();
    await teacher.getByTestId("case-row").first().click();
    await expect(teacher.getByTestId("attached")).toHaveCount(4, { timeout: 2000 });
  }).toPass();
  for (const n of [0, 1, 2, 3]) await opened(teacher, n);
  for (const n of [0, 1, 2]) {
    const file = await saved(teacher, n, `plain-${String(n)}.jpg`);
    expect([groups(file), canaries(file)]).toEqual([[], []]);
    expect(exiftool("-s3", "-ImageSize", file).trim(), "turned as the camera was held").toBe("1920x2560");
    expect(await colours(teacher, n)).toEqual(["red", "green", "blue", "yellow"]);
  }
  await expect(teacher.locator("main")).not.toContainText("canary-");
  await expect(teacher.getByTestId("untrusted")).toHaveCount(0);
  expect(city.log(), "the control: the log is read").toContain("ready http");
  expect(city.log()).not.toContain("canary-");

  // A page with script opens and follows what the server sealed.
  const visitor = new Visitor(scripted);
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  await expect(scripted.getByTestId("letter").filter({ hasText: "photo.jpg" })).not.toHaveCount(0);
});

const IPHONE = { name: "IMG_canary-name.heic", mimeType: "image/heic", buffer: HEIC };

test("a photo that cannot be taken is named by its place, and all that was filled in comes back", async ({ page: scripted, browser, city }) => {
  const page = await (await withoutScript(browser)).newPage();
  await page.goto(plainOf(school(city, SCHOOL)));
  await fill(page, "照片不对", ["chair"]);
  const good = { name: "good.png", mimeType: "image/png", buffer: await encoded(scripted, "image/png", 80, 60) };
  await page.locator("[name=photo]").setInputFiles([good, IPHONE]);
  await page.getByTestId("next").click();
  const problem = page.getByTestId("problem");
  await expect(problem).toHaveAttribute("data-problem", "kind");
  await expect(problem).toContainText("第 2 张");
  await expect(problem).toContainText("要再选一次");
  await expect(page.locator("main")).not.toContainText("canary-");
  for (const [name, value] of Object.entries(TAPS)) await expect(page.locator(`input[name="${name}"][value="${value}"]`)).toBeChecked();
  await expect(page.locator("textarea[name=text]")).toHaveValue("照片不对");
  // More than the form holds in all: the browser sends it to the end and shows the words again.
  const large = { name: "large.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(9 * 1024 * 1024, 1) };
  await page.locator("[name=photo]").setInputFiles([large, large, large]);
  await page.getByTestId("next").click();
  await expect(problem).toHaveAttribute("data-problem", "much");
  await expect(page.locator("textarea[name=text]")).toHaveValue("照片不对");
  await page.locator("[name=photo]").setInputFiles(good);
  await send(page);
});

for (const width of [360, 1280] as const) {
  test(`every page without script at ${String(width)} px`, async ({ browser, city }, info) => {
    test.slow();
    const camera = new Camera(width, info);
    // The looking itself needs script: the page's own is kept away instead.
    const context = await browser.newContext({ viewport: { width, height: WIDTHS[width] } });
    await context.route("**/assets/*.js", (route) => route.abort());
    const page = await context.newPage();
    for (const [language, prefix] of [["", ""], ["-en", "/en"]] as const) {
      await page.goto(plainOf(school(city, SCHOOL), prefix));
      await camera.look(page, `plain${language}`);
      await fill(page, prefix ? "They wait for him in the toilets." : "他们在厕所堵人", ["chair"]);
      await page.locator("[name=photo]").setInputFiles(IPHONE);
      await page.locator("[name=photo]").scrollIntoViewIfNeeded();
      await camera.look(page, `plain-photo${language}`);
      await page.getByTestId("next").click();
      await camera.look(page, `plain-refused${language}`);
      const receipt = await send(page);
      await camera.look(page, `plain-receipt${language}`);
      await page.goto(`${city.address}${prefix}/return`);
      await camera.look(page, `plain-return${language}`);
      await comeBack(page, city, receipt, prefix);
      await page.getByTestId("write").fill(prefix ? "It happened again." : "又来了");
      await page.locator("[name=photo]").scrollIntoViewIfNeeded();
      await camera.look(page, `plain-write${language}`);
      await page.getByTestId("next").click();
      await camera.look(page, `plain-conversation${language}`);
    }
    await context.close();
  });
}
