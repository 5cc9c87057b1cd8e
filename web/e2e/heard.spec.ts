// What a screen reader meets: the order of each step, and what is said without being looked for.
import type { Page } from "@playwright/test";
import { Visitor, expect, school, test } from "./city";

test.use({ stories: "heard" });

const SCHOOL = "青杨路中学";

interface Node { role: string; name: string; focused: boolean }

/** The accessibility tree as the browser gives it to a screen reader, in its order. */
async function tree(page: Page): Promise<Node[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const children = new Map(nodes.map((node) => [node.nodeId, node.childIds ?? []]));
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const found: Node[] = [];
  const visit = (id: string): void => {
    const node = byId.get(id);
    if (node && !node.ignored) {
      const focused = node.properties?.some(({ name, value }) => name === "focused" && value.value === true) ?? false;
      found.push({ role: String(node.role?.value), name: String(node.name?.value ?? ""), focused });
    }
    for (const child of children.get(id) ?? []) visit(child);
  };
  const root = nodes.find((node) => node.parentId === undefined);
  if (root) visit(root.nodeId);
  return found;
}

const CONTROLS = ["button", "link", "radio", "checkbox", "textbox"];

/** What is wrong with a step as it is heard; nothing, if it is well. */
async function faults(page: Page): Promise<string[]> {
  const nodes = await tree(page);
  const found: string[] = [];
  const mains = nodes.filter(({ role }) => role === "main");
  if (mains.length !== 1) found.push(`${String(mains.length)} main parts`);
  const headings = nodes.filter(({ role }) => role === "heading");
  const title = headings[0];
  // The root is focused with whatever is focused in it.
  if (!title?.focused) found.push(`the title does not speak first: ${nodes.filter((one) => one.focused).map((one) => one.name).join(", ")}`);
  if (!title?.name) found.push("the title has no words");
  for (const { role, name } of nodes) if (CONTROLS.includes(role) && name.trim() === "") found.push(`a ${role} without a name`);
  const start = nodes.findIndex(({ role }) => role === "main");
  const inside = nodes.slice(start);
  const first = (roles: readonly string[]): number => inside.findIndex(({ role }) => roles.includes(role));
  if (first(["heading"]) > first(CONTROLS)) found.push("a control comes before the title");
  const tops = await page.evaluate(() =>
    Array.from(document.querySelectorAll<HTMLElement>("main :is(button, a, input, textarea)")).filter((one) => one.checkVisibility() && !one.closest(".bar")).map((one) => one.getBoundingClientRect().top));
  if (tops.some((top, i) => top < (tops[i - 1] ?? top) - 1)) found.push("heard in another order than seen");
  return found;
}

/** Notes what live regions say: only what stood in the page before can speak, or an alert when it appears. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    let before = new Map<Element, string>();
    const regions = (): Element[] => Array.from(document.querySelectorAll("[role=status],[role=alert],[aria-live=polite]"));
    const look = (): void => {
      const now = new Map(regions().filter((one) => one.getClientRects().length > 0 || one.textContent === "").map((one) => [one, (one as HTMLElement).innerText.replace(/\s+/g, " ").trim()]));
      for (const [region, words] of now) {
        if (words !== "" && words !== before.get(region) && (before.has(region) || region.getAttribute("role") === "alert")) heard.push(words);
      }
      before = now;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0));
}

test("each step speaks its title first, its parts have names, and they are heard as they are seen", async ({ page, city }) => {
  test.slow();
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  const look = async (step: string): Promise<void> => {
    await visitor.isAt(step);
    expect(await faults(page), step).toEqual([]);
  };
  for (const step of ["danger", "who-can-see", "help", "privacy", "return"]) {
    await page.locator(`main [data-go="${step}"]`).first().click();
    await look(step);
    await page.getByTestId("back").click();
    await look("landing");
  }
  await visitor.next();
  for (const step of ["who", "kind", "place", "time", "how_often", "offender", "ongoing", "adults_know", "text", "exclude", "check"]) {
    await look(step);
    await visitor.next();
  }
  await visitor.isAt("receipt");
  await look("receipt");
  const groups = (await tree(page)).filter(({ role, name }) => role === "image" && /\d/.test(name));
  expect(groups.map(({ name }) => name.replace(/ /g, "")).join(" ")).toBe((await page.getByTestId("receipt").innerText()).trim().replace(/\s+/g, " "));
  for (const { name } of groups) expect(name, "digit by digit").toMatch(/^\d \d \d \d$/);
  await visitor.next();
  await look("confirm");

  // Controls: each fault is found where it is made.
  await page.evaluate(() => {
    const title = document.querySelector("main h1");
    document.querySelector("main .bar")?.after(title ?? "");
    document.querySelector("main .pad button[aria-label]")?.removeAttribute("aria-label");
    const main = document.createElement("main");
    main.textContent = "another";
    document.body.append(main);
  });
  const broken = await faults(page);
  for (const fault of ["2 main parts", "a control comes before the title", "the title does not speak first"]) expect(broken.join("\n"), "control").toContain(fault);
});

test("what changes is said once: marks in the words, a letter that is too long, wrong digits, how sending goes", async ({ page, city }) => {
  test.slow();
  const heard = await listen(page);
  const visitor = await Visitor.at(page, school(city, SCHOOL).address);
  await visitor.next();
  await visitor.isAt("who");
  while ((await visitor.step()) !== "text") await visitor.next();
  await heard();
  const text = page.locator("textarea[name=text]");
  await text.pressSequentially("今天又被打了");
  expect(await heard(), "nothing at each letter").toEqual([]);
  await text.pressSequentially("，我叫小雨");
  await expect.poll(heard, "marks").toEqual([expect.stringContaining("1")]);
  await text.pressSequentially("，只是说说");
  await page.waitForTimeout(600);
  expect(await heard(), "the same number is not said again").toEqual([]);
  await text.fill("长".repeat(4000));
  await expect.poll(async () => (await heard()).length, "too long").toBeGreaterThan(0);
  await text.fill("短");
  await visitor.next();
  await visitor.isAt("exclude");
  await heard();
  await visitor.next();
  await visitor.isAt("check");
  await visitor.next();
  await visitor.isAt("receipt");
  expect((await heard()).length, "sending").toBeGreaterThan(0);
  await visitor.next();
  await visitor.isAt("confirm");
  await heard();
  for (const digit of ["4", "7"]) {
    await page.locator(".pad button", { hasText: digit }).click();
    await expect.poll(async () => (await heard()).join(), `the line with ${digit}`).toContain(digit);
  }
  await visitor.next();
  await expect.poll(async () => (await heard()).join(), "digits that are not those").not.toBe("");
});
