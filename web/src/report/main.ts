// The visitor's page: one step at a time, nothing asked of the network between load and sending.
import { type Argon2id, loadArgon2 } from "../envelope/argon2";
import { Refused, fromBase64Url, utf8 } from "../envelope/bytes";
import { type Holders, holders } from "../envelope/holders";
import { isReceipt } from "../envelope/receipt";
import { Kind, Side, room } from "../envelope/record";
import { Line, NetworkLost, fetchKeys } from "./network";
import { pad } from "./pad";
import { detachAll, element, find, main, say, section, sections, show } from "./page";
import { Talk } from "./talk";
import { Outcome, type SealedTip, type Tip, sealTip, sendTip } from "./tip";

const QUESTIONS = ["who", "kind", "place", "time", "how_often", "offender", "ongoing", "adults_know"];
const SINGLE = new Set(["who", "how_often", "ongoing"]);
const ORDER = [...QUESTIONS, "text", "exclude", "check"];
const ROLES: Record<number, string> = {
  1: "chair", 2: "legal-vice-principal", 3: "teacher", 4: "psychology-teacher", 5: "counsellor", 6: "staff", 7: "community",
  8: "parent", 9: "expert", 10: "youth-league", 11: "student",
};
/** The form takes this much text; JSON may need more for some characters. */
const MOST_TEXT = 9000;

const { code = "", prefix = "", step: firstStep = "landing" } = document.body.dataset;
const leaveUrl = find<HTMLAnchorElement>(document, ".leave").href;
const pinned = location.hash.length > 1 ? location.hash.slice(1) : null;

let line: Line | null = null;
let argon2id: Argon2id | null = null;
let sealed: SealedTip | null = null;
let urgent = false;
let editing = false;
let talk: Talk | null = null;
let unsent: { records: Uint8Array<ArrayBuffer>[]; worse: boolean } | null = null;

// -- leaving, going back ------------------------------------------------------------------------

function leave(): void {
  document.body.replaceChildren();
  location.replace(leaveUrl);
}

const trail: string[] = [];

function go(step: string): void {
  enter[step]?.();
  trail.push(step);
  history.pushState(trail.length, "");
  show(step);
}

function back(): void {
  history.back();
}

function onPop(event: PopStateEvent): void {
  const depth = typeof event.state === "number" ? event.state : 0;
  // What was sent is not gone back to: the receipt stays where it is.
  if (["sending", "receipt", "confirm", "done"].includes(trail[trail.length - 1] ?? "")) {
    history.pushState(trail.length, "");
    return;
  }
  trail.length = Math.max(1, depth);
  urgent = false;
  show(trail[trail.length - 1] ?? "landing");
}

// -- what was answered --------------------------------------------------------------------------

const inputs = (name: string): HTMLInputElement[] =>
  Array.from(section(name).querySelectorAll<HTMLInputElement>(`input[name="${name}"]`));

const chosen = (name: string): string[] => inputs(name).filter((one) => one.checked).map((one) => one.value);

function answer(name: string): string | string[] {
  const codes = chosen(name);
  if (SINGLE.has(name)) return codes[0] ?? "unknown";
  return codes.length > 0 ? codes : ["unknown"];
}

const textArea = (): HTMLTextAreaElement => find<HTMLTextAreaElement>(section("text"), "textarea");

function excludedRoles(): number[] {
  const boxes = section("exclude").querySelectorAll<HTMLInputElement>(".roles input:checked");
  return chosen("exclude")[0] === "some" ? Array.from(boxes, (box) => Number(box.dataset.role)) : [];
}

const past = (): boolean => chosen("exclude")[0] === "bureau";

