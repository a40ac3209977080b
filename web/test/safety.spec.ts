// Text from files stays text, the page looks for nothing outside itself, and its colours follow the reader.
import { expect, test } from "@playwright/test";
import { hostileName, open } from "./pages.js";

test("a hostile name of a cell stays text", async ({ page }) => {
  let asked = false;
  page.on("dialog", () => (asked = true));
  await open(page, "hostile");
  await expect(page.getByRole("link", { name: hostileName, exact: true }).first()).toBeVisible();
  for (const address of ["#cell-0", "#made", "#overview"]) {
    await page.evaluate((hash) => (location.hash = hash), address);
    await expect(page.locator("main h2")).toBeVisible();
    await expect(page.locator("img, main b")).toHaveCount(0);
    expect(await page.title()).not.toBe("harmed");
  }
  await page.evaluate(() => (location.hash = "#cell-0"));
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(hostileName);
  expect(asked).toBe(false);
});

test("its policy forbids what is not in it", async ({ page }) => {
  await open(page, "demo");
  page.removeAllListeners("console"); // where the browser says that it refused
  const ran = await page.evaluate(async () => {
    const refused = new Promise((done) => document.addEventListener("securitypolicyviolation", done, { once: true }));
    const script = document.createElement("script");
    script.textContent = "document.documentElement.dataset.ran = 'yes'";
    document.body.append(script);
    await refused;
    return document.documentElement.dataset.ran ?? "no";
  });
  expect(ran).toBe("no");
});

const ground = (): string => getComputedStyle(document.documentElement).backgroundColor;
const paper = (): string => getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();

test("dark and light follow the system until one is chosen", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "demo");
  const light = await page.evaluate(ground);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await page.evaluate(ground);
  expect(dark).not.toBe(light);
  const button = page.getByRole("button", { name: /^Colours of the page/ });
  await button.click();
  await expect(button).toHaveAttribute("aria-label", /: light/);
  expect(await page.evaluate(ground)).toBe(light);
  await button.click();
  await page.emulateMedia({ colorScheme: "light" });
  expect(await page.evaluate(ground)).toBe(dark);
});

test("print is light, without controls", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "demo");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  expect(await page.evaluate(paper)).toBe("#ffffff");
  await expect(page.getByRole("button", { name: /as SVG$/ }).first()).toBeHidden();
  await expect(page.getByRole("slider", { name: "Lag" })).toBeHidden();
});

test("the command is copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "demo", "#made");
  const button = page.getByRole("button", { name: /^Copy: plexiform demo/ });
  await button.click();
  await expect(page.getByRole("status").filter({ hasText: "copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("plexiform demo -o demo");
});
