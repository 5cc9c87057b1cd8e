// Who goes first on the processor: the wire is measured, not the queue for the processor.
import { execFileSync } from "node:child_process";

/**
 * Puts a process, and what it starts from now on, before all that is not real time (1 to 99, as chrt counts), or with 0 back
 * among the others. Whether that was allowed.
 */
export function goesFirst(pid: number | undefined, realTime: number): boolean {
  try {
    execFileSync("chrt", ["--all-tasks", realTime > 0 ? "--fifo" : "--other", "--pid", String(realTime), String(pid)], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("no right to go first on the processor: a busy machine moves what is measured\n");
    return false;
  }
}
