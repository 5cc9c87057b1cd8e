// The two addresses that the page asks: keys once at load, and exchanges.
import { type Bytes, Refused, equal } from "../envelope/bytes";
import { EXCHANGE, type SealedRequest, sealRequest } from "../envelope/exchange";
import { type Verified, verifyKeys } from "../envelope/keys-document";

/** No answer came, or none that is an answer. */
export class NetworkLost extends Error {}
/** The service says that it cannot now, and has stored nothing. */
export class Unavailable extends NetworkLost {}

const UNAVAILABLE = 503;

function refuseUnless(holds: boolean, status: number): void {
  if (!holds) throw status === UNAVAILABLE ? new Unavailable() : new NetworkLost();
}

async function bytesOf(request: Promise<Response>): Promise<{ status: number; bytes: Bytes }> {
  try {
    const response = await request;
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    throw new NetworkLost();
  }
}

/** An answer that takes longer than this will not come, in milliseconds; a piece of a file takes its time on the way up. */
const PATIENCE = 40_000;
const PATIENCE_FOR_CHUNKS = 120_000;

/** Fetches, and gives up on a line that is silent. */
async function patient(address: string, options: RequestInit, patience = PATIENCE): Promise<{ status: number; bytes: Bytes }> {
  const giveUp = new AbortController();
  const timer = window.setTimeout(() => giveUp.abort(), patience);
  try {
    return await bytesOf(fetch(address, { ...options, signal: giveUp.signal }));
  } finally {
    window.clearTimeout(timer);
  }
}

const OPTIONS: RequestInit = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };

export async function fetchKeys(code: string, pin: Bytes | null): Promise<Verified> {
  const { status, bytes } = await patient(`/s/${code}/keys`, OPTIONS);
  refuseUnless(status === 200, status);
  return verifyKeys(bytes, code, pin);
}

/** Sends one sealed request and opens its answer. */
async function send(request: SealedRequest): Promise<Bytes> {
  const patience = request.bytes.length > EXCHANGE ? PATIENCE_FOR_CHUNKS : PATIENCE;
  const headers = { "content-type": "application/octet-stream" };
  const { status, bytes } = await patient("/x", { ...OPTIONS, method: "POST", headers, body: request.bytes }, patience);
  refuseUnless(status === 200 && bytes.length === EXCHANGE, status);
  return request.open(bytes);
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
