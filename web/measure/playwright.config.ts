import { defineConfig } from "@playwright/test";
import stories from "../playwright.config";

/** Measurements are run one by one, by hand: they take long, and their figures are no verdict. */
export default defineConfig({ ...stories, testDir: ".", testMatch: "*.measure.ts", expect: { timeout: 60_000 }, projects: [{ name: "measure", metadata: { database: "" } }] });
