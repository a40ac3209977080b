// The page in Debian's Chromium. PLEXIFORM: the program (default: that of `make build`); PLEXIFORM_PAGES: folder for the
// pages that are tested, and for screenshots.
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";
import { pagesFolder } from "./test/pages.js";

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export default defineConfig({
  testDir: "test",
  globalSetup: "./test/make-pages.ts",
  outputDir: `${pagesFolder}/results`,
  preserveOutput: "failures-only",
  fullyParallel: false,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
    launchOptions: { executablePath: browsers.find(existsSync) ?? "chromium" },
  },
});
