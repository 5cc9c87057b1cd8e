import { expect, test } from "vitest";
import type { CaseSummary } from "./api";
import { isOpen, left, mayExpose, mostUrgentFirst } from "./due";

const one = (id: string, day: number | null, urgent = false, stage = 1): CaseSummary => ({
  id, urgent, stage, seen_day: 0, due: day === null ? null : { duty: "investigate", day },
  commit: "", wrap: "", holders: [], cache: null, tip: "", answer: null, said: [], heads: [],
});

test("danger comes first, then what got worse, then what is due earlier, then what has no limit", () => {
  const rows = [one("a", null), one("b", 9), one("c", 3), one("d", 20, true), one("e", 30), one("f", 1, false, 5)];
  const sorted = rows.map((raw) => ({ raw, worse: ["e", "f"].includes(raw.id) })).sort(mostUrgentFirst);
  expect(sorted.map(({ raw }) => raw.id)).toEqual(["d", "f", "e", "c", "b", "a"]);
});

test("a closed case is open again when it got worse", () => {
  const [open, closed] = [one("a", 3), one("b", null, false, 5)];
  expect([{ raw: open, worse: false }, { raw: closed, worse: false }, { raw: closed, worse: true }].map(isOpen)).toEqual([true, false, true]);
});

test("days left are counted from today", () => {
  expect(left(one("a", 9), 10)).toEqual({ day: 9, days: -1, duty: "investigate" });
  expect(left(one("a", null), 10)).toBeNull();
});

test("questions that may expose a child are noticed, others not", () => {
  expect(mayExpose("你是哪个班的？")).toBe(true);
  expect(mayExpose("来办公室一下")).toBe(true);
  expect(mayExpose("你现在安全吗？")).toBe(false);
});
