// Time leads: what is due, how much is left, what comes first.
import type { CaseSummary } from "./api";

export interface Left { day: number; days: number; duty: "acknowledge" | "investigate" }

export function left(one: CaseSummary, today: number): Left | null {
  if (!one.due) return null;
  return { day: one.due.day, days: one.due.day - today, duty: one.due.duty === "acknowledge" ? "acknowledge" : "investigate" };
}

/** Danger first, then overdue and by time; what has no limit comes last. */
export function mostUrgentFirst(a: CaseSummary, b: CaseSummary): number {
  const danger = (one: CaseSummary): number => (one.urgent && one.stage < 2 ? 0 : 1);
  const day = (one: CaseSummary): number => one.due?.day ?? Number.MAX_SAFE_INTEGER;
  return danger(a) - danger(b) || day(a) - day(b) || (a.id < b.id ? -1 : 1);
}

/** How far a case has come: what differs from it later is new. */
export const mark = (one: CaseSummary): string => JSON.stringify([one.stage, one.heads]);

/** Asking who wrote, their class, or to come by may frighten or expose a child. */
export const mayExpose = (text: string): boolean =>
  /你是谁|你叫什么|哪个班|几班|来(我的?)?办公室|who are you|your name|which class|my office/i.test(text);
