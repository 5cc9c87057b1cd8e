// Locking, sending, and the twenty digits. One sealed tip is sent until its fate is known.
import { argon2id, endArgon2 } from "../engine/start";
import { compose, isVictim } from "./answers";
import { offerEvidence } from "./evidence";
import { covered, deed, loaded } from "./load";
import { Unavailable } from "./network";
import { pad } from "./pad";
import { element, find, say, section, spelled } from "./page";
import { nobody, problem, wordOf } from "./problem";
import { othersOpen, readers } from "./readers";
import { Talk } from "./talk";
import { type Drawn, Outcome, type SealedTip, drawReceipt, sealTip, sendTip } from "./tip";
import { back, go, isLeaving, leave } from "./walk";

/** Stale keys and taken receipts are met with a fresh seal this often. */
const MOST_SEALS = 4;

let sealed: SealedTip | null = null;
let busy = false;

/** Digits for the next tip, each good for one. */
let drawn: Promise<Drawn> | null = null;

/** Digits for a tip that was not sealed yet. */
function draw(): Promise<Drawn> {
  drawn ??= loaded().then((line) => drawReceipt(line.keys.deployment, argon2id)).catch((error: unknown) => {
    drawn = null;
    throw error;
  });
  return drawn;
}

/**
 * Draws while the visitor writes and takes a last look, but not before the visit's first exchange is over, which it could
 * hold up. What fails is tried again, and said, when it is needed.
 */
export async function drawAhead(): Promise<void> {
  try {
    await covered();
    if (!busy) await draw();
  } catch {
    // Nothing was asked for yet.
  }
}

/** Locks what was answered and sends it; a tip whose fate is unknown is sent again as it is. */
export async function send(): Promise<void> {
  if (busy) return;
  busy = true;
  go("sending");
  try {
    await sealAndSend();
  } catch (error) {
    failed(error);
  } finally {
    busy = false;
  }
}

async function sealAndSend(): Promise<void> {
  const title = find(section("sending"), "h1");
  title.textContent = say("sending.lock");
  const line = await loaded();
  for (let seals = 0; seals < MOST_SEALS; seals++) {
    if (!sealed) {
      const fresh = await draw();
      if (isLeaving()) return;
      const who = readers();
      if (!who) return nobody();
      if (othersOpen()) return problem("changed", "problem.look", back);
      sealed = await sealTip(compose(), line.keys, who, fresh);
      drawn = null;
    }
    // Who left while it was locked has not sent it: nobody would have the digits.
    if (isLeaving()) return;
    title.textContent = say("sending.send");
    deed();
    const outcome = await sendTip(line, sealed);
    if (outcome === Outcome.Stored) return showReceipt(sealed);
    sealed = null;
    if (outcome === Outcome.KeysStale) await line.refresh();
  }
  problem("locking", "problem.again", () => void send());
}

function failed(error: unknown): void {
  const again = (): void => void send();
  if (!sealed) return problem(wordOf(error, "keys"), "problem.again", again);
  // Whatever else went wrong, the letter may have arrived, and nobody said so who could be believed.
  problem(error instanceof Unavailable ? "unavailable" : "network", "problem.resend", again, true);
}

function showReceipt({ receipt, urgent }: SealedTip): void {
  const step = section("receipt");
  find(step, "[data-rest]").hidden = urgent;
  find(step, "[data-victim]").hidden = !isVictim();
  const groups = receipt.match(/.{4}/g) ?? [];
  const box = element("div", { "data-testid": "receipt" });
  groups.forEach((group, i) => box.append(...(i > 0 ? [" "] : []), element("span", { class: "group", ...spelled(group) }, group)));
  find(step, "[data-slot=receipt]").replaceChildren(box);
  find(step, "[data-testid=next]").onclick = () => askLine(groups);
  go("receipt");
}

function askLine(groups: readonly string[]): void {
  const step = section("confirm");
  const which = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % groups.length;
  const wrong = find(step, ".hint");
  wrong.hidden = true;
  find(step, "h1").textContent = say("confirm.title", { n: which + 1 });
  find(step, "[data-testid=confirm-line]").dataset.line = String(which + 1);
  const entry = pad(step, 1, which + 1, () => {
    wrong.hidden = true;
  });
  find(step, "[data-testid=next]").onclick = () => {
    if (entry.value() === groups[which]) return forget();
    entry.clear();
    wrong.hidden = false;
  };
  find(step, "[data-again]").onclick = () => go("receipt");
  go("confirm");
}

/** The digits are on paper: nothing of them stays on the page. */
function forget(): void {
  find(section("receipt"), "[data-slot=receipt]").replaceChildren();
  for (const step of ["receipt", "confirm"]) find(section(step), "[data-testid=next]").onclick = null;
  find(section("confirm"), "[data-slot=pad]").replaceChildren();
  const keys = sealed?.keys;
  sealed = null;
  endArgon2();
  const step = section("done");
  find(step, "[data-testid=next]").onclick = leave;
  // What the digits open stays in memory until the page is left, so that photos can be added now.
  offerEvidence(step, async () => (keys ? Talk.with(keys, await loaded()) : null), () => undefined);
  go("done");
}