function compose(): Tip {
  const answers = Object.fromEntries(QUESTIONS.map((name) => [name, urgent && name !== "place" ? "unknown" : answer(name)]));
  for (const name of QUESTIONS) if (!SINGLE.has(name) && answers[name] === "unknown") answers[name] = ["unknown"];
  const exclude = urgent ? [] : past() ? ["bureau"] : excludedRoles().map((role) => ROLES[role] ?? String(role));
  return {
    v: 1, school: code, lang: prefix === "" ? "zh" : "en", day: line?.keys.day ?? 0, urgent, ...answers,
    exclude: exclude.length > 0 ? exclude : ["nobody"], text: urgent ? "" : textArea().value,
  };
}

/** Bytes that the text may still take: the smaller of the form's limit and the record's room. */
function left(): number {
  const json = utf8(JSON.stringify(compose())).length;
  return Math.min(MOST_TEXT - utf8(textArea().value).length, room(Kind.Tip, Side.Reporter) - json);
}

const labels = (name: string): string[] =>
  chosen(name).map((one) => (one === "unknown" ? say("q.unknown") : say(`a.${name}.${one}`)));

// -- who will read ------------------------------------------------------------------------------

const readers = (): Holders | null =>
  line && holders(line.keys, urgent ? [] : excludedRoles(), !urgent && past());

function aboveName(): string {
  const keys = line?.keys;
  return keys?.levels.slice(0, keys.holder).reverse().find((level) => level.working)?.name ?? "";
}

function fillRoles(): void {
  const keys = line?.keys;
  const roles = find(section("exclude"), ".roles");
  if (!keys || roles.childElementCount > 0) return;
  const distinct = [...new Set(keys.members.map((one) => one.statement.role))].sort((a, b) => a - b);
  for (const role of distinct) {
    const input = element("input", { type: "checkbox", name: "exclude", value: ROLES[role] ?? "", "data-role": String(role), autocomplete: "off" });
    const tile = element("label", { class: "tile" }, input, element("span", {}, say(`role.${role}`)), element("b", { class: "shut" }, say("exclude.shut")));
    input.onchange = () => tile.classList.toggle("out", input.checked);
    roles.append(tile);
  }
  const pastTile = find(section("exclude"), "[data-past]");
  pastTile.hidden = aboveName() === "";
  find(pastTile, "b").textContent = aboveName();
  for (const tile of section("exclude").querySelectorAll<HTMLElement>("input[value=some]")) {
    const label = tile.closest("label");
    if (label) label.hidden = distinct.length === 0;
  }
}

function updateExclude(): void {
  const step = section("exclude");
  find(step, ".roles").hidden = chosen("exclude")[0] !== "some";
  const hint = find(step, ".hint");
  const who = readers();
  const turned = chosen("exclude")[0] === "some" && !!who && !!line && who.position < line.keys.holder;
  hint.hidden = !turned;
  hint.textContent = turned && who ? say("exclude.above") + who.level.name : "";
}

function openers(): Node[] {
  const who = readers();
  if (!who) return [];
  const bold = (text: string): HTMLElement => element("strong", {}, text);
  const some = who.kind === "members";
  const text = some ? say("check.some", { name: who.level.name, n: who.members.length }) : say("check.all", { name: who.level.name });
  const out = excludedRoles().map((role) => say(`role.${role}`)).join(prefix === "" ? "、" : ", ");
  return [bold(say("check.open")), document.createTextNode(text), ...(out ? [bold(say("check.not", { roles: out }))] : [])];
}

function fillCheck(): void {
  const step = section("check");
  find(step, ".openers span").replaceChildren(...openers());
  const row = (name: string, title: string, value: string): HTMLElement => {
    const change = element("button", { type: "button", class: "link", "aria-label": `${say("check.change")} ${title}` }, say("check.change"));
    change.onclick = () => {
      editing = true;
      go(name);
    };
    return element("div", {}, element("dt", {}, title), element("dd", {}, element("span", {}, value), change));
  };
  const rows = QUESTIONS.map((name) => row(name, say(`short.${name}`), labels(name).join("\n") || say("q.unknown")));
  const out = past() ? [aboveName()] : excludedRoles().map((role) => say(`role.${role}`));
  rows.push(row("text", say("check.text"), textArea().value || say("check.notext")));
  rows.push(row("exclude", say("check.exclude"), past() ? find(section("exclude"), "[data-past] span").textContent ?? "" : out.join("\n") || say("check.none")));
  find(step, ".answers").replaceChildren(...rows);
}

