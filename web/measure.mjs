// node measure.mjs PAGE.html [CELL]: size of a page, and the time from opening it to a drawn overview, and from there to a
// drawn cell (medians of nine, in Chromium, nothing cached).
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";

const [file, cell = "0"] = process.argv.slice(2);
const address = pathToFileURL(resolve(file)).href;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });

const painted = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

async function once() {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const opened = performance.now();
  await page.goto(address + "#overview", { waitUntil: "commit" });
  await page.waitForFunction(() => document.querySelector(".outline") && document.querySelector("tbody tr"));
  await painted(page);
  const overview = performance.now() - opened;
  const turned = performance.now();
  await page.evaluate((hash) => (location.hash = hash), `#cell-${cell}`);
  await page.waitForFunction(() => document.querySelector('[data-figure="rates"] .canvas > svg'));
  await painted(page);
  const shown = performance.now() - turned;
  await page.close();
  return { overview, shown };
}

const times = [];
for (let i = 0; i < 9; ++i) times.push(await once());
const median = (key) => times.map((t) => t[key]).sort((a, b) => a - b)[4] / 1000;
console.log(
  `${(statSync(file).size / 1e6).toFixed(1)} MB, overview ${median("overview").toFixed(2)} s, a cell ${median("shown").toFixed(2)} s`,
);
await browser.close();
