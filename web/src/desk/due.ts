// Time leads: what is due, how much is left, what comes first.
import type { CaseSummary } from "./api";

export interface Left { day: number; days: number; duty: "acknowledge" | "investigate" }

export function left(one: CaseSummary, today: number): Left | null {
  if (!one.due) return null;
  return { day: one.due.day, days: one.due.day - today, duty: one.due.duty === "acknowledge" ? "acknowledge" : "investigate" };
}

export interface Weighed { raw: CaseSummary; worse: boolean }

const CLOSED = 5;

/** Whether something is still to be done: a case that was closed and then got worse is open to the eye until that is answered. */
export const isOpen = ({ raw, worse }: Weighed): boolean => raw.stage < CLOSED || worse;

/** Danger first, then what got worse and waits for an answer, then overdue and by time; what has no limit comes last. */
export function mostUrgentFirst(a: Weighed, b: Weighed): number {
  const grave = ({ raw, worse }: Weighed): number => (raw.urgent && raw.stage < 2 ? 0 : worse ? 1 : 2);
  const day = ({ raw }: Weighed): number => raw.due?.day ?? Number.MAX_SAFE_INTEGER;
  return grave(a) - grave(b) || day(a) - day(b) || (a.raw.id < b.raw.id ? -1 : 1);
}

/** How far a case has come: what differs from it later is new. */
export const mark = (one: CaseSummary): string => JSON.stringify([one.stage, one.heads]);

/** Asking who wrote, their class, or to come by may frighten or expose a child. */
export const mayExpose = (text: string): boolean =>
  /你是谁|你叫什么|哪个班|几班|来(我的?)?办公室|who are you|your name|which class|my office/i.test(text);
