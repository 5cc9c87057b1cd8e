// How the weights of own-words.ts are learned from marked texts. Not part of the page.
//
// Logistic regression over hashed signs, with FTRL-Proximal (McMahan et al., "Ad Click Prediction: a View from the
// Trenches", KDD 2013, algorithm 1): its L1 leaves nearly every weight at nothing, so that the table stays small.
import { type Found, MOST, UNIT, find, plain, signsOf, tableOf, written } from "./own-words";
import { places } from "./own-words.places";

/** Learning rate, and what pulls weights to nothing (L1) and towards it (L2). */
const [ALPHA, L1, L2] = [0.3, 22, 1];
const EPOCHS = 8;

export interface Marked { text: string; spans: Found[] }

/** A text whose places stand as {kind:words}, without them, and where they were. */
export function unmark(marked: string): Marked {
  let text = "";
  const spans: Found[] = [];
  for (const part of marked.split(/(\{\w+:[^}]*\})/)) {
    const [, kind, words] = /^\{(\w+):(.*)\}$/.exec(part) ?? [];
    if (kind !== undefined && words !== undefined) spans.push({ kind: kind as Found["kind"], start: text.length, end: text.length + words.length });
    text += words ?? part;
  }
  return { text, spans };
}

/** Of the same kind, and one over the other. */
export const meets = (a: Found, b: Found): boolean => a.kind === b.kind && a.start < b.end && b.start < a.end;

/** What is learned from one place: its signs, whether it tells of the writer, and how much it counts. */
interface Example { signs: number[]; tells: boolean; counts: number }

/** The places of a text. One that only overlaps what is marked teaches nothing if another place meets it exactly. */
function examplesOf({ text, spans }: Marked, counts: number): Example[] {
  const { read, at } = plain(text);
  const found = places(read);
  const signs = signsOf(read, found);
  const stood = found.map(({ kind, start, end }): Found => ({ kind, start: Number(at[start]), end: Number(at[end - 1]) + 1 }));
  const isExactly = (a: Found, b: Found): boolean => meets(a, b) && a.start === b.start && a.end === b.end;
  const met = spans.map((span) => stood.some((one) => isExactly(one, span)));
  return stood.flatMap((one, i): Example[] => {
    const span = spans.findIndex((span) => meets(one, span));
    const whole = spans[span];
    if (whole !== undefined && met[span] === true && !isExactly(one, whole)) return [];
    return [{ signs: signs[i] ?? [], tells: whole !== undefined, counts }];
  });
}

/** The same order every time (a linear congruential generator, Numerical Recipes), so that the same texts teach the same. */
function shuffler(): (examples: Example[]) => void {
  let seed = 1;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  return (examples) => {
    for (let i = examples.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [examples[i], examples[j]] = [examples[j] as Example, examples[i] as Example];
    }
  };
}

/** The table's text, of texts and how much each set of them counts. */
export function learn(sets: readonly (readonly [texts: readonly string[], counts: number])[]): { gaps: string; weights: string } {
  const examples = sets.flatMap(([texts, counts]) => texts.flatMap((text) => examplesOf(unmark(text), counts)));
  const size = tableOf({ gaps: "", weights: "" }).length;
  const z = new Float64Array(size);
  const n = new Float64Array(size);
  const weight = (i: number): number => {
    const at = z[i] ?? 0;
    return Math.abs(at) <= L1 ? 0 : -(at - Math.sign(at) * L1) / ((1 + Math.sqrt(n[i] ?? 0)) / ALPHA + L2);
  };
  const shuffle = shuffler();
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(examples);
    for (const { signs, tells, counts } of examples) {
      const weights = signs.map(weight);
      const chance = 1 / (1 + Math.exp(-weights.reduce((sum, one) => sum + one, 0)));
      const g = (chance - Number(tells)) * counts;
      signs.forEach((i, k) => {
        const before = n[i] ?? 0;
        n[i] = before + g * g;
        z[i] = (z[i] ?? 0) + g - ((Math.sqrt(before + g * g) - Math.sqrt(before)) / ALPHA) * (weights[k] ?? 0);
      });
    }
  }
  return written(Array.from({ length: size }, (_, i) => Math.max(-MOST, Math.min(MOST, Math.round(weight(i) * UNIT)))));
}

export interface Score { marked: number; missed: string[]; wrong: string[]; recall: number; precision: number }

/** How what is found in marked texts compares with their marks. */
export function score(texts: readonly string[], table?: Int8Array): Score {
  const missed: string[] = [];
  const wrong: string[] = [];
  let [marked, made] = [0, 0];
  for (const { text, spans } of texts.map(unmark)) {
    const found = find(text, table);
    const named = (one: Found): string => `${one.kind} ${text.slice(one.start, one.end)} | ${text}`;
    marked += spans.length;
    made += found.length;
    missed.push(...spans.filter((span) => !found.some((one) => meets(one, span))).map(named));
    wrong.push(...found.filter((one) => !spans.some((span) => meets(one, span))).map(named));
  }
  return { marked, missed, wrong, recall: 1 - missed.length / marked, precision: 1 - wrong.length / made };
}

export const figures = (texts: readonly string[], { marked, recall, precision }: Score): string =>
  `${String(marked)} marks in ${String(texts.length)} texts, recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}`;
