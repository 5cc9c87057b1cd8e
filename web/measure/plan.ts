// What is fixed before a run: how many visits of each kind, in which order, by which chance.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Kind } from "./kinds";

export interface Plan {
  seed: number;
  visits: Record<Kind, number>;
  /** Visits at a time. */
  lanes: number;
  /** Of them, so many may be loading or tapping. */
  loading: number;
  /** The page's long timer and the visitors' deed times are shortened by this, in all kinds alike. */
  faster: number;
  /** Service and wire go before the browsers, as real time of this priority. */
  real_time: number;
  linger_ms: number;
  more_bytes: number;
  more_ms: number;
}

/** What a run fixes beside its plan: the classifier's own numbers. */
export interface Forest { nEstimators: number; maxFeatures: number; replacement: boolean; seed: number; treeOptions: object }

export interface Fixed { plan: Plan & { forest: Forest }; hash: string }

export function fixed(file: string): Fixed {
  const text = readFileSync(file, "utf8");
  return { plan: JSON.parse(text) as Fixed["plan"], hash: createHash("sha256").update(text).digest("hex").slice(0, 12) };
}

/** Numbers in (0, 1] that anybody can make again: mulberry32. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** The kinds in the order of their visits, mixed so that the machine's load falls alike on all. */
export function order(plan: Plan): Kind[] {
  const counts = Object.entries(plan.visits) as [Kind, number][];
  const spread = counts.flatMap(([kind, count]) => Array.from({ length: count }, (_, n) => ({ kind, at: (n + 0.5) / count })));
  const random = chance(plan.seed);
  const jitter = 4 / Math.min(...counts.map(([, count]) => count));
  return spread
    .map(({ kind, at }) => ({ kind, at: at + random() * jitter }))
    .sort((one, other) => one.at - other.at)
    .map(({ kind }) => kind);
}