// -- problems -----------------------------------------------------------------------------------

function problem(word: string, again: string, act: () => void): void {
  const step = section("problem");
  find(step, "[data-testid=problem]").dataset.problem = word;
  find(step, "h1").textContent = say(`problem.${word}.title`);
  find(step, ".lead").textContent = say(`problem.${word}.lead`);
  find(step, ".big-icon").toggleAttribute("hidden", word !== "network" && word !== "offline");
  const next = find(step, "[data-testid=next]");
  next.textContent = say(again);
  next.onclick = act;
  find(step, "[data-testid=back]").hidden = word === "network";
  go("problem");
}

/** Keys, verified, and the engine; both once. */
async function ready(): Promise<{ line: Line; argon2id: Argon2id }> {
  let pin = null;
  if (pinned !== null) {
    try {
      pin = fromBase64Url(pinned);
    } catch {
      throw new Refused("statement");
    }
    if (pin.length !== 16) throw new Refused("statement");
  }
  line ??= new Line(code, pin, await fetchKeys(code, pin));
  argon2id ??= await loadArgon2();
  return { line, argon2id };
}

let loading: Promise<{ line: Line; argon2id: Argon2id }> | null = null;
const loaded = (): Promise<{ line: Line; argon2id: Argon2id }> => {
  loading ??= ready().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
};

// -- sending ------------------------------------------------------------------------------------

async function send(): Promise<void> {
  if (trail[trail.length - 1] === "sending") return;
  go("sending");
  const title = find(section("sending"), "h1");
  title.textContent = say("sending.lock");
  try {
    const parts = await loaded();
    for (let tries = 0; tries < 4; tries++) {
      if (!sealed) {
        const who = readers();
        if (!who) return problem("nobody", "problem.help", () => go("danger"));
        sealed = await sealTip(compose(), parts.line.keys, who, parts.argon2id);
      }
      title.textContent = say("sending.send");
      const outcome = await sendTip(parts.line, sealed);
      if (outcome === Outcome.Stored) return showReceipt(sealed.receipt);
      sealed = null;
      if (outcome === Outcome.KeysStale) await parts.line.refresh();
    }
    problem("locking", "problem.again", () => void send());
  } catch (error) {
    if (error instanceof NetworkLost) problem(sealed ? "network" : "offline", sealed ? "problem.resend" : "problem.again", () => void send());
    else if (error instanceof Refused && !sealed) problem("keys", "problem.again", () => void send());
    else problem(sealed ? "network" : "locking", "problem.again", () => void send());
  }
}

function showReceipt(digits: string): void {
  const step = section("receipt");
  find(step, "[data-victim]").hidden = answer("who") !== "victim";
  const groups = digits.match(/.{4}/g) ?? [];
  const box = element("div", { "data-testid": "receipt" });
  groups.forEach((group, i) => box.append(...(i > 0 ? [" "] : []), element("span", { class: "group" }, group)));
  find(step, "[data-slot=receipt]").replaceChildren(box);
  find(step, "[data-testid=next]").onclick = () => askLine(groups);
  go("receipt");
}

function askLine(groups: readonly string[]): void {
  const step = section("confirm");
  const which = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % 5;
  const wrong = find(step, ".hint");
  const next = find<HTMLButtonElement>(step, "[data-testid=next]");
  wrong.hidden = true;
  find(step, "h1").textContent = say("confirm.title", { n: which + 1 });
  find(step, "[data-testid=confirm-line]").dataset.line = String(which + 1);
  const entry = pad(step, 1, which + 1, () => {
    wrong.hidden = true;
  });
  next.onclick = () => {
    if (entry.value() === groups[which]) {
      find(section("receipt"), "[data-slot=receipt]").replaceChildren();
      sealed = null;
      go("done");
    } else {
      entry.clear();
      wrong.hidden = false;
    }
  };
  find(step, "[data-again]").onclick = () => go("receipt");
  go("confirm");
}

