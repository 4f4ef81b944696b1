// Operation by keyboard alone: Tab reaches every control, its focus is visible, and it works.
import { expectations } from "./environment.js";
import type { Page } from "@playwright/test";
import { expect, mode, open, test } from "./page.js";

/** Moves the focus by Tab until it is at an element. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const target = page.locator(selector);
  for (let step = 0; step < 200; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

test("Tab reaches every control, each with a visible focus", async ({ page }) => {
  await open(page, "#mode=about");
  const expected = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, [tabindex]");
    const controls = [...all].filter((element) => {
      const disabled = element.matches(":disabled") || element.tabIndex < 0;
      // Of a group of radio buttons, Tab reaches the selected one.
      const otherRadio = element.matches("input[type=radio]:not(:checked)");
      return element.checkVisibility({ visibilityProperty: true }) && !disabled && !otherRadio;
    });
    controls.forEach((element, index) => (element.dataset["control"] = String(index)));
    return controls.length;
  });
  expect(expected).toBeGreaterThan(30);
  const reached = new Set<string>();
  const unmarked: string[] = [];
  for (let step = 0; step < 2 * expected && reached.size < expected; step += 1) {
    await page.keyboard.press("Tab");
    const { index, marked, name } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const styles = (element: Element) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
        return [outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor].join();
      };
      // The focus may be shown by the element, its label or a part of it.
      const shown = [element, ...element.querySelectorAll("*"), ...(element.closest("label")?.querySelectorAll("*") ?? [])];
      const focused = shown.map(styles);
      const { activeElement } = document;
      element.blur();
      const blurred = shown.map(styles);
      (activeElement as HTMLElement).focus();
      const marked = focused.some((text, position) => text !== blurred[position]);
      return { index: element.dataset["control"], marked, name: element.outerHTML.slice(0, 80) };
    });
    if (index !== undefined) {
      reached.add(index);
      if (!marked) {
        unmarked.push(name);
      }
    }
  }
  const missing = await page.evaluate(
    (reached) =>
      [...document.querySelectorAll<HTMLElement>("[data-control]")]
        .filter((element) => !reached.includes(element.dataset["control"]!))
        .map((element) => element.outerHTML.slice(0, 80)),
    [...reached],
  );
  expect(missing).toEqual([]);
  expect(unmarked).toEqual([]);
});

test("the first Tab focuses the link to the device", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText("Skip to the device");
  await expect(page.locator(":focus")).toBeInViewport();
});

test("the device is operated from the keyboard", async ({ page }) => {
  await open(page);
  await tabTo(page, "#modes input:checked");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => mode(page)).toBe("digit");
  await tabTo(page, "#panel");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("#screen")).toHaveAttribute("data-panel", "oled");
  await tabTo(page, "#next-theme");
  await page.keyboard.press("Enter");
  await expect(page.locator("#screen")).toHaveAttribute("data-theme", "1");
  await tabTo(page, "#device-class");
  await page.keyboard.press("4");
  await tabTo(page, "#device-seed");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("77");
  await page.keyboard.press("Enter");
  await expect(page.locator("#screen")).toHaveAttribute("data-view", "digit class=4 seed=77");
});

test("the lab is operated from the keyboard", async ({ page }) => {
  await open(page, "#class=3&seed=7&mode=digit");
  const crc = page.locator("#sample-crc");
  /** Presses a key and waits for another image. */
  const changes = async (...keys: string[]) => {
    const before = (await crc.textContent())!;
    for (const key of keys) {
      await page.keyboard.press(key);
    }
    await expect(crc).not.toHaveText(before);
  };
  await tabTo(page, "#classes button:nth-child(6)");
  await changes("Enter");
  await tabTo(page, "#next-seed");
  await changes("Space");
  await tabTo(page, "#latent");
  await changes("ArrowRight", "ArrowUp", "ArrowUp", "ArrowUp", "PageUp", "PageUp");
  await tabTo(page, "#latent-reset");
  await changes("Enter");
  await tabTo(page, "#pad");
  await changes("ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp");
  await tabTo(page, "#position");
  const position = (await page.locator("#position-value").textContent())!;
  await page.keyboard.press("End");
  await expect(page.locator("#position-value")).not.toHaveText(position);
  await tabTo(page, "#grid [tabindex='0']");
  await changes("ArrowDown", "ArrowRight", "Enter");
});

test("a model file is chosen and its UF2 file downloaded from the keyboard", async ({ page }) => {
  const { path } = expectations().ownModel;
  await open(page);
  // Before the focus moves: the browser takes some time to redirect file choosers.
  const chooser = page.waitForEvent("filechooser");
  await tabTo(page, "#choose-file");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(path);
  await expect(page.locator("#model-status")).toContainText("own.tgan is valid");
  await tabTo(page, "#uf2-pico");
  const download = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  await download;
});
