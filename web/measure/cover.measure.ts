// Measures what the cover is for: whether the wire tells visits apart. Fixed beforehand by cover.parameters.json;
// a run that was stopped goes on where it was, and every run, whole or not, leaves a line in results/cover.jsonl.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";
import path from "node:path";
import type { Browser } from "@playwright/test";
import { type City, Visitor, desk, memberOf, openNewest, school, test, withCity, expect } from "../e2e/city";
import { QUESTIONS, judge } from "./judge";
import { Door, Locking, type Place, Seat, type Visit } from "./kinds";
import { type Lane, Wire } from "./lanes";
import { type Plan, chance, fixed, order } from "./plan";
import { stamp } from "./report";


const SCHOOL = "青杨路中学";
const FOLDER = path.resolve("measure");
const RESULTS = path.join(FOLDER, "results/cover.jsonl");

const report = (line: object): void => appendFileSync(RESULTS, `${JSON.stringify(line)}\n`);

/** The visits that an earlier start of the same run has made. */
class Made {
  readonly visits: Visit[];

  constructor(private readonly file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.visits = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Visit) : [];
  }

  add(visit: Visit): void {
    this.visits.push(visit);
    appendFileSync(this.file, `${JSON.stringify(visit)}\n`);
  }
}

/** Two cases: the teacher has answered one of them. */
async function prepareCases(browser: Browser, city: City): Promise<Place> {
  const place = school(city, SCHOOL);
  const tell = async (words: string): Promise<string> => {
    const page = await browser.newPage();
    const receipt = await (await Visitor.at(page, place.address)).tell(words, []);
    await page.close();
    return receipt;
  };
  const reply = await tell("有人回的");
  const teacher = await desk(browser, city, memberOf(city, place, 3));
  await openNewest(teacher);
  await teacher.getByTestId("reply").fill("谢谢你告诉我们。");
  await teacher.getByTestId("send-reply").click();
  await teacher.getByTestId("confirm-send").click();
  await expect(teacher.locator("[data-testid=letter][data-side=school]")).toBeVisible();
  await teacher.context().close();
  return { path: `/s/${place.code}#${place.pin}`, receipts: { reply, none: await tell("没有人回的") } };
}

/** Makes the visits that are still missing, so many at a time. */
async function makeAll(browser: Browser, lanes: readonly Lane[], plan: Plan, place: Place, made: Made): Promise<void> {
  const [door, locking] = [new Door(plan.loading), new Locking()];
  const seats: Seat[] = [];
  for (const lane of lanes) seats.push(await Seat.take(browser, lane, plan, place, door, locking));
  const done = new Set(made.visits.map((visit) => visit.index));
  const left = order(plan).map((kind, index) => ({ kind, index })).filter(({ index }) => !done.has(index));
  process.stdout.write(`${String(left.length)} visits to make\n`);
  await Promise.all(seats.map(async (seat) => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { kind, index } = next;
      const random = chance(plan.seed ^ index);
      try {
        made.add({ index, ...(await seat.make(kind, () => [random(), random()])) });
      } catch (error) {
        // It is made again at the next start, and stays in the report.
        report({ ...stamp(), failed: kind, index, error: String(error).slice(0, 300) });
      }
      if (index % 50 === 0) process.stdout.write(`${new Date().toISOString()} ${String(left.length)} left, locking takes ${locking.time.toFixed(0)} ms\n`);
    }
    await seat.leave();
  }));
}

/** What is started at a low number goes first on the processor, where that is allowed: the wire is measured, not the queue for the processor. */
function priority(number: number): void {
  try {
    setPriority(number);
  } catch {
    process.stdout.write("no right to go first on the processor\n");
  }
}

test("cover", async ({ browser }) => {
  test.setTimeout(0);
  const { plan, hash } = fixed(path.resolve(process.env.COVER_PARAMETERS ?? path.join(FOLDER, "cover.parameters.json")));
  const made = new Made(path.join(FOLDER, "rows", `${hash}.jsonl`));
  report({ ...stamp(), run: hash, begun: made.visits.length });
  // An idle connection ends sooner too, by the same factor.
  process.env.SHUDONG_SERVICE__HEADER_SECONDS = String(Math.round(15 / plan.faster));
  priority(-10);
  await withCity("", [], async (city) => {
    priority(0);
    const place = await prepareCases(browser, city);
    const wire = new Wire(city.folder);
    await makeAll(browser, await wire.lanes(plan.lanes, Number(new URL(city.address).port)), plan, place, made);
    wire.end();
  });
  const late = made.visits.filter((visit) => visit.late).length;
  for (const { question, kinds } of QUESTIONS) {
    const verdict = judge(plan, made.visits, question, kinds);
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    report({ ...stamp(), run: hash, late, ...verdict });
  }
});
