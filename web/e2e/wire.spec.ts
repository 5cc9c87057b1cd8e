// The short form of `npm run measure:cover`: a few visits of each kind through the same wire. What the wire tells for
// certain is equal for all that must look alike, and every control differs where it was changed.
import { type Features, features } from "../measure/features";
import { KINDS, type Kind, type Visit } from "../measure/kinds";
import type { Plan } from "../measure/plan";
import { makeAll } from "../measure/run";
import { expect, test } from "./city";

test.use({ stories: "wire" });

const EACH = 4;
const PLAN: Plan = {
  seed: 7, visits: { told: EACH, read: EACH, reply: EACH, none: EACH, off: EACH, bytes: EACH, delay: EACH, trip: EACH },
  lanes: 16, loading: 3, faster: 4, real_time: 10, linger_ms: 600, more_bytes: 64, more_ms: 30,
};

/** What no load of the machine changes. */
const CERTAIN = ["exchanges", "first up", "first down", "second up", "second down", "after ups"];

test("on the wire telling, reading and coming back are alike, and each control is found", async ({ browser, city }) => {
  test.slow();
  const visits: Visit[] = [];
  const failed: string[] = [];
  await makeAll(browser, city, PLAN, {
    done: new Set(),
    add: (visit) => visits.push(visit),
    failed: (_, kind, error) => failed.push(`${kind}: ${String(error)}`),
  });
  expect(failed).toEqual([]);
  const of = (kind: Kind): Features[] => visits.filter((visit) => visit.kind === kind).map((visit) => features(visit.seen));
  for (const kind of KINDS) expect(of(kind), kind).toHaveLength(EACH);
  const certain = (kind: Kind): Set<string> => new Set(of(kind).map((one) => JSON.stringify(CERTAIN.map((name) => one[name]))));
  const alike = certain("read");
  expect(alike.size, "one answer for all who only read").toBe(1);
  for (const kind of ["told", "reply", "none"] as const) expect(certain(kind), kind).toEqual(alike);
  const all = (kind: Kind, name: string): number[] => of(kind).map((one) => one[name] ?? 0);
  const least = (kind: Kind, name: string): number => Math.min(...all(kind, name));
  expect(new Set(all("read", "exchanges"))).toEqual(new Set([2]));
  expect(new Set(all("off", "exchanges")), "control: cover off").toEqual(new Set([1]));
  expect(least("bytes", "second down") - least("read", "second down"), "control: 64 bytes more").toBe(PLAN.more_bytes);
  // The shortest wait is what the service itself takes; the machine's load only adds to it.
  expect(least("delay", "second waiting") - least("read", "second waiting"), "control: 30 ms more").toBeGreaterThan(PLAN.more_ms / 2);
  expect(least("trip", "after ups"), "control: one more round trip").toBeGreaterThan(Math.max(...all("read", "after ups")));
});
