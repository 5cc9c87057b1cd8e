import { defineConfig } from "@playwright/test";
import { WHOLE, launched } from "../e2e/browser";
import stories from "../playwright.config";

/** Measurements are run one by one, by hand: they take long, and their figures are no verdict. */
export default defineConfig({
  // Each measurement founds a city of its own.
  ...stories, globalSetup: [], testDir: ".", testMatch: "*.measure.ts", expect: { timeout: 60_000 }, projects: [{ name: "measure", metadata: { database: "" } }],
  use: { ...stories.use, launchOptions: launched(process.env.SHUDONG_MEASURE_BROWSER ?? WHOLE) },
});
