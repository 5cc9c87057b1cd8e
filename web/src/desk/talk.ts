// The two sides of a talk in one order: nobody answers what they have not seen.
import { SEEN_NOTHING, Side } from "../envelope/record";
import type { Entry } from "./thread";

/** Whether `entry` was written knowing the other side's record `seq`. */
const knew = (entry: Entry, seq: number): boolean => entry.trusted && entry.seen !== SEEN_NOTHING.seq && entry.seen >= seq;

/** Reporter's and committee's records, each side in its order, an answer after what it answers; else by day. */
export function inOrder(entries: readonly Entry[]): Entry[] {
  const mine = entries.filter((entry) => entry.side === Side.Reporter);
  const ours = entries.filter((entry) => entry.side === Side.Committee);
  const order: Entry[] = [];
  for (;;) {
    const [a, b] = [mine[0], ours[0]];
    if (!a || !b) return [...order, ...mine, ...ours];
    const oursFirst = knew(a, b.seq) || (!knew(b, a.seq) && b.day < a.day) || (!knew(b, a.seq) && b.day === a.day && b.trusted);
    order.push(...(oursFirst ? ours : mine).splice(0, 1));
  }
}
