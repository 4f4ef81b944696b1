// Model file of the user: device, lab and UF2 files use it.
import { readFileSync } from "node:fs";
import { expectations } from "./environment.js";
import { expect, open, screen, test } from "./page.js";

const { ownModel } = expectations();

test("device, lab and lists use the file", async ({ page }) => {
  await open(page, "#mode=digit&class=3&seed=13");
  await page.locator("#file").setInputFiles(ownModel.path);
  await expect(page.locator("#model-status")).toContainText("own.tgan is valid");
  await expect(screen(page)).toHaveAttribute("data-model", ownModel.crc32);
  await expect(page.locator("#device-model")).toHaveValue("own");
  for (const select of await page.locator(".model-select").all()) {
    await expect(select).toHaveValue("own");
  }
  await expect(page.locator("#classes button")).toHaveText([...ownModel.classNames]);
  await page.locator("#seed").fill("13");
  await page.locator("#classes button").nth(3).click();
  await expect(page.locator("#sample-crc")).toHaveText(ownModel.images[13]!.toString(16).padStart(8, "0"));
  // Another model and back.
  await page.locator("#device-model").selectOption("seed");
  await expect(page.locator("#classes button")).toHaveCount(0);
  await page.locator("#device-model").selectOption("own");
  await expect(screen(page)).toHaveAttribute("data-model", ownModel.crc32);
  const images = await page.evaluate(() => {
    const { Lab, crc32, models } = window.thumbgan;
    const lab = new Lab(models["own"]!);
    return Array.from({ length: 100 }, (_, seed) => crc32(lab.generate(seed % 10, BigInt(seed))));
  });
  expect(images).toEqual(ownModel.images.slice(0, 100));
});

test("the UF2 files are those of the host", async ({ page }) => {
  await open(page);
  await page.locator("#file").setInputFiles(ownModel.path);
  await expect(page.locator("#model-status")).toContainText("is valid");
  for (const [board, path] of Object.entries(ownModel.uf2)) {
    const event = page.waitForEvent("download");
    await page.locator(`#uf2-${board}`).click();
    const download = await event;
    expect(download.suggestedFilename()).toBe(`own-${board}.uf2`);
    expect(readFileSync(await download.path()).equals(readFileSync(path))).toBe(true);
  }
});

test("the same file is listed once", async ({ page }) => {
  await open(page);
  await page.locator("#file").setInputFiles(ownModel.path);
  await expect(page.locator("#model-status")).toContainText("is valid");
  const count = await page.locator("#model-list input").count();
  await page.locator("#device-model").selectOption("digits");
  await page.locator("#file").setInputFiles(ownModel.path);
  await expect(page.locator("#model-status")).toContainText("has this file already");
  await expect(page.locator("#model-list input")).toHaveCount(count);
  await expect(screen(page)).toHaveAttribute("data-model", ownModel.crc32);
});
