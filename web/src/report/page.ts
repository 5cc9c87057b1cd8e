// The document's parts: words, steps, and small DOM verbs. One step is in the document at a time.

const template = document.querySelector<HTMLTemplateElement>("#words");
const words = new Map(
  Array.from(template?.content.children ?? [], (one) => [(one as HTMLElement).dataset.k ?? "", one.textContent ?? ""]),
);

/** A word of the page, with `{name}` filled in. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  return (words.get(key) ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K, properties: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Digits that a screen reader says one by one, not as a number. */
export const spelled = (digits: string): Record<string, string> => ({ role: "img", "aria-label": digits.split("").join(" ") });

/** Has a button say that it waits. What undoes that; null if it waits already. */
export function waits(button: HTMLElement | null, key: string): (() => void) | null {
  const label = button?.textContent ?? "";
  if (button && label === say(key)) return null;
  if (button) button.textContent = say(key);
  return () => {
    if (button) button.textContent = label;
  };
}

/** Puts words where a screen reader listens: it says them when they change, so the same words are not put there again. */
export function speak(region: HTMLElement, words: string): void {
  if (region.textContent !== words) region.textContent = words;
}

export function find<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

export const main = find(document, "main");
export const sections = new Map<string, HTMLElement>();

/** Steps that need no script. */
const readable = new Set<HTMLElement>();

/** The steps that the document shows without script, or hides. */
const written: HTMLElement[] = [];

/** Takes every step but `first` out of the document; `show` puts one back. Help and privacy come out of their template. */
export function detachAll(first: string): void {
  written.push(...(Array.from(main.children) as HTMLElement[]));
  for (const section of written) {
    if (!section.hidden) readable.add(section);
    section.hidden = false;
    // The browser has set the first step's words already.
    if (section.dataset.in !== first) section.remove();
  }
  const guide = Array.from(find<HTMLTemplateElement>(document, "#guide").content.children) as HTMLElement[];
  for (const section of [...written, ...guide]) sections.set(section.dataset.in ?? "", section);
}

/** Puts every step back as the document came, for a page whose script cannot go on. */
export function restoreAll(): void {
  main.replaceChildren(...written);
  for (const section of written) section.hidden = !readable.has(section);
}

export function section(step: string): HTMLElement {
  const found = sections.get(step);
  if (!found) throw new Error(`no step ${step}`);
  return found;
}

export function show(step: string): void {
  const shown = section(step);
  if (main.childElementCount !== 1 || main.firstElementChild !== shown) main.replaceChildren(shown);
  main.dataset.step = step;
  window.scrollTo(0, 0);
  const title = main.querySelector<HTMLElement>("h1");
  if (title) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
}
