// What an observer makes of a visit's records: sizes, counts, directions and gaps, as numbers with names.
import type { Seen } from "./wire";

/** An exchange is told from all else by its size alone. */
const BIG = 32_000;
/** Head, tag and inner type that TLS 1.3 adds to each record; without them the length of what was said remains. */
const OVERHEAD = 5 + 16 + 1;
const STEPS = 40;

export type Features = Record<string, number>;

/** Alerts, and what ends a handshake, are shorter than anything that is said. */
const SMALL = 100;

/** A request and its answer on one connection: its records as moments and lengths, up positive. */
type Turn = [at: number, length: number][];

/** Length of what was said in a record. */
const lengthOf = (bytes: number): number => Math.max(0, Math.abs(bytes) - OVERHEAD);

function turns(seen: readonly Seen[]): Turn[] {
  const open = new Map<number, Turn>();
  const all: Turn[] = [];
  for (const [at, bytes, connection] of seen) {
    if (Math.abs(bytes) < SMALL) continue;
    let turn = open.get(connection);
    if (!turn || (bytes > 0 && turn.some(([, length]) => length < 0))) {
      turn = [];
      open.set(connection, turn);
      all.push(turn);
    }
    turn.push([at, Math.sign(bytes) * lengthOf(bytes)]);
  }
  return all;
}

const upOf = (turn: Turn): number => sum(turn.map(([, length]) => Math.max(0, length)));

/** Where the answer begins: after the longest silence. What TLS itself says comes before it. */
function answerOf(turn: Turn): number {
  const silence = (n: number): number => (turn[n]?.[0] ?? 0) - (turn[n - 1]?.[0] ?? 0);
  return turn.reduce((longest, _, n) => (n > 0 && silence(n) > silence(longest) ? n : longest), 1);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function named(prefix: string, values: Features): Features {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** An exchange's own numbers; all zeros if there was none. */
function ofExchange(turn: Turn): Features {
  const asked = turn.filter(([, length]) => length > 0);
  const answer = turn.slice(answerOf(turn));
  const moment = (records: Turn, n: number): number => records.at(n)?.[0] ?? 0;
  return {
    up: upOf(turn), ups: asked.length, down: -sum(answer.map(([, length]) => length)), downs: answer.length, began: moment(asked, 0),
    asking: moment(asked, -1) - moment(asked, 0), waiting: moment(answer, 0) - moment(asked, -1), answering: moment(answer, -1) - moment(answer, 0),
  };
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
  return Object.fromEntries(Array.from({ length: STEPS }, (_, n): [string, number] => [`sum ${String(n)}`, sums[Math.round((n * (sums.length - 1)) / (STEPS - 1))] ?? 0]));
}

/** When records came, at equal steps of records, and the longest silences. */
function rhythm(seen: readonly Seen[]): Features {
  const times = seen.map(([at]) => at);
  const at = (share: number): number => times[Math.round(share * (times.length - 1))] ?? 0;
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0)).sort((a, b) => b - a);
  const steps = Array.from({ length: STEPS / 2 }, (_, n): [string, number] => [`time ${String(n)}`, at(n / (STEPS / 2 - 1))]);
  return { ...Object.fromEntries(steps), "gap 1": gaps[0] ?? 0, "gap 2": gaps[1] ?? 0, "gap 3": gaps[2] ?? 0, "gap 4": gaps[3] ?? 0 };
}

/** The features of a visit, the same names in the same order for every visit. */
export function features(seen: readonly Seen[]): Features {
  const all = turns(seen);
  const exchanges = all.filter((turn) => upOf(turn) >= BIG);
  const end = seen.at(-1)?.[0] ?? 0;
  const [one = [], two = []] = exchanges;
  const begins = (turn: Turn): number => turn[0]?.[0] ?? end;
  const ends = (turn: Turn): number => turn.at(-1)?.[0] ?? end;
  return {
    connections: new Set(seen.map(([, , connection]) => connection)).size, turns: all.length, exchanges: exchanges.length, end,
    ...named("all", between(seen, -1, Infinity)),
    ...named("first", ofExchange(one)),
    ...named("second", ofExchange(two)),
    "from first to second": begins(two) - ends(one),
    ...named("before", between(seen, -1, begins(one))),
    ...named("inbetween", between(seen, ends(one), begins(two))),
    ...named("after", between(seen, ends(two), Infinity)),
    ...cumulated(seen),
    ...rhythm(seen),
  };
}
