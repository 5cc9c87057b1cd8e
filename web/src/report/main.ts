// The visitor's page: one step at a time, nothing asked of the network between load and sending.
import { QUESTIONS, exclusive, isUrgent, left, setUrgent, showLeft, textArea } from "./answers";
import { watch } from "./hints";
import { loaded } from "./load";
import { detachAll, find, main, restoreAll, say, section, sections } from "./page";
import { nobody, problem, wordOf } from "./problem";
import { fillCheck, readers, updateExclude } from "./readers";
import { askReceipt, showOlder, write } from "./returning";
import { drawAhead, send } from "./sending";
import { wireVeil } from "./veil";
import { back, begin, go, isDoing, isLeaving, leave, onEnter, wireLeave } from "./walk";

const ORDER = [...QUESTIONS, "text", "exclude", "check"];

const { prefix = "", step: firstStep = "landing" } = document.body.dataset;

/** A step that was gone to from the last look leads back there. */
let changing = false;

/**
 * Before anything is asked the keys must hold and somebody must be able to read. Who went on to another step meanwhile, to the
 * numbers perhaps, stays there.
 */
async function start(first: string, button: HTMLElement | null): Promise<void> {
  const label = button?.textContent ?? "";
  if (label === say("wait")) return;
  const from = main.dataset.step;
  const isStill = (): boolean => main.dataset.step === from && !isLeaving();
  if (button) button.textContent = say("wait");
  try {
    await loaded();
    if (!isStill()) return;
    if (readers()) go(first);
    else nobody();
  } catch (error) {
    if (isStill()) problem(wordOf(error, "keys"), "problem.again", () => void start(first, null));
  } finally {
    if (button) button.textContent = label;
  }
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
  textArea().addEventListener("input", showLeft);
  const own = watch(textArea());
  watch(find<HTMLTextAreaElement>(section("conversation"), "textarea"));
  onEnter("who", () => setUrgent(false));
  onEnter("exclude", updateExclude);
  onEnter("return", askReceipt);
  onEnter("place", () => {
    if (isUrgent()) void drawAhead();
  });
  onEnter("text", () => void drawAhead());
  onEnter("check", () => fillCheck(own.look(), (step) => {
    changing = true;
    go(step);
  }));
}

/** Back out of the alarm, or out of a change, is back to the ordinary way. */
function wentBack(): void {
  setUrgent(false);
  changing = false;
}

function run(): void {
  const first = firstStep === "who" ? "landing" : firstStep;
  detachAll(first);
  wireSteps();
  wireLeave();
  wireVeil(isDoing);
  const address = firstStep === "return" ? prefix || "/" : location.pathname;
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
