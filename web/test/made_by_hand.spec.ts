// Answers to flashed images, and a recording of many cells: pages of data made by hand.
import { expect, test } from "@playwright/test";
import { buildPage, download, drawn, figure, handMade, open, packed, rowsOf, table } from "./pages.js";

function flashedCell(cell: number): object {
  const counts = [0, 1, 2, 3, 4 + cell, 5];
  const score = (cc: number): object => ({ cc, cc_interval: [cc - 0.1, cc + 0.1], rate: counts.map((n) => n * cc) });
  return {
    cell,
    name: `unit ${cell}`,
    n_spikes: 100 + cell,
    counts,
    baseline: counts.map(() => 2.5),
    ln: score(0.5 + 0.1 * cell),
    subunits: { ...score(0.8), size: 2, size_interval: [1, 4], extent: 1, off: 3, on: -1 },
    ahead: 0.3 - 0.1 * cell,
    ahead_interval: [cell === 0 ? 0.1 : -0.1, 0.5],
  };
}

test("flashed images: subunits against LN, a cell's images, the table", async ({ page }) => {
  const cells = [0, 1, 2].map(flashedCell);
  const failed = { cell: 3, name: "silent", error: "no spike in the window" };
  const median = { cells: 3, cells_ahead: 3, ln: 0.6, subunits: 0.8, ahead: 0.2 };
  const flashed = { images: 6, trials: 10, folds: 3, cells: [...cells, failed], median };
  buildPage("flashed", { ...handMade, kind: "flashed", title: "flashed", flashed });
  await open(page, "flashed");
  await expect(figure(page, "flashed").locator(".flashed-cell")).toHaveCount(3);
  const before = await drawn(page, "flashed-images");
  await figure(page, "flashed").locator(".flashed-cell").nth(2).dispatchEvent("click");
  expect(await drawn(page, "flashed-images")).not.toBe(before);
  await expect(table(page, "flashed")).toContainText("no spike in the window");
  const { bytes } = await download(page, table(page, "flashed").getByRole("button", { name: /as CSV$/ }));
  const rows = rowsOf(bytes.toString("utf8"));
  const at = rows[0].indexOf("ahead");
  expect(rows.slice(1, 4).map((row) => Number(row[at]))).toEqual([0.3, 0.3 - 0.1, 0.3 - 0.1 * 2]);
});

test("two hundred cells are all drawn", async ({ page }) => {
  const peaked = (shape: number[]): object => {
    const values = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
    values[Math.floor(values.length / 2)] = 1;
    return packed(shape, values);
  };
  const cells = Array.from({ length: 200 }, (_, cell) => ({
    cell,
    name: `unit ${cell}`,
    type: cell % 3 ? "OFF" : "ON",
    average: { corner: { x: (cell % 20) * 8, y: Math.floor(cell / 20) * 8 }, values: peaked([3, 9, 9]) },
  }));
  const recording = { name: "many.h5", channels: 1, rows: 100, columns: 180, frame_rate: 30 };
  buildPage("many", { ...handMade, kind: "run", title: "many.h5", recording, cells });
  await open(page, "many");
  await expect(figure(page, "fields").locator(".outline")).toHaveCount(200);
  await expect(table(page, "cells").locator("tbody tr")).toHaveCount(200);
  await page.getByRole("link", { name: "unit 199" }).first().click();
  await expect(figure(page, "average").locator(".canvas > *")).toBeVisible();
});
