// The desk's API: a thin client over the generated types.
import { type Bytes, hex } from "../envelope/bytes";
import type { components } from "./api.gen";

export type Session = components["schemas"]["Session"];
export type CaseSummary = components["schemas"]["CaseSummary"];
export type Case = components["schemas"]["Case"];

export class Failed extends Error {
  constructor(readonly word: string) {
    super(word);
  }
}

/** Whether the session is over: it ended on the server, or another tab's sign-in took its place. */
export const ended = (error: unknown): boolean => error instanceof Failed && (error.word === "unauthenticated" || error.word === "forbidden");

const BASE = "/desk/api/v1";
let csrf = "";

async function answer(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = csrf ? { "x-csrf": csrf } : {};
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, headers, cache: "no-store", body: body === undefined ? null : JSON.stringify(body) });
  } catch {
    throw new Failed("network");
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { type?: string };
    throw new Failed(problem.type?.split("/").pop() ?? "network");
  }
  return response;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const text = await (await answer(method, path, body)).text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const salt = async (account: string): Promise<string> =>
  (await call<components["schemas"]["Salt"]>("POST", "/salt", { account })).salt;

export async function signIn(account: string, auth: string): Promise<Session> {
  const session = await call<Session>("POST", "/session", { account, auth });
  csrf = session.csrf;
  return session;
}

export async function signOut(): Promise<void> {
  const gone = call("DELETE", "/session").catch(() => undefined);
  csrf = ""; // At once: who signs in while this is under way must not lose their own value.
  await gone;
}

export const inbox = (): Promise<components["schemas"]["Inbox"]> => call("GET", "/cases");
export const open = (id: string): Promise<Case> => call("GET", `/cases/${id}`);
/** One sealed piece of a file. */
export async function chunk(id: string, file: Bytes, index: number): Promise<Bytes> {
  const response = await answer("GET", `/cases/${id}/files/${hex(file)}/chunks/${String(index)}`);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Failed("network");
  }
}
export const keepKey = (id: string, dossier: boolean, sealed: string): Promise<void> =>
  call("PUT", `/cases/${id}/cache`, { dossier, sealed });
export const write = (id: string, records: string[]): Promise<void> => call("POST", `/cases/${id}/records`, { records });
export const beginDossier = (id: string, commit: string, wraps: string[], record: string): Promise<void> =>
  call("PUT", `/cases/${id}/dossier`, { commit, wraps, record });
export const setStage = (id: string, stage: number, record: string): Promise<void> =>
  call("PUT", `/cases/${id}/stage`, { stage, record });
