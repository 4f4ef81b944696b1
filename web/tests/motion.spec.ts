// Motion: none by itself for users who have asked for less of it.
import { advance, expect, mode, openPaused, screen, test, view } from "./page.js";

test.describe("with reduced motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("nothing moves by itself", async ({ page }) => {
    await openPaused(page);
    const before = await page.locator("body").innerHTML();
    const pixels = await screen(page).screenshot();
    await advance(page, 10_000);
    expect(await screen(page).screenshot()).toEqual(pixels);
    expect(await page.locator("body").innerHTML()).toBe(before);
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

test("otherwise the gallery shows a new digit each second", async ({ page }) => {
  await openPaused(page);
  const views = new Set<string>();
  for (let second = 0; second < 5; second += 1) {
    views.add(await view(page));
    await advance(page, 1_000);
  }
  expect(views.size).toBe(5);
});
