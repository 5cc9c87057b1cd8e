// The weights on disk are what the texts teach. `npm run weights` writes them, and says how well letters are read whose
// hand was left out of learning.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { MOST, tableOf, written } from "./own-words";
import { figures, learn, score } from "./own-words.train";
import tuned from "./own-words.tuned.json";
import { GAPS, WEIGHTS } from "./own-words.weights";

/** A letter teaches as much as three texts that try one way of saying a thing. */
const taught = (letters: readonly string[]): ReturnType<typeof learn> => learn([[tuned.texts, 1], [letters, 3]]);

/** So many letters each hand wrote, one after another. */
const HAND = 350;
const FOLDS = 4;

const writes = process.env.SHUDONG_WRITE_WEIGHTS !== undefined;

test.skipIf(writes)("the weights are learned from the texts as they stand", { timeout: 120_000 }, () => {
  const [now, kept] = [tableOf(taught(tuned.letters)), tableOf({ gaps: GAPS, weights: WEIGHTS })];
  const weighing = kept.filter((weight) => weight !== 0).length;
  // The control: a table of nothing would be like another.
  expect(weighing).toBeGreaterThan(1_000);
  // Another machine may round a few of them otherwise.
  expect(now.filter((weight, i) => weight !== kept[i]).length, "run `npm run weights`").toBeLessThan(weighing / 100);
});

test("a table is what was written of it, however far apart its weights stand", () => {
  const table = Array.from(tableOf({ gaps: "", weights: "" }), () => 0);
  [0, 1, 59, 118, 1_858, 3_599, 9_000, table.length - 1].forEach((at, i) => (table[at] = i % 2 === 0 ? MOST : -MOST));
  expect(Array.from(tableOf(written(table)))).toEqual(table);
});

test.runIf(writes)("writes them", { timeout: 120_000 }, () => {
  const { gaps, weights } = taught(tuned.letters);
  const text = ["// Written by `npm run weights`: see own-words.ts.", `export const GAPS =\n  ${JSON.stringify(gaps)};`, `export const WEIGHTS =\n  ${JSON.stringify(weights)};`, ""];
  writeFileSync(path.join(import.meta.dirname, "own-words.weights.ts"), text.join("\n"));
});

test.runIf(writes)("reads letters of hands that were left out", { timeout: 300_000 }, () => {
  expect(tuned.letters.length % HAND, "letters of other numbers would mix the hands").toBe(0);
  const handOf = (i: number): number => Math.floor(i / HAND) % FOLDS;
  for (let fold = 0; fold < FOLDS; fold++) {
    const left = tuned.letters.filter((_, i) => handOf(i) === fold);
    const table = tableOf(taught(tuned.letters.filter((_, i) => handOf(i) !== fold)));
    process.stdout.write(`hands left out, fold ${String(fold + 1)}: ${figures(left, score(left, table))}\n`);
  }
});
