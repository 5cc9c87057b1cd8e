// A run: two cases that somebody told before, and all visits of the plan, several at a time.
import type { Browser } from "@playwright/test";
import { type City, Visitor, desk, expect, memberOf, openNewest, school } from "../e2e/city";
import { Door, type Kind, Locking, type Place, Seat, type Visit } from "./kinds";
import { Wire } from "./lanes";
import { type Plan, chance, order } from "./plan";

const SCHOOL = "青杨路中学";

/** Where visits go when they are made, and where it is said that one failed. */
export interface Into { done: ReadonlySet<number>; add(visit: Visit): void; failed(index: number, kind: Kind, error: unknown): void }

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

/** Makes the visits that are still missing. */
export async function makeAll(browser: Browser, city: City, plan: Plan, into: Into): Promise<void> {
  const wire = new Wire(city.folder, plan.real_time);
  const place = await prepareCases(browser, city);
  const lanes = await wire.lanes(plan.lanes, Number(new URL(city.address).port));
  const [door, locking] = [new Door(plan.loading), new Locking()];
  const left = order(plan).map((kind, index) => ({ kind, index })).filter(({ index }) => !into.done.has(index));
  process.stdout.write(`${String(left.length)} visits to make\n`);
  await Promise.all(lanes.map(async (lane) => {
    const seat = new Seat(browser, lane, plan, place, door, locking);
    for (let next = left.shift(); next && browser.isConnected(); next = left.shift()) {
      const { kind, index } = next;
      const random = chance(plan.seed ^ index);
      try {
        into.add({ index, ...(await seat.make(kind, () => [random(), random()])) });
      } catch (error) {
        into.failed(index, kind, error);
      }
      if (index % 50 === 0) process.stdout.write(`${new Date().toISOString()} ${String(left.length)} left, locking takes ${locking.time("told").toFixed(0)} ms\n`);
    }
  }));
  wire.end();
}
