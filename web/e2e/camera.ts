// A page looked at: axe in light and dark, nothing sideways also on the narrowest phone, a picture.
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page, TestInfo } from "@playwright/test";
import AxeBuilder from "./axe";
import { expect } from "./city";

const FOLDER = process.env.SHUDONG_SCREENS;
export const WIDTHS = { 360: 740, 1280: 800 } as const;
export type Width = keyof typeof WIDTHS;
/** The narrowest phone that is still in use, and what 200 % text makes of a common one. */
const NARROWEST = 320;

export class Camera {
  constructor(private readonly width: Width, private readonly info: TestInfo) {}

  async look(page: Page, name: string): Promise<void> {
    // It is there, with a title, a language and its one main part; the rest of its looks does not know the database.
    await expect(page.locator("html[lang] main")).toHaveCount(1);
    await expect(page).toHaveTitle(/./);
    if (this.info.project.name === "postgres") return;
    if (this.width === 360) {
      await page.setViewportSize({ width: NARROWEST, height: 740 });
      await this.isSound(page, `${name} at ${String(NARROWEST)} px`);
      await page.setViewportSize({ width: this.width, height: WIDTHS[this.width] });
    }
    await this.isSound(page, name);
    if (FOLDER) {
      mkdirSync(FOLDER, { recursive: true });
      await page.screenshot({ path: path.join(FOLDER, `${name}-${String(this.width)}.png`) });
    }
  }

  private async isSound(page: Page, name: string): Promise<void> {
    for (const colorScheme of ["dark", "light"] as const) {
      // Without motion, so that no colour is caught half-way between two.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await new AxeBuilder(page).violations(), `${name}, ${colorScheme}`).toEqual([]);
    }
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, `${name} sideways`).toBeLessThanOrEqual(0);
  }
}
