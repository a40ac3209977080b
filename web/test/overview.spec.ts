// The overview: outlines and table of all cells, and the way from both to a cell.
import { expect, test } from "@playwright/test";
import { dataOf, drawn, figure, open, table } from "./pages.js";

test("a click on a heading sorts, a second one turns the order", async ({ page }) => {
  await open(page, "hostile");
  const correlations = async (): Promise<number[]> => {
    const column = await table(page, "cells").locator("thead th").allInnerTexts();
    const at = column.findIndex((head) => head.startsWith("correlation"));
    const cells = await table(page, "cells")
      .locator(`tbody tr > :nth-child(${at + 1})`)
      .allInnerTexts();
    return cells.map(parseFloat);
  };
  const head = table(page, "cells").getByRole("columnheader", { name: "correlation" });
  await head.getByRole("button").click();
  await expect(head).toHaveAttribute("aria-sort", "descending");
  const down = await correlations();
  expect(down).toEqual([...down].sort((a, b) => b - a));
  await head.getByRole("button").click();
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  expect(await correlations()).toEqual([...down].reverse());
});

test("the box finds cells by name", async ({ page }) => {
  await open(page, "three");
  await page.getByRole("searchbox", { name: "Find a cell" }).fill("102");
  await expect(table(page, "cells").locator("tbody tr:visible")).toHaveCount(1);
  await expect(table(page, "cells").locator("tbody tr:visible")).toContainText("mosaic5 102");
});

test("each cell has an outline that leads to it, by mouse and by keyboard", async ({ page }) => {
  await open(page, "three");
  const outlines = figure(page, "fields").locator(".outline");
  await expect(outlines).toHaveCount(3);
  const outline = figure(page, "fields").getByRole("link", { name: /mosaic5 102/ });
  await outline.dispatchEvent("click");
  await expect(page.getByRole("heading", { level: 2, name: "mosaic5 102" })).toBeVisible();
  await page.goBack();
  await figure(page, "fields").locator(".outline[tabindex='0']").focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#cell-\d$/);
});

test("a row and its outline light up together", async ({ page }) => {
  await open(page, "three");
  await table(page, "cells").locator("tbody tr").nth(1).hover();
  await expect(figure(page, "fields").locator(".outline.lit")).toHaveCount(1);
  await expect(figure(page, "fields").locator(".outline.lit")).toHaveAttribute("aria-label", /mosaic5 102/);
});

test("outlines are coloured by what is chosen", async ({ page }) => {
  await open(page, "hostile");
  const before = await drawn(page, "fields");
  await page.getByLabel("Colour by").selectOption({ label: "correlation" });
  const after = await drawn(page, "fields");
  expect(after).not.toBe(before);
  expect(after).toContain("correlation");
});

test("cells turn by link and by key", async ({ page }) => {
  await open(page, "three", "#cell-0");
  await page.getByRole("link", { name: /next cell/ }).click();
  await expect(page).toHaveURL(/#cell-1$/);
  await page.keyboard.press("j");
  await expect(page).toHaveURL(/#cell-2$/);
  await page.keyboard.press("k");
  await expect(page).toHaveURL(/#cell-1$/);
  const names = (await dataOf(page)).cells.map((cell: { name: string }) => cell.name);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(names[1]);
});
