import { defineConfig } from "@playwright/test";
import { BARE, launched } from "./e2e/browser";

/** Whatever looks at times goes alone, after the others; the wire does not know the database. */
const ON_A_QUIET_MACHINE = "**/wire.spec.ts";

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/founded.ts",
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // Two cores: one for each of two files of stories, which share neither a city nor a database.
  workers: 2,
  reporter: "list",
  use: {
    viewport: { width: 360, height: 740 },
    locale: "zh-CN",
    launchOptions: launched(BARE),
  },
  projects: [
    { name: "sqlite", metadata: { database: "" }, testIgnore: ON_A_QUIET_MACHINE },
    { name: "postgres", metadata: { database: process.env.SHUDONG_TEST_POSTGRES ?? "" }, testIgnore: ON_A_QUIET_MACHINE },
    { name: "wire", metadata: { database: "" }, testMatch: ON_A_QUIET_MACHINE, dependencies: ["sqlite", "postgres"] },
  ],
});
