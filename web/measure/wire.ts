// What a passive observer of the wire sees of a visit: a relay that copies bytes in front of the end of TLS, and notes each TLS record.
// It runs as a process of its own, so that its clock does not wait for the browsers that it watches.
import net from "node:net";
import tls from "node:tls";

/** One TLS record: milliseconds since the visit's first byte, bytes (up positive, down negative), connection. */
export type Seen = [at: number, bytes: number, connection: number];

/** What a control changes on the plain side of the second exchange's answer: bytes more, milliseconds later. */
export interface Alter { bytes: number; ms: number }

export interface Keys { key: string; cert: string }

/** What the wire is asked to do; `id` comes back with the answer. */
export type Order = { id: number; lane: number } & (
  | { verb: "open"; keys: Keys; service: number }
  | { verb: "begin"; alter: Alter }
  | { verb: "answered" | "end" | "cut" }
  | { verb: "take"; linger: number }
);

const EXCHANGE = 32_768;
const RECORD_HEAD = 5;

/** Tells the ends of TLS records in a stream of bytes. */
function records(ended: (bytes: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= RECORD_HEAD && rest.length >= RECORD_HEAD + rest.readUInt16BE(3)) {
      const whole = RECORD_HEAD + rest.readUInt16BE(3);
      rest = rest.subarray(whole);
      ended(whole);
    }
  };
}

/** A visit on the wire. */
class Trace {
  private readonly seen: Seen[] = [];
  private over = Infinity;
  exchanges = 0;
  /** Ends with the second exchange's answer. */
  readonly answered: Promise<void>;
  private whole: () => void = () => undefined;
  private begin = 0;
  private connections = 0;

  constructor(readonly alter: Alter) {
    this.answered = new Promise((done) => (this.whole = done));
  }

  /** Notes the records of one more connection. */
  connection(): { up: (chunk: Buffer) => void; down: (chunk: Buffer) => void } {
    const number = this.connections++;
    const note = (direction: 1 | -1) => records((bytes) => {
      this.begin ||= performance.now();
      this.seen.push([Math.round((performance.now() - this.begin) * 100) / 100, direction * bytes, number]);
    });
    return { up: note(1), down: note(-1) };
  }

  /** The visit's last exchange is over now, as the wire sees it. */
  end(): void {
    this.over = performance.now() - this.begin;
    this.whole();
  }

  /** What was seen up to so many milliseconds after the last exchange: after that nobody does what a visitor would do. */
  upTo(linger: number): Seen[] {
    return this.seen.filter(([at]) => at <= this.over + linger);
  }
}

/** One place where a visit at a time takes place, under an address of its own. */
class Lane {
  trace = new Trace({ bytes: 0, ms: 0 });
  address = "";
  private readonly clients = new Set<net.Socket>();

  static async open(keys: Keys, service: number): Promise<Lane> {
    const lane = new Lane();
    const end = tls.createServer(keys, (socket) => lane.serve(socket, net.connect({ port: service, host: "127.0.0.1", noDelay: true })));
    const inner = await lane.listen(end);
    const relay = net.createServer({ noDelay: true }, (socket) => lane.watch(socket, net.connect({ port: inner, host: "127.0.0.1", noDelay: true })));
    lane.address = `https://127.0.0.1:${String(await lane.listen(relay))}`;
    return lane;
  }

  private listen(server: net.Server): Promise<number> {
    return new Promise((done) => server.listen(0, "127.0.0.1", () => done((server.address() as net.AddressInfo).port)));
  }

  /** Cuts every connection, so that the next visit makes its own. */
  cut(): void {
    for (const client of this.clients) client.destroy();
  }

  /** Copies bytes and notes records: all that an observer has. */
  private watch(client: net.Socket, end: net.Socket): void {
    const { up, down } = this.trace.connection();
    this.clients.add(client);
    client.on("close", () => this.clients.delete(client));
    join(client, end, (chunk) => {
      up(chunk);
      end.write(chunk);
    }, (chunk) => {
      down(chunk);
      client.write(chunk);
    });
  }

  /** Behind TLS: counts exchanges, and alters the second's answer where a control asks for it. */
  private serve(client: net.Socket, service: net.Socket): void {
    const trace = this.trace;
    let left = -1;
    join(client, service, (chunk) => {
      if (chunk.includes("POST /x HTTP/1.1") && ++trace.exchanges === 2) left = EXCHANGE;
      service.write(chunk);
    }, (chunk) => {
      if (left < 0) return void client.write(chunk);
      const isHead = left === EXCHANGE;
      left -= isHead ? chunk.length - (chunk.indexOf("\r\n\r\n") + 4) : chunk.length;
      const altered = isHead ? withMore(chunk, trace.alter.bytes) : chunk;
      const send = (): void => void client.write(altered);
      if (trace.alter.ms > 0) setTimeout(send, trace.alter.ms);
      else send();
      if (left === 0) trace.end();
    });
  }
}

/** The answer's head with a header line of so many bytes more. */
function withMore(head: Buffer, bytes: number): Buffer {
  const line = head.indexOf("\r\n") + 2;
  const more = bytes > 0 ? `x-more: ${"0".repeat(bytes - "x-more: \r\n".length)}\r\n` : "";
  return Buffer.concat([head.subarray(0, line), Buffer.from(more), head.subarray(line)]);
}

/** Two sockets that live and end together. */
function join(near: net.Socket, far: net.Socket, up: (chunk: Buffer) => void, down: (chunk: Buffer) => void): void {
  near.on("data", up).on("end", () => far.end());
  far.on("data", down).on("end", () => near.end());
  for (const [one, other] of [[near, far], [far, near]] as const) one.on("error", () => other.destroy()).on("close", () => other.destroy());
}

const lanes: Lane[] = [];

async function obey(order: Order): Promise<unknown> {
  if (order.verb === "open") {
    lanes[order.lane] = await Lane.open(order.keys, order.service);
    return lanes[order.lane]?.address;
  }
  const lane = lanes[order.lane];
  if (!lane) throw new Error("no such lane");
  switch (order.verb) {
    case "begin": return void (lane.trace = new Trace(order.alter));
    case "answered": return lane.trace.answered;
    case "end": return lane.trace.end();
    case "take": return { seen: lane.trace.upTo(order.linger), exchanges: lane.trace.exchanges };
    case "cut": return lane.cut();
  }
}

if (process.send) {
  process.on("message", (order: Order) => void obey(order).then((answer) => process.send?.({ id: order.id, answer })));
  process.on("disconnect", () => process.exit());
}
