// Coming back: the digits, where things are, the letters, writing again.
import { argon2id } from "../engine/start";
import { isReceipt } from "../envelope/receipt";
import { claimedIdentity } from "../envelope/statement";
import { offerEvidence } from "./evidence";
import { deed, loaded } from "./load";
import { NetworkLost, Unavailable } from "./network";
import { pad } from "./pad";
import { element, find, say, section } from "./page";
import { problem, wordOf } from "./problem";
import { type Letter, Talk } from "./talk";
import { go } from "./walk";

const LINES = 5;
const LAST_STAGE = 4;
const CLOSED = 5;
const SCHOOL = 2;

let talk: Talk | null = null;
/** What was typed stays, so that one wrong digit is not twenty. */
let typed = "";
/** A letter whose fate is unknown is sent again as it is. */
let unsent: Uint8Array<ArrayBuffer>[] | null = null;

export function askReceipt(): void {
  const step = section("return");
  const hint = find(step, ".hint");
  const next = find<HTMLButtonElement>(step, "[data-testid=next]");
  hint.hidden = true;
  const entry = pad(step, LINES, 1, () => {
    typed = entry.value();
    hint.hidden = true;
  }, typed);
  next.onclick = () => {
    if (isReceipt(entry.value())) return void openTalk(entry.value(), next);
    hint.textContent = say("return.digit");
    hint.hidden = false;
  };
}

async function openTalk(digits: string, button: HTMLButtonElement): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = say("return.opening");
  let refused: "keys" | "trust" = "keys";
  try {
    const line = await loaded();
    refused = "trust";
    deed();
    talk = await Talk.open(digits, line, argon2id);
    if (!talk) return problem("receipt", "problem.check", () => go("return"));
    typed = "";
    const opened = talk;
    offerEvidence(section("conversation"), () => Promise.resolve(opened), draw);
    draw();
    go("conversation");
  } catch (error) {
    problem(wordOf(error, refused), "problem.again", () => void openTalk(digits, button));
  } finally {
    button.disabled = false;
    button.textContent = say("return.open");
  }
}

// -- what is shown ------------------------------------------------------------------------------

function date(day: number): string {
  const at = new Date(day * 86_400_000);
  return say("date", { m: at.getUTCMonth() + 1, d: at.getUTCDate() });
}

/** Who answers: a school, or the bureau that the letter was sealed to. */
function holder(identities: readonly Uint8Array<ArrayBuffer>[]): "school" | "bureau" {
  const own = identities[identities.length - 1];
  return own && claimedIdentity(own).level < SCHOOL ? "bureau" : "school";
}

function draw(): void {
  if (!talk) return;
  const step = section("conversation");
  const { stage, due, today, duty, identities } = talk.status;
  const answering = holder(identities);
  const present = Math.min(stage, LAST_STAGE);
  find(step, ".stages").replaceChildren(...Array.from({ length: LAST_STAGE + 1 }, (_, n) => {
    const now = n === present && stage < CLOSED;
    const row = element("li", { class: n < stage || stage === CLOSED ? "past" : now ? "now" : "" });
    row.append(now ? element("strong", { "aria-current": "step" }, say(`stage.${n}`)) : say(`stage.${n}`));
    if (now && due > 0) row.append(dueLine(due, duty, today));
    return row;
  }));
  const letters = talk.letters.map((letter) => drawn(letter, letter.side === "mine" ? "mine" : answering));
  if (!talk.letters.some((letter) => letter.side !== "mine")) {
    letters.push(element("article", { class: "letter" }, element("small", {}, say(`talk.${answering}`)), say("talk.none")));
  }
  find(step, ".letters").replaceChildren(...letters);
}

function drawn(letter: Letter, side: "mine" | "school" | "bureau"): HTMLElement {
  const who = say(side === "mine" ? "talk.you" : `talk.${side}`);
  const worse = letter.worse ? ` · ${say("talk.worse_mark")}` : "";
  const note = element("small", {}, `${who} · ${date(letter.day)}${worse}`);
  return element("article", { class: side === "mine" ? "letter mine" : "letter", "data-testid": "letter", "data-side": side }, note,
    letter.file === null ? letter.text : say("talk.file", { name: letter.file }));
}

function dueLine(due: number, duty: number, today: number): HTMLElement {
  const days = due - today;
  const words = element("span", { class: "due", "data-testid": "deadline" }, say(`due.${duty}`, { date: date(due) }));
  if (days >= 0) words.append(" ", element("span", { class: "left" }, days === 0 ? say("due.today") : say("due.left", { n: days })));
  return words;
}

export async function showOlder(): Promise<void> {
  const note = find(section("conversation"), "[data-note]");
  try {
    const found = await talk?.older();
    draw();
    note.textContent = found ? "" : say("talk.no_older");
  } catch (error) {
    note.textContent = say(`problem.${wordOf(error, "trust")}.title`);
  }
}

// -- writing again ------------------------------------------------------------------------------

/** Seals and sends; after a refusal (somebody with these digits wrote first) once more on top of what is there. */
async function deliver(open: Talk, text: string, worse: boolean): Promise<boolean> {
  for (let tries = 0; tries < 2; tries++) {
    unsent ??= open.seal(text, worse);
    const stored = await open.send(unsent);
    unsent = null;
    if (stored) return true;
    await open.refresh();
  }
  return false;
}

/** Sends what stands in the field. Until it is known to have arrived, the field keeps it unchanged. */
export async function write(worse: boolean): Promise<void> {
  const step = section("conversation");
  const area = find<HTMLTextAreaElement>(step, "textarea");
  const note = find(step, "[data-note]");
  const next = find(step, "[data-testid=next]");
  const text = area.value.trim() || (worse ? say("talk.worse_mark") : "");
  if (!talk || (text === "" && !unsent)) return area.focus();
  if (area.getAttribute("aria-busy") === "true") return;
  area.setAttribute("aria-busy", "true");
  area.readOnly = true;
  note.textContent = say("sending.send");
  try {
    const stored = await deliver(talk, text, worse);
    note.textContent = say(stored ? "talk.sent" : "problem.locking.title");
    if (stored) area.value = "";
    await talk.refresh();
    draw();
  } catch (error) {
    if (unsent) {
      const word = error instanceof Unavailable ? "unavailable" : "network";
      note.textContent = say(`problem.${word}.lead`);
    } else if (!(error instanceof NetworkLost)) {
      note.textContent = say("problem.trust.title");
    }
  } finally {
    area.removeAttribute("aria-busy");
    area.readOnly = unsent !== null;
    next.textContent = say(unsent ? "problem.resend" : "talk.send");
  }
}
