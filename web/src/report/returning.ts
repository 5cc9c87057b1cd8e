// Coming back: the digits, where things are, the letters, writing again.
import { argon2id } from "../engine/start";
import { isReceipt } from "../envelope/receipt";
import { claimedIdentity } from "../envelope/statement";
import { leftOf } from "./answers";
import { offerEvidence } from "./evidence";
import { deed, loaded } from "./load";
import { NetworkLost, Unavailable } from "./network";
import { pad } from "./pad";
import { element, find, say, section, waits } from "./page";
import { type Problem, problem, wordOf } from "./problem";
import { type Letter, Talk } from "./talk";
import { go, staying } from "./walk";

const LINES = 5;
const LAST_STAGE = 4;
const CLOSED = 5;
const SCHOOL = 2;

let talk: Talk | null = null;
/** What was typed stays, so that one wrong digit is not twenty. */
let typed = "";
/** A letter whose fate is unknown is sent again as it is. */
let unsent: { records: Uint8Array<ArrayBuffer>[]; worse: boolean } | null = null;

export function askReceipt(): void {
  const step = section("return");
  const hint = find(step, ".hint");
  const next = find(step, "[data-testid=next]");
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

async function asked(digits: string): Promise<Talk | null | Problem> {
  let refused: "keys" | "trust" = "keys";
  try {
    const line = await loaded();
    refused = "trust";
    deed();
    return await Talk.open(digits, line, argon2id);
  } catch (error) {
    return wordOf(error, refused);
  }
}

/** Who went away meanwhile, because somebody came, is not shown the letters. */
async function openTalk(digits: string, button: HTMLElement): Promise<void> {
  const over = waits(button, "return.opening");
  if (!over) return;
  const isStill = staying();
  const opened = await asked(digits);
  over();
  if (!isStill()) return;
  if (opened === null) return problem("receipt", "problem.check", () => go("return"));
  if (typeof opened === "string") return problem(opened, "problem.again", (again) => void openTalk(digits, again));
  typed = "";
  talk = opened;
  offerEvidence(section("conversation"), () => Promise.resolve(opened), draw);
  draw();
  go("conversation");
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
    unsent ??= { records: open.seal(text, worse), worse };
    const stored = await open.send(unsent.records);
    unsent = null;
    if (stored) return true;
    await open.refresh();
  }
  return false;
}

/** Keeps what stands in the field from being changed, or no longer; what points at places in it looks again. */
function hold(area: HTMLTextAreaElement, held: boolean): void {
  area.readOnly = held;
  area.dispatchEvent(new Event("input"));
}

/** Sends what stands in the field. Until it is known to have arrived, the field keeps it unchanged. */
export async function write(worse: boolean): Promise<void> {
  const step = section("conversation");
  const area = find<HTMLTextAreaElement>(step, "textarea");
  const note = find(step, "[data-note]");
  const next = find(step, "[data-testid=next]");
  const text = area.value.trim() || (worse ? say("talk.worse_mark") : "");
  if (!talk || (text === "" && !unsent) || leftOf(area) < 0) return area.focus();
  if (area.getAttribute("aria-busy") === "true") return;
  area.setAttribute("aria-busy", "true");
  hold(area, true);
  note.textContent = say("sending.send");
  // What waits to be sent again was locked without the word that it got worse: that goes after it.
  const plain = unsent && !unsent.worse;
  try {
    let stored = await deliver(talk, text, worse);
    if (stored) area.value = "";
    if (stored && worse && plain) stored = await deliver(talk, say("talk.worse_mark"), true);
    note.textContent = say(stored ? "talk.sent" : "problem.locking.title");
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
    hold(area, unsent !== null);
    next.textContent = say(unsent ? "problem.resend" : "talk.send");
  }
}
