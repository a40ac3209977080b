// One cell: what its figures answer to.
import { expect, test } from "@playwright/test";
import { dataOf, drawn, figure, open, table } from "./pages.js";

test("the slider goes through the lags of the average", async ({ page }) => {
  await open(page, "demo");
  const slider = page.getByRole("slider", { name: "Lag" });
  const [map, course] = [await drawn(page, "average"), await drawn(page, "average-time")];
  const lag = Number(await slider.inputValue());
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await expect(slider).toHaveValue(String(lag + 1));
  await expect(slider).toHaveAttribute("aria-valuetext", new RegExp(`lag ${lag + 1}\\b`));
  await expect(figure(page, "average").locator(".canvas svg").first()).toHaveAttribute(
    "aria-label",
    new RegExp(`lag ${lag + 1}\\b`),
  );
  expect(await drawn(page, "average")).not.toBe(map);
  expect(await drawn(page, "average-time")).not.toBe(course);
});

test("a click on a subunit shows it alone, Escape shows all", async ({ page }) => {
  await open(page, "demo");
  const count = (await dataOf(page)).cells[0].revealed.n_subunits;
  const shown = figure(page, "subunits").locator(".subunit");
  await expect(shown).toHaveCount(count);
  const whole = await drawn(page, "subunits");
  await figure(page, "subunits")
    .getByRole("button", { name: /^Subunit 1: / })
    .dispatchEvent("click");
  await expect(shown).toHaveCount(1);
  await expect(figure(page, "truth").locator(".subunit")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Subunit 1 alone" })).toHaveAttribute("aria-pressed", "true");
  expect(await drawn(page, "subunits")).not.toBe(whole);
  await page.getByRole("button", { name: "Subunit 1 alone" }).press("Escape");
  await expect(shown).toHaveCount(count);
});

test("subunits are chosen by keyboard, from the picture and from the table", async ({ page }) => {
  await open(page, "demo");
  const shown = figure(page, "subunits").locator(".subunit");
  await figure(page, "subunits").locator(".subunit[tabindex='0']").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(shown).toHaveCount(1);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Subunit 2 alone" }).press("Enter");
  await expect(shown).toHaveAttribute("aria-label", /^Subunit 2/);
  await page.getByRole("button", { name: "Show all subunits" }).click();
  await expect(page.getByRole("button", { name: "Subunit 2 alone" })).toHaveAttribute("aria-pressed", "false");
});

test("a row of the table lights up the subunit", async ({ page }) => {
  await open(page, "demo");
  await table(page, "subunits").locator("tbody tr").nth(1).hover();
  await expect(figure(page, "subunits").locator(".subunit.lit")).toHaveAttribute("aria-label", /^Subunit 1:/);
});

test("rates zoom by buttons, keys and brush", async ({ page }) => {
  await open(page, "demo");
  const strip = page.getByRole("slider", { name: /Time shown/ });
  const span = async (): Promise<number> => {
    const [from, to] = ((await strip.getAttribute("aria-valuetext")) ?? "").match(/[\d.]+/g)!.map(Number);
    return to - from;
  };
  const first = await span();
  await page.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(span).toBeLessThan(0.6 * first);
  await page.getByRole("button", { name: "Show all frames" }).click();
  await expect.poll(span).toBeGreaterThan(5 * first);
  await strip.focus();
  await page.keyboard.press("+");
  await expect.poll(span).toBeLessThan(101);
  await page.getByRole("button", { name: "Show all frames" }).click();
  const box = (await strip.boundingBox())!;
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.4 * box.width, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect.poll(span).toBeLessThan(30);
  await expect(strip).toHaveAttribute("aria-valuetext", /^5\d|^6\d/);
  await page.getByRole("button", { name: "Show the first stretch" }).click();
  await expect.poll(span).toBeCloseTo(first, 1);
});

test("counts may be put into wider bins", async ({ page }) => {
  await open(page, "demo");
  const before = await drawn(page, "rates");
  await figure(page, "rates").getByLabel("Bins of").selectOption({ index: 2 });
  expect(await drawn(page, "rates")).not.toBe(before);
});

test("trials have a raster", async ({ page }) => {
  await open(page, "hostile", "#cell-0");
  const raster = (await dataOf(page)).cells[0].raster;
  expect(raster.counts.shape[0]).toBe(4);
  await expect(figure(page, "raster").locator(".canvas svg").first()).toHaveAttribute("aria-label", /4 trials/);
});
