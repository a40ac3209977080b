// Every view of every kind of page opens, draws all its figures, and says nothing on the console.
import { expect, test } from "@playwright/test";
import { hasRecordings, keepScreenshot, open } from "./pages.js";

const kinds = ["demo", "three", "hostile", "compared", "studied", "between", "stimuli"];
if (hasRecordings) kinds.push("salamander");

for (const name of kinds) {
  test(name, async ({ page }) => {
    await open(page, name);
    const addresses = await page
      .getByRole("navigation", { name: "Views" })
      .getByRole("link")
      .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) {
      await page.evaluate((hash) => (location.hash = hash), address);
      await expect(page.locator(`nav a[href="${address}"]`)).toHaveAttribute("aria-current", "page");
      await expect(page.getByRole("alert")).toHaveCount(0);
      for (const drawing of await page.locator("[data-figure] .canvas > *").all()) {
        await drawing.scrollIntoViewIfNeeded();
        await expect(drawing).toHaveAttribute("aria-label", /\w+ .*\.$/);
        expect((await drawing.boundingBox())?.width).toBeGreaterThan(100);
      }
      await expect(page.locator("[data-figure] .canvas:empty")).toHaveCount(0);
      for (const text of ["NaN", "undefined", "[object"]) {
        expect(await page.locator("main").innerText()).not.toContain(text);
      }
      await page.evaluate(() => window.scrollTo(0, 0));
      await keepScreenshot(page, `${name}-${address.slice(1)}`);
    }
  });
}

test("what was not made is named with the verb that makes it", async ({ page }) => {
  await open(page, "three");
  const missing = page.getByRole("complementary", { name: "What was not made" });
  await expect(missing).toContainText(/plexiform score \S*three/);
  await expect(missing).toContainText(/plexiform reveal \S*three/);
});

test("an address of nothing shows the first view", async ({ page }) => {
  await open(page, "three", "#cell-99");
  await expect(page.getByRole("heading", { level: 2, name: "Overview" })).toBeVisible();
});

test("a page fits a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 420, height: 800 });
  for (const name of ["demo", "three", "compared", "between"]) {
    await open(page, name);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, name).toBeLessThanOrEqual(0);
  }
});
