// Other pages of ours, and finding a school, without an entry in the browser's history that Back would show.
import { OPTIONS } from "./network";
import { find, waits } from "./page";

/** A link to another of our pages puts it in this one's place. */
export function wireLinks(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="/"]') : null;
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The poster's pin stays with the page in another language.
    location.replace(link.hasAttribute("hreflang") ? link.href + location.hash : link.href);
  });
}

/** The form as the service answers it, with what was found. */
async function answered(form: HTMLFormElement): Promise<HTMLElement> {
  const body = new URLSearchParams({ q: find<HTMLInputElement>(form, "input").value });
  const answer = await fetch(form.action, { ...OPTIONS, method: "POST", body });
  return find<HTMLElement>(new DOMParser().parseFromString(await answer.text(), "text/html"), "form.find");
}

async function search(form: HTMLFormElement): Promise<void> {
  const over = waits(find<HTMLElement>(form, "button"), "landing.wait");
  if (!over) return;
  try {
    form.replaceChildren(...(await answered(form)).childNodes);
    const found = form.querySelector<HTMLElement>(".schools a, div ~ p");
    if (found?.tagName === "P") found.tabIndex = -1;
    found?.focus();
  } catch {
    over();
    // The browser says itself what is wrong with the line.
    form.submit();
  }
}

export function wireSearch(form: HTMLFormElement | null): void {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void search(form);
  });
}
