// axe-core by itself: its source is run in the page through the debugger, past the page's own policy.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Found { violations: { id: string; nodes: { html: string }[] }[] }

export default class AxeBuilder {
  constructor(private readonly page: Page) {}

  /** One line for each place where a rule is broken. */
  async violations(): Promise<string[]> {
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(SOURCE);
    const found = await this.page.evaluate(() => (window as unknown as { axe: { run: () => Promise<Found> } }).axe.run());
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
  }
}