// -- coming back --------------------------------------------------------------------------------

function date(day: number): string {
  const at = new Date(day * 86_400_000);
  return say("date", { m: at.getUTCMonth() + 1, d: at.getUTCDate() });
}

function askReceipt(): void {
  const step = section("return");
  const hint = find(step, ".hint");
  const next = find<HTMLButtonElement>(step, "[data-testid=next]");
  hint.hidden = true;
  next.disabled = false;
  next.textContent = say("return.open");
  const entry = pad(step, 5, 1, () => {
    hint.hidden = true;
  });
  next.onclick = () => {
    if (isReceipt(entry.value())) {
      void openTalk(entry.value(), next);
    } else {
      hint.textContent = say("return.digit");
      hint.hidden = false;
    }
  };
}

async function openTalk(digits: string, button: HTMLButtonElement): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = say("return.opening");
  const again = (): void => void openTalk(digits, button);
  try {
    const parts = await loaded();
    talk = await Talk.open(digits, parts.line, parts.argon2id);
    if (!talk) return problem("receipt", "problem.check", () => go("return"));
    drawTalk();
    go("conversation");
  } catch (error) {
    const word = error instanceof NetworkLost ? "offline" : line ? "trust" : "keys";
    problem(word, "problem.again", again);
  } finally {
    button.disabled = false;
    button.textContent = say("return.open");
  }
}

function drawTalk(): void {
  if (!talk) return;
  const step = section("conversation");
  const { status } = talk;
  const stage = Math.min(status.stage, 4);
  const rows = [0, 1, 2, 3, 4].map((n) => {
    const isNow = n === stage && status.stage < 5;
    const row = element("li", { class: n < stage || status.stage === 5 ? "past" : isNow ? "now" : "" });
    row.append(isNow ? element("strong", { "aria-current": "step" }, say(`stage.${n}`)) : say(`stage.${n}`));
    if (isNow && status.due > 0) row.append(dueLine());
    return row;
  });
  find(step, ".stages").replaceChildren(...rows);
  const letters = talk.letters.map((letter) => {
    const who = letter.side === "mine" ? say("talk.you") : say("talk.school");
    const worse = letter.worse ? ` · ${say("talk.worse_mark")}` : "";
    const note = element("small", {}, `${who} · ${date(letter.day)}${worse}`);
    return element("article", { class: `letter ${letter.side}`, "data-testid": "letter", "data-side": letter.side }, note, letter.text);
  });
  if (!talk.letters.some((letter) => letter.side === "school")) {
    letters.push(element("article", { class: "letter" }, element("small", {}, say("talk.school")), say("talk.none")));
  }
  find(step, ".letters").replaceChildren(...letters);
}

function dueLine(): HTMLElement {
  const status = talk?.status;
  if (!status) return element("span");
  const days = status.due - status.today;
  const words = element("span", { class: "due", "data-testid": "deadline" }, say(`due.${status.duty}`, { date: date(status.due) }));
  if (days >= 0) words.append(" ", element("span", { class: "left" }, days === 0 ? say("due.today") : say("due.left", { n: days })));
  return words;
}

async function write(worse: boolean): Promise<void> {
  const step = section("conversation");
  const area = find<HTMLTextAreaElement>(step, "textarea");
  const note = find(step, "[role=status]");
  if (!talk || (area.value.trim() === "" && !worse)) return area.focus();
  if (area.readOnly) return;
  area.readOnly = true;
  note.textContent = say("sending.send");
  try {
    unsent ??= { records: talk.seal(area.value.trim() || say("talk.worse_mark"), worse), worse };
    if (!(await talk.send(unsent.records))) throw new Refused("thread");
    unsent = null;
    area.value = "";
    await talk.refresh();
    drawTalk();
    note.textContent = say("talk.sent");
  } catch (error) {
    note.textContent = say(error instanceof NetworkLost ? "problem.network.lead" : "problem.locking.lead");
  } finally {
    area.readOnly = false;
  }
}

