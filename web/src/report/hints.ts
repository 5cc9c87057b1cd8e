// Points at what in the words could tell who wrote them. One tap covers it; sending is never held up.
import { type Found, find as findOwn } from "./own-words";
import { element, find, say, speak } from "./page";

/** The words are looked at when the typing rests, in milliseconds. */
const REST = 300;

export interface Hints {
  /** Looks at once; how many places there are. */
  look(): number;
}

/** Watches a text field. Its section has a mirror behind the field, and a box after it. */
export function watch(area: HTMLTextAreaElement): Hints {
  const field = area.parentElement ?? area;
  const mirror = find(field, ".mirror");
  const around = field.parentElement ?? field;
  const [box, heard] = [find(around, ".own"), find(around, ".heard")];
  let resting = 0;

  const cover = (found: Found): void => {
    // What was locked goes as it is.
    if (area.readOnly) return void look();
    area.setRangeText(say("text.covered"), found.start, found.end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    look();
    (box.querySelector("button") ?? area).focus();
  };

  const look = (): number => {
    const places = area.readOnly ? [] : findOwn(area.value);
    mirror.replaceChildren(...mirrored(area.value, places));
    follow();
    box.hidden = places.length === 0;
    const count = places.length > 0 ? say("text.own", { n: places.length }) : "";
    find(box, "strong").textContent = count;
    // A screen reader hears of it once for each number, not at each letter; and only what stood there before can be heard.
    speak(heard, count);
    find(box, "ul").replaceChildren(...places.map((found) => line(area.value, found, cover)));
    return places.length;
  };

  const follow = (): void => {
    mirror.scrollTop = area.scrollTop;
  };
  area.addEventListener("scroll", follow);
  area.addEventListener("input", () => {
    mirror.replaceChildren();
    window.clearTimeout(resting);
    resting = window.setTimeout(look, area.readOnly ? 0 : REST);
  });
  return { look };
}

/** The same text as in the field, with the places marked; only the marks can be seen. */
function mirrored(text: string, places: readonly Found[]): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const { start, end } of places) {
    nodes.push(document.createTextNode(text.slice(at, start)), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  // A last line that is empty still takes its height.
  return [...nodes, document.createTextNode(`${text.slice(at)}\n`)];
}

function line(text: string, found: Found, cover: (found: Found) => void): HTMLElement {
  const words = text.slice(found.start, found.end);
  const button = element("button", { type: "button", class: "secondary", "aria-label": `${say("text.cover")} ${words}` }, say("text.cover"));
  button.onclick = () => cover(found);
  return element("li", {}, element("span", {}, element("b", {}, words), element("small", {}, say(`text.own.${found.kind}`))), button);
}
