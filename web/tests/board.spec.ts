// Comparison with a board over Web Serial.
import type { Page } from "@playwright/test";
import { expectations } from "./environment.js";
import { expect, open, test } from "./page.js";
import { type Behavior, mockSerial } from "./serial-mock.js";

const { models } = expectations();
const EQUAL = "web: 16 images, 0 of 12,544 bytes differ.";

async function connect(page: Page, behavior: Behavior): Promise<void> {
  await mockSerial(page, behavior);
  await open(page);
  await page.locator("#serial-connect").click();
}

test("a board is identified and its images are equal", async ({ page }) => {
  await connect(page, "board");
  await expect(page.locator("#serial-status")).toHaveText(EQUAL);
  await expect(page.locator("#serial-error")).toBeEmpty();
  const facts = page.locator("#serial-facts");
  await expect(facts).toContainText("web");
  await expect(facts).toContainText(models["digits-xs"]!.crc32);
  await expect(page.locator("#serial-pairs figure")).toHaveCount(16);
  // Other seeds, then the end.
  const first = (await page.locator("#serial-pairs figcaption").first().textContent())!;
  await page.locator("#serial-compare").click();
  await expect(page.locator("#serial-pairs figcaption").first()).not.toHaveText(first);
  await expect(page.locator("#serial-status")).toHaveText(EQUAL);
  await page.locator("#serial-disconnect").click();
  await expect(page.locator("#serial-status")).toHaveText("Disconnected.");
  await page.locator("#serial-connect").click();
  await expect(page.locator("#serial-status")).toHaveText(EQUAL);
});

test("damaged responses are requested again", async ({ page }) => {
  await page.clock.install();
  await mockSerial(page, "noisy");
  await open(page);
  await page.locator("#serial-connect").click();
  await expect(async () => {
    await page.clock.fastForward(2_100);
    await expect(page.locator("#serial-status")).toHaveText(EQUAL, { timeout: 20 });
  }).toPass();
});

test("a board with other images is reported with its differences", async ({ page }) => {
  await connect(page, "different");
  const status = page.locator("#serial-status");
  await expect(status).toHaveText(/^web: 16 images, [1-9][\d,]* of 12,544 bytes differ\.$/);
  await expect(page.locator("#serial-error")).toContainText("the images differ");
  await expect(page.locator("#serial-pairs figure.different")).toHaveCount(16);
});

test("a port without a board is reported", async ({ page }) => {
  await page.clock.install();
  await mockSerial(page, "mute");
  await open(page);
  await page.locator("#serial-connect").click();
  await expect(async () => {
    await page.clock.fastForward(2_100);
    await expect(page.locator("#serial-error")).toContainText("no response", { timeout: 20 });
  }).toPass();
  await expect(page.locator("#serial-connect")).toBeEnabled();
});

test("a board that is unplugged is reported", async ({ page }) => {
  await connect(page, "unplugged");
  await expect(page.locator("#serial-error")).toContainText("the board was disconnected");
  await expect(page.locator("#serial-connect")).toBeEnabled();
  await expect(page.locator("#serial-disconnect")).toBeDisabled();
});

for (const [behavior, message] of [
  ["busy", "cannot open the port: another program uses it"],
  ["canceled", "no port was selected"],
] as const) {
  test(`a port that is ${behavior} is reported`, async ({ page }) => {
    await connect(page, behavior);
    await expect(page.locator("#serial-error")).toContainText(message);
    await expect(page.locator("#serial-connect")).toBeEnabled();
  });
}

test("a browser without Web Serial is told so", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "serial", { get: () => undefined });
  });
  await open(page);
  await expect(page.locator("#serial-missing")).toBeVisible();
  await expect(page.locator("#serial-connect")).toBeHidden();
});
