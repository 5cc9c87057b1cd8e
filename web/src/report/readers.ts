// Who will read: by the protocol's rule, and said as soon as it is so.
import { type Holders, holders } from "../envelope/holders";
import { QUESTIONS, chosen, excludedRoles, labels, past, roleWord, textArea } from "./answers";
import { line } from "./load";
import { element, find, say, section } from "./page";

/** Null if nobody can. */
export function readers(): Holders | null {
  const keys = line()?.keys;
  return keys ? holders(keys, excludedRoles(), past()) : null;
}

/** The nearest organisation above the holder that can open letters. */
function aboveName(): string {
  const keys = line()?.keys;
  return keys?.levels.slice(0, keys.holder).reverse().find((level) => level.working)?.name ?? "";
}

function roleTile(role: number): HTMLElement {
  const input = element("input", { type: "checkbox", name: "exclude", value: roleWord(role), "data-role": String(role), autocomplete: "off" });
  const tile = element("label", { class: "tile" }, input, element("span", {}, say(`role.${role}`)), element("b", { class: "shut" }, say("exclude.shut")));
  input.addEventListener("change", () => tile.classList.toggle("out", input.checked));
  return tile;
}

function fillRoles(): void {
  const keys = line()?.keys;
  const step = section("exclude");
  const roles = find(step, ".roles");
  if (!keys || roles.childElementCount > 0) return;
  const distinct = [...new Set(keys.members.map((one) => one.statement.role))].sort((a, b) => a - b);
  roles.append(...distinct.map(roleTile));
  const [some, beyond] = [find(step, "[data-some]"), find(step, "[data-past]")];
  some.hidden = distinct.length === 0;
  beyond.hidden = aboveName() === "";
  find(beyond, "b").textContent = aboveName();
}

/** Shows the roles to cross out, and where the letter goes if too few are left. */
export function updateExclude(): void {
  const step = section("exclude");
  fillRoles();
  const some = chosen("exclude")[0] === "some";
  find(step, ".roles").hidden = !some;
  const who = readers();
  const position = line()?.keys.holder ?? 0;
  const turned = some && who !== null && who.position < position;
  const hint = find(step, ".hint");
  hint.hidden = !turned;
  hint.textContent = turned ? say("exclude.above") + who.level.name : "";
}

/** Who can open it, in words, as it was shown last. */
let shown = "";

/** Who can open it, as one sentence. */
function openers(): Node[] {
  const who = readers();
  if (!who) return [];
  const bold = (text: string): HTMLElement => element("strong", {}, text);
  const { name } = who.level;
  const text = who.kind === "members" ? say("check.some", { name, n: who.members.length }) : say("check.all", { name });
  const roles = excludedRoles().map((role) => say(`role.${role}`)).join(say("check.and"));
  return [bold(say("check.open")), document.createTextNode(text), ...(roles ? [bold(say("check.not", { roles }))] : [])];
}

/** Says in a step who can open it. */
export function fillOpeners(step: HTMLElement): void {
  const line = find(step, ".openers span");
  line.replaceChildren(...openers());
  shown = line.textContent ?? "";
}

/** Whether others can open it now than the visitor was shown: the keys may have changed on the way. */
export const othersOpen = (): boolean => openers().map((node) => node.textContent).join("") !== shown;

/** Fills the last look; `places` in the words could tell who wrote them, `change` goes to the step that is to be changed. */
export function fillCheck(places: number, change: (step: string) => void): void {
  const step = section("check");
  fillOpeners(step);
  const row = (name: string, title: string, value: string): HTMLElement => {
    const button = element("button", { type: "button", class: "link", "aria-label": `${say("check.change")} ${title}` }, say("check.change"));
    button.onclick = () => change(name);
    return element("div", {}, element("dt", {}, title), element("dd", {}, element("span", {}, value), button));
  };
  const out = past() ? [find(section("exclude"), "[data-past] span").textContent ?? ""] : excludedRoles().map((role) => say(`role.${role}`));
  const remain = places > 0 ? `\n${say("text.remain", { n: places })}` : "";
  const words = (textArea().value || say("check.notext")) + remain;
  find(step, ".answers").replaceChildren(
    ...QUESTIONS.map((name) => row(name, say(`short.${name}`), labels(name).join("\n") || say("q.unknown"))),
    row("text", say("check.text"), words),
    row("exclude", say("check.exclude"), out.join("\n") || say("check.none")),
  );
}
