// Files that the page hands out.
import { expect, test } from "@playwright/test";
import { dataOf, download, figure, hostileName, open, rowsOf, table } from "./pages.js";

test("every figure of a cell downloads as an SVG that stands alone", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "demo");
  const names = new Set<string>();
  for (const button of await page.getByRole("button", { name: /^Download ".*" as SVG$/ }).all()) {
    const { name, bytes } = await download(page, button);
    const text = bytes.toString("utf8");
    expect(name).toMatch(/^[\w.-]+\.svg$/);
    names.add(name);
    const problem = await page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
      const images = [...parsed.querySelectorAll("image")].map(
        (i) => i.getAttribute("href") ?? i.getAttribute("xlink:href") ?? "",
      );
      if (parsed.querySelector("parsererror")) return "does not parse";
      if (parsed.documentElement.namespaceURI !== "http://www.w3.org/2000/svg") return "is no SVG";
      return images.every((href) => href.startsWith("data:image/")) ? "" : "has an image outside of itself";
    }, text);
    expect(problem, name).toBe("");
    expect(text, name).not.toMatch(/var\(--|currentColor|<script|<foreignObject/i);
  }
  expect(names.size).toBe(await page.locator("[data-figure]").count());
});

test("a figure downloads as a PNG, larger than on screen", async ({ page }) => {
  await open(page, "demo");
  const { name, bytes } = await download(page, figure(page, "subunits").getByRole("button", { name: /as PNG$/ }));
  expect(name).toMatch(/\.png$/);
  expect(bytes.subarray(1, 4).toString("latin1")).toBe("PNG");
  expect(bytes.readUInt32BE(16)).toBeGreaterThan(1000);
});

test("a table's CSV has its numbers in full", async ({ page }) => {
  await open(page, "demo");
  const { bytes } = await download(page, table(page, "subunits").getByRole("button", { name: /as CSV$/ }));
  const [head, ...rows] = rowsOf(bytes.toString("utf8").replace(/^\ufeff/, ""));
  const { subunits: excitatory, suppressive } = (await dataOf(page)).cells[0].revealed;
  const subunits = [...excitatory, ...suppressive];
  expect(rows.length).toBe(subunits.length);
  for (const [column, key] of Object.entries({ weight: "weight", confidence: "confidence", "x (px)": "x", z: "z" })) {
    const at = head.indexOf(column);
    expect(at, column).toBeGreaterThanOrEqual(0);
    expect(rows.map((row) => Number(row[at]))).toEqual(subunits.map((u: Record<string, number>) => u[key]));
  }
});

test("a figure's CSV has its data", async ({ page }) => {
  await open(page, "demo");
  const { bytes } = await download(page, figure(page, "rates").getByRole("button", { name: /as CSV$/ }));
  const rows = rowsOf(bytes.toString("utf8"));
  const { cells, recording } = await dataOf(page);
  expect(rows.length - 1).toBe(cells[0].trace.counts.shape[0]);
  const counts = Buffer.from(cells[0].trace.counts.data, "base64");
  const at = rows[0].findIndex((column) => column.startsWith("recorded"));
  const all = rows.slice(1).map((row) => Math.round(Number(row[at]) / recording.frame_rate));
  expect(all).toEqual([...counts]);
});

test("text in a CSV is quoted, and is no formula", async ({ page }) => {
  await open(page, "hostile");
  const { name, bytes } = await download(page, table(page, "cells").getByRole("button", { name: /as CSV$/ }));
  expect(name).toMatch(/^[\w.-]+\.csv$/);
  const rows = rowsOf(bytes.toString("utf8"));
  const at = rows[0].indexOf("cell");
  expect(rows.slice(1).map((row) => row[at])).toEqual([hostileName, "'=1+1"]);
});

test("a transfer's matrix downloads as its numbers", async ({ page }) => {
  await open(page, "between");
  await page.getByLabel("Measure").first().selectOption({ label: "correlation" });
  const { bytes } = await download(page, figure(page, "transfer").getByRole("button", { name: /as CSV$/ }));
  const numbers = rowsOf(bytes.toString("utf8")).flat().map(Number);
  const matrix = (await dataOf(page)).transfer.moved.cc.flat() as number[];
  for (const value of matrix) expect(numbers).toContain(value);
});
