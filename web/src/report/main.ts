// The visitor's page: one step at a time, nothing asked of the network between load and sending.
import { QUESTIONS, exclusive, isUrgent, left, leftOf, setUrgent, showLeft, textArea } from "./answers";
import { wireLinks, wireSearch } from "./find";
import { watch } from "./hints";
import { loaded } from "./load";
import { detachAll, find, restoreAll, section, sections, waits } from "./page";
import { nobody, problem, wordOf } from "./problem";
import { fillCheck, fillOpeners, readers, updateExclude } from "./readers";
import { askReceipt, showOlder, write } from "./returning";
import { drawAhead, send } from "./sending";
import { wireVeil } from "./veil";
import { back, begin, go, isDoing, leave, onEnter, staying, wireLeave } from "./walk";

const ORDER = [...QUESTIONS, "text", "exclude", "check"];

const { prefix = "", step: firstStep = "landing" } = document.body.dataset;

/** A step that was gone to from the last look leads back there. */
let changing = false;

/**
 * Before anything is asked the keys must hold and somebody must be able to read. Who went on to another step meanwhile, to the
 * numbers perhaps, stays there.
 */
async function start(first: string, button: HTMLElement | null): Promise<void> {
  const over = waits(button, "landing.wait");
  if (!over) return;
  const isStill = staying();
  const failure = await loaded().then(() => null, (error: unknown) => wordOf(error, "keys"));
  over();
  if (!isStill()) return;
  if (failure) problem(failure, "problem.again", (again) => void start(first, again));
  else if (readers()) go(first);
  else nobody();
}

const nextOf = (step: string): HTMLElement | null => section(step).querySelector("[data-testid=next]");

function onwards(step: string): void {
  if (step === "text" && left() < 0) return textArea().focus();
  const after = changing ? "check" : ORDER[ORDER.indexOf(step) + 1];
  changing = false;
  go(after ?? "check");
}

/** What "next" does on each step; steps that wait for something set their own. */
const forward: Record<string, () => void> = {
  danger: () => {
    setUrgent(true);
    void start("place", nextOf("danger"));
  },
  landing: () => void start("who", nextOf("landing")),
  "who-can-see": () => void start("who", nextOf("who-can-see")),
  ...Object.fromEntries(ORDER.map((step) => [step, () => onwards(step)])),
  place: () => (isUrgent() ? void send() : onwards("place")),
  check: () => void send(),
  conversation: () => void write(false),
  done: leave,
};

function wireSteps(): void {
  for (const [name, step] of sections) {
    const next = forward[name];
    if (next) nextOf(name)?.addEventListener("click", next);
    step.querySelector("[data-testid=back]")?.addEventListener("click", back);
    step.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement) exclusive(event.target);
      if (name === "exclude") updateExclude();
    });
    for (const link of step.querySelectorAll<HTMLElement>("[data-go]")) {
      link.addEventListener("click", (event) => {
        // Some are links to an address of their own, for pages without script.
        event.preventDefault();
        go(link.dataset.go ?? "landing");
      });
    }
  }
  find(section("conversation"), "[data-testid=worse]").addEventListener("click", () => void write(true));
  find(section("conversation"), "[data-older]").addEventListener("click", () => void showOlder());
  textArea().addEventListener("input", () => showLeft(section("text"), left()));
  const own = watch(textArea());
  const later = find<HTMLTextAreaElement>(section("conversation"), "textarea");
  later.addEventListener("input", () => showLeft(section("conversation"), leftOf(later)));
  watch(later);
  onEnter("who", () => setUrgent(false));
  onEnter("exclude", updateExclude);
  onEnter("return", askReceipt);
  onEnter("place", () => {
    const step = section("place");
    find(step, ".openers").hidden = !isUrgent();
    find(step, ".count").hidden = isUrgent();
    if (!isUrgent()) return;
    fillOpeners(step);
    void drawAhead();
  });
  onEnter("text", () => void drawAhead());
  onEnter("check", () => fillCheck(own.look(), (step) => {
    changing = true;
    go(step);
  }));
}

/** Back out of the alarm, or out of a change, is back to the ordinary way. The alarm's own question is not out of it. */
function wentBack(step: string): void {
  if (step !== "place") setUrgent(false);
  changing = false;
}

function run(): void {
  const first = firstStep === "who" ? "landing" : firstStep;
  detachAll(first);
  wireSteps();
  wireLinks();
  wireSearch(section("landing").querySelector("form"));
  wireLeave();
  wireVeil(isDoing);
  const address = firstStep === "return" ? prefix || "/" : location.pathname + location.hash;
  begin(first, address, wentBack);
  if (!("unknown" in document.body.dataset)) loaded().catch(() => undefined);
  if (firstStep === "who") void start("who", null);
  document.documentElement.dataset.ready = "";
}

try {
  run();
} catch (error) {
  // The page stays readable, its numbers can be called, and nothing can be sent.
  restoreAll();
  throw error;
}
