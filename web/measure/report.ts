// What stands beside every figure: when, on which commit, on which machine and under which load.
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";

const commit = (): string => execFileSync("git", ["describe", "--always", "--dirty"]).toString().trim();

export const stamp = (browser = process.env.SHUDONG_MEASURE_BROWSER ?? "chromium"): object => ({
  at: new Date().toISOString(), commit: commit(), machine: `${String(cpus().length)} × ${cpus()[0]?.model ?? ""}`, load: loadavg()[0], browser,
});

export function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
