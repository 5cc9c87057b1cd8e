// The real binary with a demo city, one for each worker, and the people who use it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, type Page, type Route, test as base, expect } from "@playwright/test";

export interface Organisation { code: string; name: string; kind: string; parent: string | null; working: boolean; address: string; pin: string }
export interface Member { organisation: string; name: string; role: number; account: string; passphrase: string }
export interface City { address: string; metrics: string; database: string; mail: string; keyring: string; organisations: Organisation[]; members: Member[]; folder: string; log: () => string }

const BINARY = process.env.SHUDONG_BINARY ?? path.resolve("../target/release/shudong");

/** Where a city is kept: the demo's folder, and the URL of its database if that is not in the folder. */
interface Kept { folder: string; database: string }

const inside = (url: string): string => new URL(url).pathname.slice(1);

/** A database of its own on the test server, empty or a copy. */
function freshDatabase(server: string, copyOf = "template1"): string {
  const name = `e2e_${String(process.pid)}_${String(performance.now()).replace(/\D/g, "")}`;
  execFileSync("psql", [server, "-qc", `CREATE DATABASE ${name} TEMPLATE ${copyOf}`]);
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

/** A place for a city, empty or a copy. */
function place(server: string, copyOf?: Kept): Kept {
  const database = server && freshDatabase(server, copyOf && inside(copyOf.database));
  const folder = mkdtempSync(path.join(tmpdir(), "shudong-e2e-"));
  if (copyOf) cpSync(copyOf.folder, folder, { recursive: true });
  return { folder, database };
}

function forget({ folder, database }: Kept, server: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (database) execFileSync("psql", [server, "-qc", `DROP DATABASE IF EXISTS ${inside(database)} WITH (FORCE)`]);
}

const LONGEST_START = 60_000;
/** A service ends within this after SIGTERM. */
const LONGEST_STOP = 15_000;

async function start({ folder, database }: Kept, more: readonly string[]): Promise<{ city: City; process: ChildProcess }> {
  const args = ["demo", "--data", folder, "--listen", "127.0.0.1:0", ...(database ? ["--database", database] : []), ...more];
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  const late = setTimeout(() => child.kill("SIGKILL"), LONGEST_START);
  let log = "";
  await new Promise<void>((ready, failed) => {
    child.stderr.on("data", (bytes: Buffer) => (log += bytes.toString()));
    child.stdout.on("data", (bytes: Buffer) => {
      log += bytes.toString().replace(/passphrase \S+/g, "");
      if (log.includes("\nready ")) ready();
    });
    child.on("error", failed);
    child.on("exit", () => failed(new Error(`the demo ended: ${log}`)));
  }).finally(() => clearTimeout(late));
  child.removeAllListeners("exit");
  const file = JSON.parse(readFileSync(path.join(folder, "demo.json"), "utf8")) as City;
  return { city: { ...file, folder, log: () => log }, process: child };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.on("exit", done));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), LONGEST_STOP);
  await ended;
  clearTimeout(late);
  if (child.signalCode !== null) throw new Error("the demo did not stop");
}

async function whileRunning(kept: Kept, more: readonly string[], deed: (city: City) => Promise<void>): Promise<void> {
  const running = await start(kept, more);
  try {
    await deed(running.city);
  } finally {
    await stop(running.process);
  }
}

const FOUNDED = "SHUDONG_E2E_FOUNDED";

/** Founds a city on each of the databases, for those that come after to copy: founding takes seconds, a copy takes none. */
export async function foundFor(servers: readonly string[]): Promise<() => void> {
  const founded: Record<string, Kept> = {};
  const forgetAll = (): void => {
    for (const [server, kept] of Object.entries(founded)) forget(kept, server);
  };
  try {
    for (const server of servers) await whileRunning((founded[server] = place(server)), [], () => Promise.resolve());
  } catch (error) {
    forgetAll();
    throw error;
  }
  process.env[FOUNDED] = JSON.stringify(founded);
  return forgetAll;
}

/** A demo of the test's own, for as long as `deed` takes; with `more` arguments it founds its own city too. */
export async function withCity(server: string, more: readonly string[], deed: (city: City) => Promise<void>): Promise<void> {
  const founded = (JSON.parse(process.env[FOUNDED] ?? "{}") as Record<string, Kept | undefined>)[server];
  const kept = place(server, more.length === 0 ? founded : undefined);
  try {
    await whileRunning(kept, more, deed);
  } finally {
    forget(kept, server);
  }
}

