// What an observer makes of a visit's records: sizes, counts, directions and gaps, as numbers with names.
import type { Seen } from "./wire";

/** An exchange is told from all else by its size alone. */
const BIG = 32_000;
/** Head, tag and inner type that TLS 1.3 adds to each record; without them the length of what was said remains. */
const OVERHEAD = 5 + 16 + 1;
const STEPS = 40;

export type Features = Record<string, number>;

/** A request and its answer on one connection. */
interface Turn { up: number; ups: number; down: number; downs: number; began: number; asked: number; first: number; last: number }

const lengthOf = (bytes: number): number => Math.max(0, Math.abs(bytes) - OVERHEAD);

function turns(seen: readonly Seen[]): Turn[] {
  const open = new Map<number, Turn>();
  const all: Turn[] = [];
  for (const [at, bytes, connection] of seen) {
    let turn = open.get(connection);
    if (!turn || (bytes > 0 && turn.downs > 0)) {
      turn = { up: 0, ups: 0, down: 0, downs: 0, began: at, asked: at, first: at, last: at };
      open.set(connection, turn);
      all.push(turn);
    }
    if (bytes > 0) Object.assign(turn, { up: turn.up + lengthOf(bytes), ups: turn.ups + 1, asked: at });
    else Object.assign(turn, { down: turn.down + lengthOf(bytes), downs: turn.downs + 1, first: turn.downs === 0 ? at : turn.first, last: at });
  }
  return all;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function named(prefix: string, values: Features): Features {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** An exchange's own numbers; all zeros if there was none. */
function ofExchange(turn: Turn | undefined): Features {
  const { up, ups, down, downs, began, asked, first, last } = turn ?? { up: 0, ups: 0, down: 0, downs: 0, began: 0, asked: 0, first: 0, last: 0 };
  return { up, ups, down, downs, began, asking: asked - began, waiting: first - asked, answering: last - first };
}

/** All that went one way between two moments. */
function between(seen: readonly Seen[], from: number, to: number): Features {
  const inside = seen.filter(([at]) => at > from && at < to);
  const way = (up: boolean): number[] => inside.filter(([, bytes]) => bytes > 0 === up).map(([, bytes]) => lengthOf(bytes));
  return { up: sum(way(true)), ups: way(true).length, down: sum(way(false)), downs: way(false).length };
}

/** The running sum of what went up and down, at equal steps of records: Panchenko and others, 2016. */
function cumulated(seen: readonly Seen[]): Features {
  let total = 0;
  const sums = seen.map(([, bytes]) => (total += Math.sign(bytes) * lengthOf(bytes)));
  return Object.fromEntries(Array.from({ length: STEPS }, (_, n) => [`sum ${String(n)}`, sums[Math.round((n * (sums.length - 1)) / (STEPS - 1))] ?? 0]));
}

/** When records came, at equal steps of records, and the longest silences. */
function rhythm(seen: readonly Seen[]): Features {
  const times = seen.map(([at]) => at);
  const at = (share: number): number => times[Math.round(share * (times.length - 1))] ?? 0;
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0)).sort((a, b) => b - a);
  const steps = Array.from({ length: STEPS / 2 }, (_, n) => [`time ${String(n)}`, at(n / (STEPS / 2 - 1))]);
  return { ...Object.fromEntries(steps), "gap 1": gaps[0] ?? 0, "gap 2": gaps[1] ?? 0, "gap 3": gaps[2] ?? 0, "gap 4": gaps[3] ?? 0 };
}

/** The features of a visit, the same names in the same order for every visit. */
export function features(seen: readonly Seen[]): Features {
  const all = turns(seen);
  const exchanges = all.filter((turn) => turn.up >= BIG);
  const [one, two] = exchanges;
  const end = seen[seen.length - 1]?.[0] ?? 0;
  return {
    connections: new Set(seen.map(([, , connection]) => connection)).size, turns: all.length, exchanges: exchanges.length, end,
    ...named("all", between(seen, -1, Infinity)),
    ...named("first", ofExchange(one)),
    ...named("second", ofExchange(two)),
    "from first to second": one && two ? two.began - one.last : 0,
    ...named("before", between(seen, -1, one?.began ?? end)),
    ...named("inbetween", between(seen, one?.last ?? end, two?.began ?? end)),
    ...named("after", between(seen, two?.last ?? end, Infinity)),
    ...cumulated(seen),
    ...rhythm(seen),
  };
}
