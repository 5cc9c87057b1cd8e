// Debian's two builds of one browser.

/** Without windows: a story costs about a third less, for nobody draws a window's own pages beside it. */
export const BARE = "/usr/bin/chromium-headless-shell";
/** With windows, for leaving: what Back shows then, the page that is kept, paper. */
export const WHOLE = "/usr/bin/chromium";

const asRoot = process.getuid?.() === 0;

/** How a browser is started for a story: as root it cannot build its own sandbox. */
export const launched = (executablePath: string): { executablePath: string; args: string[] } => ({
  executablePath,
  args: [...(asRoot ? ["--no-sandbox"] : []), "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
