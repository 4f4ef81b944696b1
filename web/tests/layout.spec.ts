// Layout: no horizontal overflow, no layout shift while the page loads or works, sharp pixels.
import { expect, open, openPaused, press, screen, test } from "./page.js";

test("the page fits into windows from 320 pixels on", async ({ page }) => {
  await open(page);
  for (const width of [1280, 768, 360, 320]) {
    await page.setViewportSize({ width, height: 740 });
    for (const panel of ["grayscale", "tft"]) {
      await page.locator("#panel").selectOption(panel);
      await expect(screen(page)).toHaveAttribute("data-panel", panel);
      const overflow = await page.evaluate(() => {
        // Elements that scroll by themselves may have wide content, which includes that of drawings.
        const clips = (element: Element | null): boolean =>
          element !== null && (getComputedStyle(element).overflowX !== "visible" || clips(element.parentElement));
        const outside = [...document.querySelectorAll("body *")].filter((element) => {
          const { right, width } = element.getBoundingClientRect();
          return width > 0 && right > innerWidth + 0.5 && !clips(element.parentElement);
        });
        return {
          page: document.documentElement.scrollWidth - innerWidth,
          elements: outside.map((element) => element.outerHTML.slice(0, 80)),
        };
      });
      expect(overflow, `${width} pixels, ${panel}`).toEqual({ page: 0, elements: [] });
    }
  }
});

for (const width of [360, 1280]) {
  test(`nothing shifts while the page loads and works, ${width} pixels wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) {
          shifts.push(entry.value);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open(page);
    for (const model of ["digits-nano", "digits"]) {
      await page.locator("#device-model").selectOption(model);
    }
    await page.locator("#mode-button").click();
    await page.waitForTimeout(1_000);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);
  });
}

test("the pixels of the display are squares without smoothing", async ({ page }) => {
  await openPaused(page);
  for (const [panel, width, height] of [
    ["grayscale", 128, 64],
    ["oled", 128, 64],
    ["tft", 240, 240],
    ["mini", 72, 40],
  ] as const) {
    await page.locator("#panel").selectOption(panel);
    await press(page, "act");
    const canvas = screen(page);
    await expect(canvas).toHaveAttribute("width", String(width));
    await expect(canvas).toHaveAttribute("height", String(height));
    await expect(canvas).toHaveCSS("image-rendering", "pixelated");
    const box = (await canvas.boundingBox())!;
    expect(box.width / width).toBeCloseTo(box.height / height, 3);
    expect(box.width / width).toBeCloseTo(Math.round(box.width / width), 3);
  }
});
