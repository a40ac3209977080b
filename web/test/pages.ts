// Where the pages under test lie, and how they are opened.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, type Page } from "@playwright/test";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export const program = process.env.PLEXIFORM ?? join(web, "../build/dev/bin/plexiform");
export const pagesFolder = process.env.PLEXIFORM_PAGES ?? join(web, "results");
export const recordings = process.env.PLEXIFORM_DATA ?? join(web, "../../shared/data");
export const hasRecordings = existsSync(join(recordings, "salamander_white_noise"));

/// A cell's name that would do harm as markup.
export const hostileName = `</script><img src=x onerror="document.title='harmed'"><b>&amp;`;

/// Opens a page from disk. Whatever it says on the console, and each address that it asks for, fails the test.
export async function open(page: Page, name: string, hash = ""): Promise<void> {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) throw new Error(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => {
    throw error;
  });
  page.on("request", (request) => {
    if (/^(https?|ws)/.test(request.url())) throw new Error(`the page asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(pagesFolder, `${name}.html`)).href + hash);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/// Screenshots are kept beside the pages, for people.
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pagesFolder, "screenshots", `${name}.png`), fullPage: true });
}
