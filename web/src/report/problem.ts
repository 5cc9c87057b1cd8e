// What went wrong, what is safe, what to do.
import { Refused } from "../envelope/bytes";
import { NetworkLost, Unavailable } from "./network";
import { find, say, section } from "./page";
import { go, goAndWait } from "./walk";

export type Problem = "network" | "unavailable" | "offline" | "locking" | "keys" | "nobody" | "receipt" | "trust" | "changed";

/** How a failure is called that came before anything was sent; `refused` names what did not verify. */
export function wordOf(error: unknown, refused: "keys" | "trust"): Problem {
  if (error instanceof Unavailable) return "unavailable";
  if (error instanceof NetworkLost) return "offline";
  return error instanceof Refused ? refused : "locking";
}

/** Shows the problem with one way on, which is told its button; `wait` keeps the visitor here until that is known. */
export function problem(word: Problem, again: string, act: (again: HTMLElement) => void, wait = false): void {
  const step = section("problem");
  find(step, "[data-testid=problem]").dataset.problem = word;
  find(step, "h1").textContent = say(`problem.${word}.title`);
  find(step, ".lead").textContent = say(`problem.${word}.lead`);
  find(step, ".big-icon").toggleAttribute("hidden", word !== "network" && word !== "offline");
  const next = find(step, "[data-testid=next]");
  next.textContent = say(again);
  next.onclick = () => act(next);
  for (const away of ["[data-testid=back]", "[data-go=danger]"]) find(step, away).hidden = wait;
  if (wait) goAndWait("problem");
  else go("problem");
}

export const nobody = (): void => problem("nobody", "problem.help", () => go("danger"));
