// Where the visitor is: one step in view, Back goes one question back, Leave goes at once.
import { engaged } from "./load";
import { find, main, show as showStep } from "./page";

/** Steps that are only passed through: the step after them takes their place in the history. */
const PASSING = new Set(["sending", "problem"]);
/** From here on nothing is gone back to: what was sent is sent, and its digits stay in view. */
const KEPT = new Set(["sending", "receipt", "confirm", "done"]);

const trail: string[] = [];
const entering = new Map<string, () => void>();
let leaving = false;
let waiting = false;

/** Steps of a visit that only looks. */
const LOOKING = new Set(["landing", "danger", "help", "privacy", "who-can-see", "problem", "done"]);

/** Whether the step in view may show something of the visitor's: words, digits, letters, names of files. */
export const isDoing = (): boolean => present() === "done" || !LOOKING.has(present());

/** Steps that come up on the way: who was telling still tells, who was looking still looks. */
const ASIDE = new Set(["danger", "problem"]);

function show(step: string): void {
  showStep(step);
  if (!ASIDE.has(step)) engaged(!LOOKING.has(step));
}

/** Does `act` each time `step` is about to be shown, also when Back shows it. */
export function onEnter(step: string, act: () => void): void {
  entering.set(step, act);
}

const present = (): string => trail[trail.length - 1] ?? "";

/** Shows a step. */
export function go(step: string): void {
  const passing = PASSING.has(present());
  entering.get(step)?.();
  waiting = false;
  if (passing) {
    trail[trail.length - 1] = step;
  } else {
    trail.push(step);
    history.pushState(trail.length, "");
  }
  show(step);
}

/** Shows a step that Back does not leave: nobody knows yet whether the letter arrived. */
export function goAndWait(step: string): void {
  go(step);
  waiting = true;
}

export const back = (): void => history.back();

function popped(event: PopStateEvent, changed: (step: string) => void): void {
  if (leaving) return;
  const depth = Math.max(1, typeof event.state === "number" ? event.state : 1);
  if (depth === trail.length) return;
  if (waiting || KEPT.has(present()) || depth > trail.length) return history.go(trail.length - depth);
  trail.length = depth;
  changed(present());
  entering.get(present())?.();
  show(present());
}

/** The first step; `changed` is told whenever Back was taken, and to which step. */
export function begin(step: string, address: string, changed: (step: string) => void): void {
  history.replaceState(1, "", address);
  window.addEventListener("popstate", (event) => popped(event, changed));
  // A page that comes back out of the browser's memory was left before.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    leave();
  });
  entering.get(step)?.();
  trail.push(step);
  show(step);
}

// -- leaving ------------------------------------------------------------------------------------

/** The page is being left: nothing more begins. */
export const isLeaving = (): boolean => leaving;

/** Tells later whether the visitor is still on the step in view now, and stays. */
export function staying(): () => boolean {
  const from = main.dataset.step;
  return () => main.dataset.step === from && !leaving;
}

const leaveUrl = find<HTMLAnchorElement>(document, ".leave").href;
/** Browsers that do not tell when they went back are not waited for longer, in milliseconds. */
const LONGEST = 200;

/** Blanks the screen, goes back to the page's first entry, and puts another page in its place. */
export function leave(): void {
  if (leaving) return;
  leaving = true;
  document.body.replaceChildren();
  const gone = (): void => location.replace(leaveUrl);
  if (trail.length < 2) return gone();
  window.addEventListener("popstate", gone, { once: true });
  history.go(1 - trail.length);
  window.setTimeout(gone, LONGEST);
}

/** One tap, or three presses of Escape within two seconds. */
export function wireLeave(): void {
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
}
