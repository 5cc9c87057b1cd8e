// Measures what the cover is for: whether the wire tells visits apart. Fixed beforehand by cover.parameters.json;
// a run that was stopped goes on where it was, and every run, whole or not, leaves a line in results/cover.jsonl.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test, withCity } from "../e2e/city";
import { QUESTIONS, judge } from "./judge";
import type { Kind, Visit } from "./kinds";
import { fixed } from "./plan";
import { goesFirst } from "./priority";
import { stamp } from "./report";
import { makeAll } from "./run";

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

  get done(): Set<number> {
    return new Set(this.visits.map((visit) => visit.index));
  }

  add(visit: Visit): void {
    this.visits.push(visit);
    appendFileSync(this.file, `${JSON.stringify(visit)}\n`);
  }

  /** It is made again at the next start, and stays in the report. */
  failed(index: number, kind: Kind, error: unknown): void {
    report({ ...stamp(), failed: kind, index, error: String(error).slice(0, 300) });
  }
}

const { plan, hash } = fixed(path.resolve(process.env.COVER_PARAMETERS ?? path.join(FOLDER, "cover.parameters.json")));
const made = (): Made => new Made(path.join(FOLDER, "rows", `${hash}.jsonl`));

test("visits", async ({ browser }) => {
  test.setTimeout(0);
  const into = made();
  // An idle connection ends sooner too, by the same factor.
  process.env.SHUDONG_SERVICE__HEADER_SECONDS = String(Math.round(15 / plan.faster));
  // The service, which this process starts, inherits it.
  const isFirst = goesFirst(process.pid, plan.real_time);
  report({ ...stamp(), run: hash, begun: into.visits.length, isFirst });
  await withCity("", [], async (city) => {
    goesFirst(process.pid, 0);
    await makeAll(browser, city, plan, into);
  });
});

test("verdict", () => {
  test.setTimeout(0);
  const { visits } = made();
  const late = visits.filter((visit) => visit.late).length;
  for (const { question, kinds } of QUESTIONS) {
    const verdict = judge(plan, visits, question, kinds);
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    report({ ...stamp(), run: hash, late, ...verdict });
  }
});