// -- the steps ----------------------------------------------------------------------------------

const enter: Record<string, () => void> = {
  exclude: () => {
    fillRoles();
    updateExclude();
  },
  check: fillCheck,
  return: askReceipt,
};

/** From a step onwards; before anything is asked the keys must hold and somebody must read. */
async function start(): Promise<void> {
  try {
    await loaded();
    if (readers()) go("who");
    else problem("nobody", "problem.help", () => go("danger"));
  } catch (error) {
    const word = error instanceof NetworkLost ? "offline" : "keys";
    problem(word, "problem.again", () => void start());
  }
}

function forward(step: string): void {
  if (step === "danger") {
    urgent = true;
    go("place");
  } else if (step === "landing" || step === "who-can-see") {
    urgent = false;
    void start();
  } else if (step === "place" && urgent) {
    sealed = null;
    void send();
  } else if (step === "text" && left() < 0) {
    textArea().focus();
  } else if (editing) {
    editing = false;
    go("check");
  } else if (step === "check") {
    sealed = null;
    void send();
  } else if (step === "conversation") {
    void write(false);
  } else if (step === "done") {
    leave();
  } else {
    go(ORDER[ORDER.indexOf(step) + 1] ?? "check");
  }
}

/** "Don't know" and the other answers exclude each other. */
function exclusive(event: Event): void {
  const changed = event.target;
  if (!(changed instanceof HTMLInputElement)) return;
  const step = changed.closest("section");
  if (step && changed.type === "checkbox" && changed.checked && step.hasAttribute("data-question")) {
    for (const one of inputs(changed.name)) {
      if (one !== changed && (one.value === "unknown") !== (changed.value === "unknown")) one.checked = false;
      if (one !== changed && changed.value === "unknown") one.checked = false;
    }
  }
  if (changed.name === "ongoing") find(section("ongoing"), "[data-when]").hidden = chosen("ongoing")[0] !== "yes";
  if (changed.name === "exclude") updateExclude();
  for (const tile of main.querySelectorAll(".tile")) tile.classList.toggle("on", !!tile.querySelector("input:checked"));
}

function wire(): void {
  for (const [name, step] of sections) {
    const next = step.querySelector<HTMLElement>("[data-testid=next]");
    if (next && !["problem", "receipt", "confirm", "return"].includes(name)) next.addEventListener("click", () => forward(name));
    step.querySelector("[data-testid=back]")?.addEventListener("click", back);
    step.addEventListener("change", exclusive);
    for (const link of step.querySelectorAll<HTMLElement>("[data-go]")) link.addEventListener("click", () => go(link.dataset.go ?? "landing"));
  }
  find(section("conversation"), "[data-testid=worse]").addEventListener("click", () => void write(true));
  find(section("conversation"), "[data-older]").addEventListener("click", () => void talk?.older().then(drawTalk).catch(() => undefined));
  textArea().addEventListener("input", () => {
    const bytes = left();
    const note = find(section("text"), "#text-left");
    note.textContent = bytes < 0 ? say("text.over") : say("text.left", { n: Math.floor(bytes / (prefix === "" ? 3 : 1)) });
  });
  find(document, ".leave").addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses: number[] = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    presses = [...presses.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
  window.addEventListener("popstate", onPop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leave();
  });
}

detachAll();
wire();
const address = firstStep === "return" ? prefix || "/" : location.pathname;
history.replaceState(1, "", address);
const initial = firstStep === "who" ? "landing" : firstStep;
enter[initial]?.();
trail.push(initial);
show(initial);
if (!("unknown" in document.body.dataset)) loaded().catch(() => undefined);
if (firstStep === "who") void start();
document.documentElement.dataset.ready = "";
