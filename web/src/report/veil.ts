// Another app in front, a locked screen: what was written is covered until a tap.
import { find, main } from "./page";

/** Covers the step when the page is hidden, if `holds` says that it shows something of the visitor's. */
export function wireVeil(holds: () => boolean): void {
  const veil = find(document, ".veil");
  const lift = find<HTMLButtonElement>(veil, "button");
  const cover = (covered: boolean): void => {
    veil.hidden = !covered;
    main.hidden = covered;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && holds()) cover(true);
    if (!document.hidden && !veil.hidden) lift.focus();
  });
  lift.addEventListener("click", () => {
    cover(false);
    main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  });
}
