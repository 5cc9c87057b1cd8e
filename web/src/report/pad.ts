// Squares and digit pad: the phone's keyboard never opens; hardware keys and a paste work too.
import { element, find, say } from "./page";

export interface Pad {
  value(): string;
  clear(): void;
}

function squares(lines: number, first: number): { box: HTMLElement; cells: HTMLElement[] } {
  const box = element("div");
  const cells: HTMLElement[] = [];
  for (let line = 0; line < lines; line++) {
    // A screen reader says the line again whenever a digit came or went.
    const row = element("div", { class: "line", "data-n": String(first + line), "aria-live": "polite", "aria-atomic": "true" });
    for (let i = 0; i < 4; i++) {
      const cell = element("span", { class: i === 0 ? "cell first" : "cell" });
      cells.push(cell);
      row.append(cell);
    }
    box.append(row);
  }
  return { box, cells };
}

/** Puts `lines` lines of squares into the section, numbered from `first`; `typed` stands in them already. */
export function pad(section: HTMLElement, lines: number, first: number, changed: () => void, typed = ""): Pad {
  const paper = find(section, "[data-slot=pad]");
  const { box, cells } = squares(lines, first);
  let digits = typed;
  const draw = (): void => {
    cells.forEach((cell, i) => {
      cell.textContent = digits[i] ?? "";
      cell.classList.toggle("here", i === digits.length);
    });
    paper.setAttribute("aria-label", digits.split("").join(" "));
  };
  const add = (more: string): void => {
    digits = (digits + more.replace(/[^0-9]/g, "")).slice(0, cells.length);
    draw();
    changed();
  };
  const remove = (): void => {
    digits = digits.slice(0, -1);
    draw();
    changed();
  };
  const clear = (): void => {
    digits = "";
    draw();
    changed();
  };
  paper.classList.add("from");
  paper.tabIndex = 0;
  paper.setAttribute("role", "group");
  paper.replaceChildren(box);
  find(section, ".padslot").replaceChildren(keys(add, remove, clear));
  section.onkeydown = (event) => {
    if (/^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey) add(event.key);
    else if (event.key === "Backspace") remove();
  };
  document.onpaste = (event) => {
    if (section.isConnected && !(event.target instanceof HTMLTextAreaElement)) add(event.clipboardData?.getData("text") ?? "");
  };
  draw();
  return { value: () => digits, clear };
}

function keys(add: (digit: string) => void, remove: () => void, clear: () => void): HTMLElement {
  const key = (label: string, act: () => void, properties: Record<string, string> = {}): HTMLElement => {
    const button = element("button", { type: "button", ...properties }, label);
    button.onclick = act;
    return button;
  };
  const digits = "123456789".split("").map((digit) => key(digit, () => add(digit)));
  return element("div", { class: "pad" }, ...digits,
    key(say("pad.clear"), clear, { class: "plain" }), key("0", () => add("0")), key("⌫", remove, { "aria-label": say("pad.delete") }));
}
