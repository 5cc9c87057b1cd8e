// The measuring program's side of the wire: starts it as a process of its own and asks it what it saw.
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { goesFirst } from "./priority";
import type { Alter, Keys, Order, Seen } from "./wire";

/** A certificate that nobody vouches for; the measuring browser is told to take it. */
function certificate(folder: string): Keys {
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

/** Node of this age runs no TypeScript, so the program is put into plain words first. */
function started(folder: string, realTime: number): ChildProcess {
  const file = path.join(folder, "wire.mjs");
  const source = readFileSync(path.join(import.meta.dirname, "wire.ts"), "utf8");
  writeFileSync(file, ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText);
  const wire = fork(file, { execArgv: [] });
  goesFirst(wire.pid, realTime);
  return wire;
}

export class Lane {
  address = "";

  constructor(private readonly wire: Wire, private readonly lane: number) {}

  async open(keys: Keys, service: number): Promise<this> {
    this.address = (await this.wire.ask({ lane: this.lane, verb: "open", keys, service })) as string;
    return this;
  }

  begin = (alter: Alter = { bytes: 0, ms: 0 }): Promise<unknown> => this.wire.ask({ lane: this.lane, verb: "begin", alter });
  /** Once the second exchange's answer went by. */
  answered = (): Promise<unknown> => this.wire.ask({ lane: this.lane, verb: "answered" });
  /** Says that a visit without a second exchange is over. */
  end = (): Promise<unknown> => this.wire.ask({ lane: this.lane, verb: "end" });
  cut = (): Promise<unknown> => this.wire.ask({ lane: this.lane, verb: "cut" });
  take = (linger: number): Promise<{ seen: Seen[]; exchanges: number }> =>
    this.wire.ask({ lane: this.lane, verb: "take", linger }) as Promise<{ seen: Seen[]; exchanges: number }>;
}

type Asked<T = Order> = T extends Order ? Omit<T, "id"> : never;

export class Wire {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, (answer: unknown) => void>();
  private asked = 0;

  constructor(private readonly folder: string, realTime: number) {
    this.process = started(folder, realTime);
    this.process.on("message", ({ id, answer }: { id: number; answer: unknown }) => {
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
  }

  ask(order: Asked): Promise<unknown> {
    const id = this.asked++;
    return new Promise((done) => {
      this.waiting.set(id, done);
      this.process.send({ id, ...order });
    });
  }

  /** So many lanes to the service on that port. */
  lanes(count: number, service: number): Promise<Lane[]> {
    const keys = certificate(this.folder);
    return Promise.all(Array.from({ length: count }, (_, n) => new Lane(this, n).open(keys, service)));
  }

  end(): void {
    this.process.disconnect();
  }
}
