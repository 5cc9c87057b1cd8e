// The two addresses that the page asks: keys once at load, and exchanges.
import { type Bytes, Refused, equal } from "../envelope/bytes";
import { EXCHANGE, Outcome, type SealedRequest, parseOutcome, sealRequest } from "../envelope/exchange";
import { type Verified, verifyKeys } from "../envelope/keys-document";

interface Answer { status: number; body: ArrayBuffer }

declare global {
  interface Window {
    /** The answer that the gate asked for while this module came; taken once. */
    keys?: Promise<Answer>;
  }
}

/** No answer came, or none that is an answer. */
export class NetworkLost extends Error {}
/** The service says that it cannot now, and has stored nothing. */
export class Unavailable extends NetworkLost {}

const UNAVAILABLE = 503;

function refuseUnless(holds: boolean, status: number): void {
  if (!holds) throw status === UNAVAILABLE ? new Unavailable() : new NetworkLost();
}

async function whole(request: Promise<Response>): Promise<Answer> {
  const response = await request;
  return { status: response.status, body: await response.arrayBuffer() };
}

/** An answer that takes longer than this will not come, in milliseconds; a piece of a file takes its time on the way up. */
const PATIENCE = 40_000;
const PATIENCE_FOR_CHUNKS = 120_000;

/** Gives up on a line that is silent. */
async function patient(ask: (signal: AbortSignal) => Promise<Answer>, patience = PATIENCE): Promise<{ status: number; bytes: Bytes }> {
  const giveUp = new AbortController();
  const silent = new Promise<never>((_, lost) => giveUp.signal.addEventListener("abort", () => lost(new NetworkLost())));
  const timer = window.setTimeout(() => giveUp.abort(), patience);
  try {
    const { status, body } = await Promise.race([ask(giveUp.signal), silent]);
    return { status, bytes: new Uint8Array(body) };
  } catch {
    throw new NetworkLost();
  } finally {
    window.clearTimeout(timer);
  }
}

/** Nothing is kept, and nothing is told but the question. */
export const OPTIONS: RequestInit = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };

export async function fetchKeys(code: string, pin: Bytes | null): Promise<Verified> {
  const begun = window.keys;
  delete window.keys;
  const { status, bytes } = await patient((signal) => begun ?? whole(fetch(`/s/${code}/keys`, { ...OPTIONS, signal })));
  refuseUnless(status === 200, status);
  return verifyKeys(bytes, code, pin);
}

/** Sends one sealed request and opens its answer. */
async function send(request: SealedRequest): Promise<Bytes> {
  const patience = request.bytes.length > EXCHANGE ? PATIENCE_FOR_CHUNKS : PATIENCE;
  const headers = { "content-type": "application/octet-stream" };
  const { status, bytes } = await patient((signal) => whole(fetch("/x", { ...OPTIONS, method: "POST", headers, body: request.bytes, signal })), patience);
  refuseUnless(status === 200 && bytes.length === EXCHANGE, status);
  return request.open(bytes);
}

/** What became of what was sent. A service that has no room says so inside its sealed answer, so that the network sees no difference. */
export function outcomeOf(answer: Bytes): number {
  const { outcome } = parseOutcome(answer);
  if (outcome === Outcome.NoRoom) throw new Unavailable();
  return outcome;
}

/** The page's line to the service: keys that are current, and exchanges under them. */
export class Line {
  private earlier: Promise<unknown> = Promise.resolve();

  constructor(private readonly code: string, private readonly pin: Bytes | null, public keys: Verified) {}

  /** Fresh keys, of the same deployment under the same root: trust on first use means no second first. */
  async refresh(): Promise<void> {
    const fresh = await fetchKeys(this.code, this.pin);
    const same = equal(fresh.deployment, this.keys.deployment) && equal(fresh.root, this.keys.root);
    if (!same) throw new Refused("statement");
    this.keys = fresh;
  }

  /** One exchange after the other, so that a visit's first is always its cover. */
  exchange(operation: number, urgent: boolean, body: Bytes): Promise<Bytes> {
    const answer = this.earlier.then(() => this.once(operation, urgent, body));
    this.earlier = answer.catch(() => undefined);
    return answer;
  }

  /** An exchange whose answer does not open is tried once more under fresh keys. */
  private async once(operation: number, urgent: boolean, body: Bytes): Promise<Bytes> {
    try {
      return await send(await sealRequest(operation, urgent, body, this.keys.intake));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await this.refresh();
      return send(await sealRequest(operation, urgent, body, this.keys.intake));
    }
  }
}
