import { describe, expect, test } from "vitest";
import { type Found, find } from "./own-words";
import kept from "./own-words.kept.json";
import tuned from "./own-words.tuned.json";

/** A text without its marks, and where they were. */
function unmark(marked: string): { text: string; spans: Found[] } {
  let text = "";
  const spans: Found[] = [];
  for (const part of marked.split(/(\{\w+:[^}]*\})/)) {
    const [, kind, words] = /^\{(\w+):(.*)\}$/.exec(part) ?? [];
    if (kind !== undefined && words !== undefined) spans.push({ kind: kind as Found["kind"], start: text.length, end: text.length + words.length });
    text += words ?? part;
  }
  return { text, spans };
}

const meets = (a: Found, b: Found): boolean => a.kind === b.kind && a.start < b.end && b.start < a.end;

interface Score { marked: number; missed: string[]; wrong: string[]; recall: number; precision: number }

function score(texts: readonly string[]): Score {
  const missed: string[] = [];
  const wrong: string[] = [];
  let [marked, made] = [0, 0];
  for (const { text, spans } of texts.map(unmark)) {
    const found = find(text);
    const named = (one: Found): string => `${one.kind} ${text.slice(one.start, one.end)} | ${text}`;
    marked += spans.length;
    made += found.length;
    missed.push(...spans.filter((span) => !found.some((one) => meets(one, span))).map(named));
    wrong.push(...found.filter((one) => !spans.some((span) => meets(one, span))).map(named));
  }
  return { marked, missed, wrong, recall: 1 - missed.length / marked, precision: 1 - wrong.length / made };
}

describe("own words", () => {
  for (const [name, { texts }, recall, precision] of [["tuned", tuned, 0.95, 0.9], ["kept", kept, 0.95, 0.9]] as const) {
    test(`the ${name} half`, () => {
      const result = score(texts);
      process.stdout.write(`${name}: ${String(result.marked)} marks in ${String(texts.length)} texts, recall ${result.recall.toFixed(3)}, precision ${result.precision.toFixed(3)}\n`);
      // Sentences of the kept half are not shown: whoever reads them would tune on them.
      if (name === "tuned") process.stdout.write([...result.missed.map((one) => `  missed ${one}`), ...result.wrong.map((one) => `  wrong ${one}`), ""].join("\n"));
      expect(result.recall).toBeGreaterThanOrEqual(recall);
      expect(result.precision).toBeGreaterThanOrEqual(precision);
    });
  }
});
