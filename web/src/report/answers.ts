// What was answered: read from the form when it is needed, kept nowhere else.
import { utf8 } from "../envelope/bytes";
import { Kind, Side, room } from "../envelope/record";
import { ROLE_WORDS } from "../envelope/statement";
import { line } from "./load";
import { find, main, say, section, speak } from "./page";
import type { Tip } from "./tip";

export const QUESTIONS = ["who", "kind", "place", "time", "how_often", "offender", "ongoing", "adults_know"];
const SINGLE = new Set(["who", "how_often", "ongoing"]);
/** The form takes this much text; JSON may need more for some characters. */
const MOST_TEXT = 9000;

const { code = "", prefix = "" } = document.body.dataset;
export const chinese = prefix === "";

let urgent = false;
/** "In danger now" asks for the place alone. */
export function setUrgent(now: boolean): void {
  urgent = now;
  find(section("place"), "[data-testid=next]").textContent = say(now ? "check.send" : "next");
}
export const isUrgent = (): boolean => urgent;

const inputs = (name: string): HTMLInputElement[] =>
  Array.from(section(name).querySelectorAll<HTMLInputElement>(`input[name="${name}"]`));

export const chosen = (name: string): string[] => inputs(name).filter((one) => one.checked).map((one) => one.value);

function answer(name: string): string | string[] {
  const codes = urgent && name !== "place" ? [] : chosen(name);
  if (SINGLE.has(name)) return codes[0] ?? "unknown";
  return codes.length > 0 ? codes : ["unknown"];
}

export const isVictim = (): boolean => answer("who") === "victim";

export const labels = (name: string): string[] =>
  chosen(name).map((one) => (one === "unknown" ? say("q.unknown") : say(`a.${name}.${one}`)));

export const textArea = (): HTMLTextAreaElement => find<HTMLTextAreaElement>(section("text"), "textarea");

export const roleWord = (role: number): string => ROLE_WORDS[role] ?? String(role);

/** Roles that were crossed out: also "in danger now" keeps out whom the visitor kept out before. */
export function excludedRoles(): number[] {
  if (chosen("exclude")[0] !== "some") return [];
  const boxes = section("exclude").querySelectorAll<HTMLInputElement>(".roles input:checked");
  return Array.from(boxes, (box) => Number(box.dataset.role));
}

/** Whether the letter goes past the school. */
export const past = (): boolean => chosen("exclude")[0] === "bureau";

/** The tip as it will be sealed. */
export function compose(): Tip {
  const exclude = past() ? ["bureau"] : excludedRoles().map(roleWord);
  return {
    v: 1, school: code, lang: chinese ? "zh" : "en", day: line()?.keys.day ?? 0, urgent,
    ...Object.fromEntries(QUESTIONS.map((name) => [name, answer(name)])),
    exclude: exclude.length > 0 ? exclude : ["nobody"], text: urgent ? "" : textArea().value,
  };
}

/** Bytes that any text may still take. */
export const leftOf = (area: HTMLTextAreaElement): number => MOST_TEXT - utf8(area.value).length;

/** Bytes that the tip's text may still take: the smaller of the form's limit and the record's room. */
export function left(): number {
  const json = utf8(JSON.stringify(compose())).length;
  return Math.min(leftOf(textArea()), room(Kind.Tip, Side.Reporter) - json);
}

/** Says in a step how many bytes its text may still take. */
export function showLeft(step: HTMLElement, bytes: number): void {
  // Chinese characters take three bytes.
  const characters = Math.floor(bytes / (chinese ? 3 : 1));
  const over = bytes < 0;
  find(step, ".room span").textContent = over ? "" : say("text.left", { n: characters });
  // A screen reader would say the number again at each letter; that it is too long it says once.
  speak(find(step, ".room [role=alert]"), over ? say("text.over") : "");
}

/** "Don't know" and the other answers exclude each other. */
export function exclusive(changed: HTMLInputElement): void {
  const step = changed.closest("section");
  if (changed.type === "checkbox" && changed.checked && step?.hasAttribute("data-question")) {
    for (const one of inputs(changed.name)) {
      if ((one.value === "unknown") !== (changed.value === "unknown")) one.checked = false;
    }
  }
  if (changed.name === "ongoing") find(section("ongoing"), "[data-when]").hidden = chosen("ongoing")[0] !== "yes";
  for (const tile of main.querySelectorAll(".tile")) tile.classList.toggle("on", !!tile.querySelector("input:checked"));
}
