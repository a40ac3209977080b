// Where the pages under test lie, and how they are opened.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, type Locator, type Page } from "@playwright/test";

export const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export const program = process.env.PLEXIFORM ?? join(web, "../build/dev/bin/plexiform");
export const pagesFolder = process.env.PLEXIFORM_PAGES ?? join(web, "results");
const recordings = process.env.PLEXIFORM_DATA ?? join(web, "../../shared/data");
export const hasRecordings = existsSync(join(recordings, "salamander_white_noise"));

/// A cell's name that would do harm as markup.
export const hostileName = `</script><img src=x onerror="document.title='harmed'"><b>&amp;`;

/// A page of data made by hand, for what no recording at hand has.
export function buildPage(name: string, data: object): void {
  const file = join(pagesFolder, `${name}.json`);
  writeFileSync(file, JSON.stringify(data));
  execFileSync(process.execPath, ["build.mjs", "--out", join(pagesFolder, `${name}.html`), "--data", file], {
    cwd: web,
  });
}

/// What every page of data made by hand begins with.
export const handMade = {
  format: "plexiform page",
  version: 1,
  made: { commands: [], version: "0", files: [], settings: [] },
};

/// An array as pages hold it.
export function packed(shape: number[], values: number[]): object {
  const scale = Math.max(...values.map(Math.abs), 1e-9) / 32767;
  const data = Buffer.alloc(2 * values.length);
  values.forEach((v, i) => data.writeInt16LE(Math.round(v / scale), 2 * i));
  return { type: "i16", shape, scale, data: data.toString("base64") };
}

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

/// The data that the open page was made from.
export async function dataOf(page: Page): Promise<any> {
  return page.evaluate(() => JSON.parse(document.getElementById("page")?.textContent ?? "null"));
}

export const figure = (page: Page, name: string): Locator => page.locator(`[data-figure="${name}"]`);
export const table = (page: Page, name: string): Locator => page.locator(`[data-table="${name}"]`);

/// What a figure shows now, as text: changes when the drawing does.
export async function drawn(page: Page, name: string): Promise<string> {
  return figure(page, name)
    .locator(".canvas svg")
    .first()
    .evaluate((svg) => svg.outerHTML);
}

/// Clicks a button that downloads, and gives the file's name and bytes.
export async function download(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/// Rows of a CSV file (RFC 4180).
export function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let i = 0; i < csv.length; ++i) {
    const row = rows[rows.length - 1];
    if (csv[i] === '"') {
      if (quoted && csv[i + 1] === '"') row[row.length - 1] += csv[i++];
      else quoted = !quoted;
    } else if (!quoted && csv[i] === ",") row.push("");
    else if (!quoted && csv[i] === "\n") rows.push([""]);
    else if (quoted || csv[i] !== "\r") row[row.length - 1] += csv[i];
  }
  return rows.slice(0, -1);
}
