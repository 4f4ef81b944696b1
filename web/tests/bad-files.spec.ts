// Invalid model files: the firmware's message appears, and the page continues to work.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { expectations } from "./environment.js";
import { expect, open, screen, test } from "./page.js";

const { badFiles, changedFiles, models, ownModel } = expectations();

/** Drops a file on the page, as the browser does. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
      return transfer;
    },
    [name, bytes.toString("base64")] as const,
  );
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.locator("#drop").dispatchEvent(type, { dataTransfer: transfer });
  }
}

/** Checks that the page still runs a committed model and takes a valid file. */
async function expectWorking(page: Page): Promise<void> {
  await expect(screen(page)).toHaveAttribute("data-model", models["digits"]!.crc32);
  await page.locator("#file").setInputFiles(ownModel.path);
  await expect(page.locator("#model-error")).toBeEmpty();
  await expect(screen(page)).toHaveAttribute("data-model", ownModel.crc32);
}

test("an invalid file that is chosen has the firmware's message", async ({ page }) => {
  expect(badFiles.length).toBeGreaterThan(10);
  await open(page);
  for (const { path, message } of badFiles) {
    await page.locator("#file").setInputFiles(path);
    await expect(page.locator("#model-error-name")).toHaveText(basename(path));
    await expect(page.locator("#model-error")).toHaveText(message);
    await expect(page.locator("#model-status")).toBeEmpty();
  }
  await expectWorking(page);
});

test("an invalid file that is dropped has the firmware's message", async ({ page }) => {
  await open(page);
  for (const { path, message } of badFiles) {
    await drop(page, basename(path), readFileSync(path));
    await expect(page.locator("#model-error-name")).toHaveText(basename(path));
    await expect(page.locator("#model-error")).toHaveText(message);
  }
  await expectWorking(page);
});

test("an empty file and several files are reported, and text is ignored", async ({ page }) => {
  await open(page);
  const error = page.locator("#model-error");
  await drop(page, "empty.tgan", Buffer.alloc(0));
  await expect(error).toContainText("the file is empty");
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["a"], "a.tgan"));
    transfer.items.add(new File(["b"], "b.tgan"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await expect(error).toContainText("these are 2 files");
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", "a digit");
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await expect(error).toContainText("these are 2 files");
  await expectWorking(page);
});

test("the name of a file is text, not markup", async ({ page }) => {
  await open(page);
  const name = "<img src=x onerror=alert(1)>.tgan";
  await drop(page, name, Buffer.from("no model"));
  await expect(page.locator("#model-error-name")).toHaveText(name);
  await expect(page.locator("img")).toHaveCount(0);
  await drop(page, name, readFileSync(ownModel.path));
  await expect(page.locator("#model-status")).toContainText("is valid");
  await expect(page.locator("img")).toHaveCount(0);
});

test("changed model files with a correct CRC-32 have the host's messages", async ({ page }) => {
  expect(changedFiles.length).toBeGreaterThanOrEqual(200);
  await open(page);
  const files = changedFiles.map(({ path }) => readFileSync(path).toString("base64"));
  const messages = await page.evaluate((files) => {
    return files.map((text) => {
      try {
        new window.thumbgan.ModelFile(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))).free();
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    });
  }, files);
  expect(messages).toEqual(changedFiles.map(({ message }) => message));
  await expectWorking(page);
});
