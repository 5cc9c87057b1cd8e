// What a passive observer of the wire sees of a visit: a relay that copies bytes in front of the end of TLS, and notes each TLS record.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";

/** One TLS record: milliseconds since the visit's first byte, bytes (up positive, down negative), connection. */
export type Seen = [at: number, bytes: number, connection: number];

/** What a control changes on the plain side of the second exchange's answer. */
export interface Alter { bytes: number; ms: number }
export const NOTHING: Alter = { bytes: 0, ms: 0 };

const EXCHANGE = 32_768;
const RECORD_HEAD = 5;

/** A certificate that nobody vouches for; the measuring browser is told to take it. */
export function certificate(folder: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

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
export class Trace {
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
export class Lane {
  address = "";
  private trace = new Trace(NOTHING);
  private readonly servers: net.Server[] = [];

  static async open(keys: { key: Buffer; cert: Buffer }, service: number): Promise<Lane> {
    const lane = new Lane();
    const end = tls.createServer(keys, (socket) => lane.serve(socket, net.connect({ port: service, host: "127.0.0.1", noDelay: true })));
    const inner = await lane.listen(end);
    const relay = net.createServer({ noDelay: true }, (socket) => lane.watch(socket, net.connect({ port: inner, host: "127.0.0.1", noDelay: true })));
    lane.address = `https://127.0.0.1:${String(await lane.listen(relay))}`;
    return lane;
  }

  private listen(server: net.Server): Promise<number> {
    this.servers.push(server);
    return new Promise((done) => server.listen(0, "127.0.0.1", () => done((server.address() as net.AddressInfo).port)));
  }

  close(): void {
    for (const server of this.servers) server.close();
  }

  begin(alter: Alter): Trace {
    this.trace = new Trace(alter);
    return this.trace;
  }

  /** Copies bytes and notes records: all that an observer has. */
  private watch(client: net.Socket, end: net.Socket): void {
    const { up, down } = this.trace.connection();
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
