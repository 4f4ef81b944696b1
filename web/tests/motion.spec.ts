// Motion: nothing moves by itself if the user prefers reduced motion.
import type { Page } from "@playwright/test";
import { advance, expect, mode, openPaused, test, view } from "./page.js";

/** Returns the content of every canvas and the text of the page. */
async function everyPixel(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvases = [...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
    return [document.body.innerText, ...canvases];
  });
}

test.describe("with reduced motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("nothing moves by itself", async ({ page }) => {
    await openPaused(page);
    // Images are drawn after loading, when the browser is idle.
    await advance(page, 10_000);
    const before = await everyPixel(page);
    await advance(page, 10_000);
    expect(await everyPixel(page)).toEqual(before);
    const running = await page.evaluate(() => document.getAnimations().length);
    expect(running).toBe(0);
  });

  test("a mode that the user selects moves", async ({ page }) => {
    await openPaused(page);
    await page.locator("#modes label", { hasText: "gallery" }).click();
    await advance(page, 100);
    const before = await view(page);
    await advance(page, 1_500);
    expect(await mode(page)).toBe("gallery");
    expect(await view(page)).not.toBe(before);
  });
});

test("without reduced motion, the gallery shows a new digit each second", async ({ page }) => {
  await openPaused(page);
  const views = new Set<string>();
  for (let second = 0; second < 5; second += 1) {
    views.add(await view(page));
    await advance(page, 1_000);
  }
  expect(views.size).toBe(5);
});
