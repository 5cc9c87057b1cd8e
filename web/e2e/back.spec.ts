// Back, and going away while something comes: what is shown is so, and what was typed does not come up again.
import { execFileSync } from "node:child_process";
import { Visitor, desk, expect, held, memberOf, openNewest, school, test } from "./city";

test.use({ stories: "back" });

test("the last look shows what will be sealed, also when Back shows it", async ({ browser, page, city }) => {
  const place = school(city, "松林小学");
  const visitor = await Visitor.at(page, place.address);
  await visitor.answerUpToCheck("canary-back", ["chair"]);
  const openers = page.locator(".openers:visible");
  await expect(openers).toContainText("校长打不开");
  await page.getByRole("button", { name: "改 谁不能看" }).click();
  await visitor.isAt("exclude");
  await visitor.tap("exclude", "nobody");
  await page.getByTestId("back").click();
  await visitor.isAt("check");
  await expect(openers).not.toContainText("打不开");
  await visitor.send();
  const chair = await desk(browser, city, memberOf(city, place, 1));
  await openNewest(chair);
  await expect(chair.getByTestId("letter").first(), "so the chair can read it").toContainText("canary-back");
});

test("digits are gone once they opened, and what was cleared stays cleared", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("", []);
  const entry = page.getByTestId("receipt-entry");
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  await page.goBack();
  await visitor.isAt("return");
  await expect(entry).toHaveText("");
  await entry.focus();
  await page.keyboard.type("1234");
  await expect(entry, "the control: what is typed is seen").toHaveText(/1\s*2\s*3\s*4/);
  await page.getByRole("button", { name: "清空" }).click();
  await visitor.next();
  await expect(page.getByRole("alert").filter({ visible: true })).toBeVisible();
  await visitor.comeBack(city.address, "0".repeat(20));
  await visitor.problem("receipt");
  await visitor.next();
  await expect(entry, "the control: digits that opened nothing stay").toHaveText(/^(0\s*){20}$/);
  await page.getByRole("button", { name: "清空" }).click();
  await page.goBack();
  await page.goForward();
  await visitor.isAt("return");
  await expect(entry).toHaveText("");
});

test("who went away while the letters come is not shown them", async ({ page, city }) => {
  const visitor = await Visitor.at(page, school(city, "松林小学").address);
  const receipt = await visitor.tell("不想让人看见", []);
  const back = await Visitor.atRest(page, school(city, "松林小学").address);
  await page.locator("[data-go=return]").click();
  await back.isAt("return");
  const come = await held(page, "**/x");
  await page.getByTestId("receipt-entry").focus();
  await page.keyboard.type(receipt);
  await back.next();
  await expect(page.getByTestId("next")).toHaveText("正在打开…");
  await page.getByTestId("back").click();
  await back.isAt("landing");
  const answered = page.waitForResponse("**/x");
  come();
  await (await answered).finished();
  await page.waitForTimeout(500);
  await back.isAt("landing");
  // Control: who stays is shown them; the digits are still there.
  await page.locator("[data-go=return]").click();
  await back.next();
  await back.isAt("conversation");
});

test("in danger now: who can open it is said, and Back out of a failure is still in danger", async ({ browser, page, city }) => {
  await page.addInitScript(() => {
    window.Worker = class extends Worker {
      override postMessage(question: unknown): void {
        if ((window as unknown as { broken?: boolean }).broken) throw new Error("no memory");
        super.postMessage(question);
      }
    };
    Object.assign(window, { broken: true });
  });
  const place = school(city, "云溪市第一中学");
  const visitor = await Visitor.at(page, place.address);
  await page.getByTestId("danger").click();
  await visitor.next();
  await visitor.isAt("place");
  await expect(page.locator(".openers:visible")).toContainText("云溪市第一中学");
  await visitor.tap("place", "gate");
  await visitor.next();
  await visitor.problem("locking");
  await page.getByTestId("back").click();
  await visitor.isAt("place");
  await page.evaluate(() => Object.assign(window, { broken: false }));
  await visitor.next();
  await visitor.isAt("receipt");
  await expect(page.locator("[data-rest]"), "it does not wait for others").toBeHidden();
  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await expect(teacher.getByTestId("case-row")).toContainText("有危险");
  // Control: on the ordinary way the same question says nothing of it.
  const ordinary = await Visitor.at(page, place.address);
  for (let i = 0; i < 3; i++) await ordinary.next();
  await ordinary.isAt("place");
  await expect(page.locator(".openers:visible")).toHaveCount(0);
});

test("if others can open it than the last look said, it is looked at again first", async ({ page, city }, info) => {
  const { database } = info.project.metadata as { database: string };
  test.skip(!database, "SQLite is the service's own while it runs");
  const place = school(city, "青杨路中学");
  const visitor = await Visitor.at(page, place.address);
  await visitor.answerUpToCheck("canary-changed", []);
  const openers = page.locator(".openers:visible");
  await expect(openers).toContainText("青杨路中学");
  execFileSync("psql", [city.database, "-qc", `DELETE FROM statements WHERE kind = 'epoch' AND subject = (SELECT id FROM organisations WHERE code = '${place.code}')`]);
  await visitor.next();
  await visitor.problem("changed");
  await visitor.next();
  await visitor.isAt("check");
  await expect(openers).toContainText("青杨区教育局");
  await visitor.send();
});
