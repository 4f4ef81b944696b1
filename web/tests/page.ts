// The page under test: opens it, controls its clock, and fails tests that cause errors.
import { type CDPSession, expect, type Page, test as base } from "@playwright/test";
import type * as api from "../generated/thumbgan.js";

declare global {
  interface Window {
    /** Console API, see web/page/console.ts. */
    thumbgan: Pick<typeof api, "Device" | "Lab" | "Link" | "ModelFile" | "PanelKind" | "crc32" | "slerp"> & {
      readonly models: Record<string, api.ModelFile>;
      readonly device: api.Device;
    };
  }
}

export { expect };

/** Test that fails if the page logs an error or throws one. */
export const test = base.extend<{ errors: string[] }>({
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") {
          errors.push(`${message.type()}: ${message.text()}`);
        }
      });
      page.on("pageerror", (error) => errors.push(String(error)));
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

/** Time of day at which tests with their own clock begin. */
const START = new Date(2026, 5, 1, 9, 58, 50);
/** Time from START until the clock stops, in milliseconds. */
const LOADING = 60_000;
/** Time in which the stopped clock runs one frame, in milliseconds. */
const FRAME = 20;

/** Opens the page and waits until all sections are ready. */
export async function open(page: Page, fragment = "", address = ""): Promise<void> {
  await page.goto(`${address}${fragment}`);
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
}

/** Opens the page with a clock that runs only in {@link advance}. */
export async function openPaused(page: Page, fragment = ""): Promise<void> {
  await page.clock.install({ time: START });
  await open(page, fragment);
  await page.clock.pauseAt(new Date(START.getTime() + LOADING));
  await advance(page, FRAME);
}

/** Lets time pass: all frames and timers run in their order. */
export async function advance(page: Page, milliseconds: number): Promise<void> {
  await page.clock.runFor(milliseconds);
}

/** Buttons of the board. */
export type ButtonName = "mode" | "act";

/** Durations of a short and a long press in milliseconds, on either side of the threshold of 0.6 s. */
export const PRESS = { short: 100, long: 900 } as const;

/** Presses a button with the mouse, on a page with a stopped clock. */
export async function press(page: Page, button: ButtonName, length: keyof typeof PRESS = "short"): Promise<void> {
  await page.locator(`#${button}-button`).hover();
  await page.mouse.down();
  await advance(page, PRESS[length]);
  await page.mouse.up();
  await advance(page, PRESS.short);
}

/** Presses a button's key on a page with a stopped clock. */
export async function pressKey(page: Page, key: string, length: keyof typeof PRESS = "short"): Promise<void> {
  await page.keyboard.down(key);
  await advance(page, PRESS[length]);
  await page.keyboard.up(key);
  await advance(page, PRESS.short);
}

/** Display of the device. */
export const screen = (page: Page) => page.locator("#screen");

/** Returns the view state on the display. */
export async function view(page: Page): Promise<string> {
  return (await screen(page).getAttribute("data-view")) ?? "";
}

/** Returns the mode on the display. */
export async function mode(page: Page): Promise<string> {
  return (await view(page)).split(" ", 1)[0] ?? "";
}

/** Returns the theme on the display. */
export async function theme(page: Page): Promise<number> {
  return Number(await screen(page).getAttribute("data-theme"));
}

/** Returns a session with the browser's debugger. */
export async function debuggerOf(page: Page): Promise<CDPSession> {
  return page.context().newCDPSession(page);
}
