// Who goes first on the processor: the wire is measured, not the queue for the processor.
import { execFileSync } from "node:child_process";

/** Above all that is not real time; of two that are, the first come goes first. */
const REAL_TIME = ["--fifo", "--pid", "10"];
const ORDINARY = ["--other", "--pid", "0"];

/** Puts a process, and what it starts from now on, before all others or back among them, where that is allowed. */
export function goesFirst(pid: number | undefined, first: boolean): void {
  try {
    execFileSync("chrt", ["--all-tasks", ...(first ? REAL_TIME : ORDINARY), String(pid)], { stdio: "ignore" });
  } catch {
    process.stderr.write("no right to go first on the processor: a busy machine moves what is measured\n");
  }
}
