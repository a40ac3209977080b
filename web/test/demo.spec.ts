import { test } from "@playwright/test";
import { open } from "./pages.js";

test("opens", async ({ page }) => {
  await open(page, "demo");
});
