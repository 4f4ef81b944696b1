// Browser tests; emulator/tests/web_page.rs builds and serves the page, runs them and checks what they record.
import { defineConfig } from "@playwright/test";
import { environment } from "./tests/environment.js";

export default defineConfig({
  testDir: "tests",
  outputDir: `${environment.folder}/artifacts`,
  // Time matters in some tests, and the host may have only two cores.
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    baseURL: environment.address,
    viewport: { width: 1280, height: 800 },
    trace: "off",
    launchOptions: {
      executablePath: environment.chromium,
      // Containers and root have no sandbox; only pages of this project are opened.
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    },
  },
  projects: [
    { name: "tests", testMatch: "*.spec.ts" },
    { name: "measurements", testMatch: "*.measure.ts" },
  ],
});
