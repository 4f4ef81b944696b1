// Pixels of the display in every mode, display and theme, reached by the buttons; the host compares them.
import type { Page } from "@playwright/test";
import { expectations } from "./environment.js";
import { FrameRecorder } from "./frames.js";
import { advance, expect, mode, openPaused, press, pressKey, screen, test } from "./page.js";

const { models, themes } = expectations();

/** Way of pressing the buttons. */
interface Hand {
  mode(page: Page, length?: "short" | "long"): Promise<void>;
  act(page: Page, length?: "short" | "long"): Promise<void>;
}

const MOUSE: Hand = {
  mode: (page, length) => press(page, "mode", length),
  act: (page, length) => press(page, "act", length),
};
const KEYS: Hand = {
  mode: (page, length) => pressKey(page, "m", length),
  act: (page, length) => pressKey(page, "a", length),
};

/** Goes through the modes and records what they show, ending in the gallery. */
async function everyMode(page: Page, recorder: FrameRecorder, hand: Hand): Promise<void> {
  expect(await mode(page)).toBe("gallery");
  await recorder.record(page);
  await advance(page, 1_100);
  await recorder.record(page);
  await hand.mode(page);
  expect(await mode(page)).toBe("digit");
  await hand.act(page);
  await recorder.record(page);
  await hand.mode(page);
  expect(await mode(page)).toBe("walk");
  for (let frame = 0; frame < 3; frame += 1) {
    await advance(page, 48);
    await recorder.record(page);
  }
  await hand.mode(page);
  expect(await mode(page)).toBe("clock");
  await recorder.record(page);
  await advance(page, 700);
  await recorder.record(page);
  await hand.mode(page);
  expect(await mode(page)).toBe("about");
  await recorder.record(page);
  await hand.act(page);
  await recorder.record(page);
  await hand.mode(page);
}

for (const [panel, count] of Object.entries(themes)) {
  test(`shows every mode and theme on the display ${panel}`, async ({ page }) => {
    const recorder = new FrameRecorder(`panel-${panel}`);
    const hand = panel === "oled" ? KEYS : MOUSE;
    await openPaused(page);
    await page.locator("#panel").selectOption(panel);
    await advance(page, 50);
    await expect(screen(page)).toHaveAttribute("data-panel", panel);
    // The keys do not work while a field has the focus.
    await page.locator("#panel").blur();
    for (let index = 0; index < count; index += 1) {
      await expect(screen(page)).toHaveAttribute("data-theme", String(index));
      await everyMode(page, recorder, hand);
      await hand.mode(page, "long");
    }
    recorder.finish();
  });
}

test("shows every committed model in every mode", async ({ page }) => {
  const recorder = new FrameRecorder("models");
  await openPaused(page);
  for (const [name, { crc32 }] of Object.entries(models)) {
    await page.locator("#device-model").selectOption(name);
    await advance(page, 50);
    await expect(screen(page)).toHaveAttribute("data-model", crc32);
    await everyMode(page, recorder, MOUSE);
  }
  recorder.finish();
});

test("shows a minute's change and the setting of the clock", async ({ page }) => {
  const recorder = new FrameRecorder("clock");
  await openPaused(page, "#mode=clock&panel=tft");
  await recorder.record(page);
  // Shortly before ten o'clock, at which all digits change over some seconds.
  await page.clock.fastForward(8_000);
  const views = new Set<string>();
  for (let part = 0; part < 12; part += 1) {
    await advance(page, 400);
    views.add(await recorder.record(page));
  }
  expect([...views].some((view) => view.includes("from=09:59 to=10:00"))).toBe(true);
  expect(views.size).toBeGreaterThan(5);
  await press(page, "act", "long");
  expect(await recorder.record(page)).not.toContain("set=-");
  for (let position = 0; position < 4; position += 1) {
    await press(page, "act");
    await recorder.record(page);
    await press(page, "mode");
    await recorder.record(page);
  }
  recorder.finish();
});
