// Whether a kept classifier can tell two kinds of visits apart: a random forest, trained on half, asked about the other half.
import { RandomForestClassifier } from "ml-random-forest";
import { type Features, features } from "./features";
import type { Kind, Visit } from "./kinds";
import { type Fixed, chance, shuffled } from "./plan";

export interface Verdict {
  question: string; visits: [number, number]; tested: number; accuracy: number;
  /** Wilson's interval at 95 %. */
  interval: [number, number];
  /** The single features that part the tested halves best: 0.5 is not at all, 0 and 1 are wholly. */
  best: [name: string, area: number][];
}

/** What is asked of the classifier, and the controls that it must find. */
export const QUESTIONS: { question: string; kinds: [Kind, Kind]; found: boolean }[] = [
  { question: "told or only read", kinds: ["told", "read"], found: false },
  { question: "a reply waits or none", kinds: ["reply", "none"], found: false },
  { question: "control: cover off", kinds: ["told", "off"], found: true },
  { question: "control: bytes more", kinds: ["read", "bytes"], found: true },
  { question: "control: milliseconds more", kinds: ["read", "delay"], found: true },
  { question: "control: one more round trip", kinds: ["read", "trip"], found: true },
];

const Z = 1.96;

export function wilson(right: number, all: number): [number, number] {
  const share = right / all;
  const middle = share + (Z * Z) / (2 * all);
  const half = Z * Math.sqrt((share * (1 - share)) / all + (Z * Z) / (4 * all * all));
  return [(middle - half) / (1 + (Z * Z) / all), (middle + half) / (1 + (Z * Z) / all)];
}

/** How often a value of the one kind is above one of the other: the area under the curve of Mann and Whitney. */
export function area(one: readonly number[], other: readonly number[]): number {
  let above = 0;
  for (const a of one) for (const b of other) above += a > b ? 1 : a === b ? 0.5 : 0;
  return above / (one.length * other.length);
}

interface Halves { train: Features[]; test: Features[] }

/**
 * So many visits of a kind, spread evenly over the run as the order spreads each kind, cut into halves by the fixed seed. The
 * first ones would stand for the run's beginning, which its end is not like: a machine is slow at one hour and quick at another.
 */
function halves(visits: readonly Visit[], kind: Kind, count: number, seed: number): Halves {
  const all = visits.filter((visit) => visit.kind === kind).sort((a, b) => a.index - b.index);
  const own = all.filter((_, n) => Math.floor((n * count) / all.length) < Math.floor(((n + 1) * count) / all.length));
  const mixed = shuffled(own, chance(seed)).map((visit) => features(visit.seen));
  return { train: mixed.slice(0, count / 2), test: mixed.slice(count / 2) };
}

const numbers = (all: readonly Features[]): number[][] => all.map((one) => Object.values(one));

function best(one: readonly Features[], other: readonly Features[]): [string, number][] {
  const names = Object.keys(one[0] ?? {});
  const areas = names.map((name): [string, number] => [name, area(one.map((each) => each[name] ?? 0), other.map((each) => each[name] ?? 0))]);
  return areas.sort(([, a], [, b]) => Math.abs(b - 0.5) - Math.abs(a - 0.5)).slice(0, 5).map(([name, value]) => [name, Math.round(value * 1000) / 1000]);
}

export function judge(plan: Fixed["plan"], visits: readonly Visit[], question: string, kinds: [Kind, Kind]): Verdict {
  const least = Math.min(...kinds.map((kind) => visits.filter((visit) => visit.kind === kind).length));
  const count = least - (least % 2);
  const [one, other] = kinds.map((kind, n) => halves(visits, kind, count, plan.seed + n)) as [Halves, Halves];
  const forest = new RandomForestClassifier({ ...plan.forest, useSampleBagging: true, noOOB: true });
  const labels = (half: "train" | "test"): number[] => [...one[half].map(() => 0), ...other[half].map(() => 1)];
  forest.train(numbers([...one.train, ...other.train]), labels("train"));
  const said = forest.predict(numbers([...one.test, ...other.test]));
  const right = labels("test").filter((label, i) => said[i] === label).length;
  return { question, visits: [count, count], tested: count, accuracy: right / count, interval: wilson(right, count), best: best(one.test, other.test) };
}