/** Each file of stories names itself, and so gets a city of its own: what one tells is in no other's inbox. */
export const test = base.extend<object, { city: City; stories: string }>({
  stories: ["", { scope: "worker", option: true }],
  city: [
    async ({}, use, info) => {
      const { database } = info.project.metadata as { database: string };
      if (info.project.name === "postgres" && !database) throw new Error("SHUDONG_TEST_POSTGRES is not set");
      await withCity(database, [], use);
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

export const school = (city: City, name: string): Organisation => {
  const found = city.organisations.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};

export const memberOf = (city: City, organisation: Organisation, role: number, nth = 0): Member => {
  const found = city.members.filter((one) => one.organisation === organisation.code && one.role === role)[nth];
  if (!found) throw new Error(`${organisation.name} ${String(role)}`);
  return found;
};

/** A visitor on the page. */
export class Visitor {
  constructor(readonly page: Page) {}

  static async at(page: Page, address: string, referer?: string): Promise<Visitor> {
    await page.goto(address, referer ? { referer } : {});
    await expect(page.locator("html")).toHaveAttribute("data-ready", "");
    return new Visitor(page);
  }

  /** On the page, when its first exchange is over and nothing more is asked until a deed. */
  static async atRest(page: Page, address: string): Promise<Visitor> {
    const first = page.waitForResponse((response) => response.url().endsWith("/x"));
    const visitor = await Visitor.at(page, address);
    await (await first).finished();
    return visitor;
  }

  step = (): Promise<string | null> => this.page.locator("main").getAttribute("data-step");
  isAt = (step: string): Promise<void> => expect(this.page.locator("main")).toHaveAttribute("data-step", step);
  next = (): Promise<void> => this.page.getByTestId("next").click();
  tap = (name: string, value: string): Promise<void> => this.page.locator(`input[name="${name}"][value="${value}"]`).check();

  /** Tells with taps, some words and somebody left out; returns the twenty digits. */
  async tell(text: string, leaveOut: readonly string[]): Promise<string> {
    await this.answerUpToCheck(text, leaveOut);
    return this.send();
  }

  async answerUpToCheck(text: string, leaveOut: readonly string[]): Promise<void> {
    await this.next();
    await this.isAt("who");
    const taps = { who: "victim", kind: "physical", place: "toilet", time: "break", how_often: "several", offender: "older", ongoing: "stopped-afraid", adults_know: "none" };
    for (const [name, value] of Object.entries(taps)) {
      await this.isAt(name);
      await this.tap(name, value);
      await this.next();
    }
    await this.page.locator("textarea[name=text]").fill(text);
    await this.next();
    await this.isAt("exclude");
    if (leaveOut.length > 0) {
      await this.tap("exclude", "some");
      for (const role of leaveOut) await this.tap("exclude", role);
    }
    await this.next();
    await this.isAt("check");
  }

  /** Locks, sends, copies, confirms a line. */
  async send(): Promise<string> {
    await this.next();
    await this.isAt("receipt");
    const shown = (await this.page.getByTestId("receipt").innerText()).trim();
    expect(shown).toMatch(/^\d{4}(\s+\d{4}){4}$/);
    await this.next();
    const line = Number(await this.page.getByTestId("confirm-line").getAttribute("data-line"));
    await this.page.getByTestId("confirm-line").focus();
    await this.page.keyboard.type(shown.split(/\s+/)[line - 1] ?? "");
    await this.next();
    await this.isAt("done");
    return shown.replace(/\s/g, "");
  }

  async comeBack(address: string, receipt: string): Promise<void> {
    await this.page.goto(`${address}/return`);
    await this.isAt("return");
    await this.page.getByTestId("receipt-entry").focus();
    await this.page.keyboard.type(receipt);
    await this.next();
  }

  problem = (word: string): Promise<void> => expect(this.page.getByTestId("problem")).toHaveAttribute("data-problem", word);
}

/** Lets nothing through to an address until the function that comes back is called; `then` says how what waited is answered. */
export async function held(page: Page, address: string | RegExp, then = (route: Route): Promise<void> => route.continue()): Promise<() => void> {
  let letGo = (): void => undefined;
  const going = new Promise<void>((done) => (letGo = done));
  await page.route(address, async (route) => {
    await going;
    await then(route);
  });
  return () => letGo();
}

/** Clicks the newest case until it is there. */
export async function openNewest(desk: Page): Promise<void> {
  await expect(async () => {
    await desk.getByTestId("case-row").first().click({ timeout: 2000 });
  }).toPass();
}

/** Signs a member in, in a browser of their own. */
export async function desk(browser: Browser, city: City, member: Member): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${city.address}/desk`);
  await page.getByTestId("account").fill(member.account);
  await page.getByTestId("passphrase").fill(member.passphrase);
  await page.getByTestId("sign-in").click();
  await expect(page.getByTestId("inbox")).toBeVisible();
  return page;
}

/** Answers in the case that is open at a desk. */
export async function reply(page: Page, text: string): Promise<void> {
  await page.getByTestId("reply").fill(text);
  await page.getByTestId("send-reply").click();
  await page.getByTestId("confirm-send").click();
  await expect(page.locator("[data-testid=letter][data-side=school]").last()).toContainText(text);
}

export { expect };
