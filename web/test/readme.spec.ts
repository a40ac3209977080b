// The README's picture: docs/images/demo.png is screenshots/readme.png of this test.
import { expect, test } from "@playwright/test";
import { join } from "node:path";
import { figure, open, pagesFolder, table } from "./pages.js";

test.use({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1.5 });

test("the demo's subunits beside the true ones", async ({ page }) => {
  await open(page, "demo");
  for (const name of ["subunits", "truth", "linear"])
    await expect(figure(page, name).locator(".canvas > *")).toBeVisible();
  const top = (await figure(page, "subunits").boundingBox())!;
  const bottom = (await table(page, "subunits").boundingBox())!;
  const clip = { x: 0, y: top.y - 12, width: 1440, height: bottom.y + bottom.height - top.y + 24 };
  await page.screenshot({ path: join(pagesFolder, "screenshots", "readme.png"), fullPage: true, clip });
});
