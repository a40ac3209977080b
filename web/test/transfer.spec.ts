// Transfers where names repeat: what is said of a cell or of a run must be its own.
import { expect, test } from "@playwright/test";
import { buildPage, download, figure, open, rowsOf, table } from "./pages.js";

const made = { commands: [], version: "0", files: [], settings: [] };

test("cells of one name keep figures of their own", async ({ page }) => {
  const zero = [
    [0, 0],
    [0, 0],
  ];
  const matrices = {
    cc: [
      [0.5, 0.1],
      [0.2, 0.6],
    ],
    bits_per_spike: [
      [0.7, 0.3],
      [0.4, 0.8],
    ],
    own_ahead: [
      [0, 0.25],
      [0.75, 0],
    ],
    own_ahead_low: zero,
    own_ahead_high: [
      [1, 1],
      [1, 1],
    ],
    p: zero,
  };
  const cell = { name: "unit", n_spikes: 100, own_exceeds_all_others: true };
  buildPage("twins", {
    format: "plexiform page",
    version: 1,
    kind: "transfer",
    title: "twins",
    made,
    transfer: {
      kind: "cells",
      cells: [
        { ...cell, cell: 3, best_other: 7 },
        { ...cell, cell: 7, best_other: 3 },
      ],
      in_place: matrices,
      moved: matrices,
      order: [0, 1],
      left_out: [],
    },
  });
  await open(page, "twins");
  const rows = table(page, "transfer").locator("tbody tr");
  await expect(rows.nth(0)).toContainText("unit (row 7)");
  await expect(rows.nth(0)).toContainText("+0.750");
  await expect(rows.nth(1)).toContainText("unit (row 3)");
  await expect(rows.nth(1)).toContainText("+0.250");
  await expect(figure(page, "transfer").locator(".canvas svg").first()).toContainText("unit (row 3)");

  const { bytes } = await download(page, figure(page, "transfer").getByRole("button", { name: /as CSV$/ }));
  const [head, ...lines] = rowsOf(bytes.toString("utf8").replace(/^\ufeff/, ""));
  expect(new Set(head).size).toBe(head.length);
  expect(lines[1].slice(0, 2)).toEqual(["unit (row 3)", "unit (row 7)"]);
});

test("runs of one name keep means of their own", async ({ page }) => {
  const mean = (value: number): object => ({
    run: "run",
    target: "movie",
    cc: { mean: value, least: value, most: value, cells: 1 },
  });
  buildPage("runs", {
    format: "plexiform page",
    version: 1,
    kind: "transfer",
    title: "runs",
    made,
    transfer: {
      kind: "stimuli",
      runs: ["run", "run"],
      targets: ["movie", "movie"],
      scored_on: ["test block", "test block"],
      cells: [{ name: "unit", scores: [] }],
      mean: [0.11, 0.22, 0.33, 0.44].map(mean),
      left_out: [],
    },
  });
  await open(page, "runs");
  const { bytes } = await download(page, figure(page, "stimuli").getByRole("button", { name: /as CSV$/ }));
  const [head, ...lines] = rowsOf(bytes.toString("utf8").replace(/^\ufeff/, ""));
  expect(lines.map((line) => Number(line[head.indexOf("correlation")]))).toEqual([0.11, 0.22, 0.33, 0.44]);
});

test("a stray % in the address is no error", async ({ page }) => {
  await open(page, "between", "#%");
  await expect(page.getByRole("heading", { level: 2, name: "Transfer between cells" })).toBeVisible();
});
