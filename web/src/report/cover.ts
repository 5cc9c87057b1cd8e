// Cover: a visit that only reads makes the same two exchanges as one that tells or comes back.
import { Operation } from "../envelope/exchange";
import type { Line } from "./network";

/**
 * Deeds come so long after load, in seconds: log-normal around a little over a minute, the time that telling by
 * taps takes. docs/protocol.md has the distribution and its reason.
 */
const MEDIAN = 70;
const SPREAD = 0.45;
const [SOONEST, LATEST] = [15, 240];

/** Two uniform numbers in (0, 1] from the operating system. */
function uniform(): [number, number] {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [(a + 1) / 2 ** 32, (b + 1) / 2 ** 32];
}

/** Seconds from load to a deed, drawn from the written distribution (Box and Muller's method). */
export function drawDeed(random: () => [number, number] = uniform): number {
  const [a, b] = random();
  const normal = Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
  return Math.min(LATEST, Math.max(SOONEST, MEDIAN * Math.exp(SPREAD * normal)));
}

/** Sealing takes a poor phone half a second; what was tapped shows first. In milliseconds, the same for every visit. */
const A_MOMENT = 600;

const NOTHING = new Uint8Array(0);

/** What a visit sends beside its deed. */
export class Cover {
  /** Over when the first exchange is, whatever became of it. */
  readonly first: Promise<void>;
  private over: () => void = () => undefined;
  private timer = 0;
  private moment = 0;
  private due = false;
  private busy = false;
  private done = false;

  /** The first exchange goes at once; when the second would, unless there is a deed, is drawn now too. */
  constructor(private readonly line: Line, seconds = drawDeed()) {
    this.first = new Promise((over) => (this.over = over));
    this.timer = window.setTimeout(() => {
      this.due = true;
      this.send();
    }, seconds * 1000);
    this.moment = window.setTimeout(() => this.begin(), A_MOMENT);
  }

  /** The visitor tells or types digits: the second exchange will be the deed. */
  engaged(busy: boolean): void {
    this.busy = busy;
    this.send();
  }

  /** The deed goes: nothing else will after it. */
  deed(): void {
    this.begin();
    this.done = true;
    window.clearTimeout(this.timer);
  }

  private begin(): void {
    if (this.moment === 0) return;
    window.clearTimeout(this.moment);
    this.moment = 0;
    void this.exchange().then(this.over);
  }

  private send(): void {
    if (!this.due || this.busy || this.done) return;
    this.deed();
    void this.exchange();
  }

  /** Whether it arrives is nothing that a visitor need know. */
  private exchange(): Promise<unknown> {
    return this.line.exchange(Operation.Cover, false, NOTHING).catch(() => undefined);
  }
}
