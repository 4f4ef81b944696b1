// Accessibility, checked with axe-core.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expectations } from "./environment.js";
import { expect, open, test } from "./page.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const IMPACTS = ["serious", "critical"];

/** Returns the serious and critical findings. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  expect(passes.length).toBeGreaterThan(20);
  const grave = violations.filter(({ impact }) => impact && IMPACTS.includes(impact));
  return grave.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 1280]) {
    test.describe(`${colorScheme}, ${width} pixels wide`, () => {
      // Axe measures the contrast of colors that do not change meanwhile.
      test.use({ colorScheme, viewport: { width, height: 800 }, contextOptions: { reducedMotion: "reduce" } });

      test("there is no serious finding, with and without messages", async ({ page }) => {
        const { badFiles, ownModel } = expectations();
        await open(page);
        expect(await findings(page)).toEqual([]);
        await page.evaluate(() => (location.hash = "#panel=none&class=99"));
        await expect(page.locator("#link-errors p")).toHaveCount(2);
        await page.locator("#file").setInputFiles(ownModel.path);
        await expect(page.locator("#model-status")).not.toBeEmpty();
        await page.locator("#file").setInputFiles(badFiles[0]!.path);
        await expect(page.locator("#model-error")).not.toBeEmpty();
        await page.locator("#device-seed").fill("none");
        await page.locator("#device-form button").click();
        await expect(page.locator("#device-seed-error")).not.toBeEmpty();
        expect(await findings(page)).toEqual([]);
      });
    });
  }
}
