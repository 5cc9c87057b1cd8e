// The visitor's pages in a browser that runs no script.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import type { City, Organisation } from "./city";

export const withoutScript = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });

/** Fills in the digits and opens the conversation. */
export async function comeBack(page: Page, city: City, receipt: string, prefix = ""): Promise<void> {
  await page.goto(`${city.address}${prefix}/return`);
  for (let n = 0; n < 5; n++) await page.locator(`[name=g${String(n + 1)}]`).fill(receipt.slice(n * 4, n * 4 + 4));
  await page.locator("form").filter({ has: page.getByTestId("receipt-entry") }).getByTestId("next").click();
}

/** The form's address. */
export const plainOf = (place: Organisation, prefix = ""): string => place.address.replace("/s/", `${prefix}/s/`) + "/plain";
