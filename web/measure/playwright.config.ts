import { defineConfig } from "@playwright/test";
import stories from "../playwright.config";

/** A browser without windows of its own (Debian's chromium-headless-shell) makes more visits in the same time. */
const executablePath = process.env.SHUDONG_MEASURE_BROWSER ?? stories.use?.launchOptions?.executablePath;

/** Measurements are run one by one, by hand: they take long, and their figures are no verdict. */
export default defineConfig({
  // Each measurement founds a city of its own.
  ...stories, globalSetup: [], testDir: ".", testMatch: "*.measure.ts", expect: { timeout: 60_000 }, projects: [{ name: "measure", metadata: { database: "" } }],
  use: { ...stories.use, launchOptions: { ...stories.use?.launchOptions, executablePath } },
});
