// Downloaded images.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, open, test } from "./page.js";

async function download(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const event = page.waitForEvent("download");
  await page.locator(button).click();
  const file = await event;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Returns the size of an image file and the number of its frames, as the browser decodes it. */
async function decode(page: Page, bytes: Buffer, type: string) {
  return page.evaluate(
    async ([text, type]) => {
      const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const { ImageDecoder } = window as unknown as {
        ImageDecoder: new (options: object) => {
          readonly tracks: { ready: Promise<void>; selectedTrack: { frameCount: number } };
          readonly completed: Promise<void>;
          decode(): Promise<{ image: { displayWidth: number; displayHeight: number } }>;
        };
      };
      const decoder = new ImageDecoder({ data, type });
      await decoder.completed;
      await decoder.tracks.ready;
      const { image } = await decoder.decode();
      return { width: image.displayWidth, height: image.displayHeight, frames: decoder.tracks.selectedTrack.frameCount };
    },
    [bytes.toString("base64"), type] as const,
  );
}

test("the image is downloaded as a PNG file with its pixels", async ({ page }) => {
  await open(page, "#mode=digit&class=3&seed=7");
  const { name, bytes } = await download(page, "#sample-png");
  expect(name).toBe("digits-class3-seed7.png");
  const found = await page.evaluate(async (text) => {
    const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([data], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    context.drawImage(image, 0, 0);
    const { data: rgba } = context.getImageData(0, 0, image.width, image.height);
    const pixels = rgba.filter((_, index) => index % 4 === 0);
    return { width: image.width, height: image.height, pixels: [...pixels] };
  }, bytes.toString("base64"));
  expect([found.width, found.height]).toEqual([28, 28]);
  const expected = await page.evaluate(() => {
    const { Lab, models } = window.thumbgan;
    return [...new Lab(models["digits"]!).generate(3, 7n)];
  });
  expect(found.pixels).toEqual(expected);
});

test("the interpolation is downloaded as a GIF file with several frames", async ({ page }) => {
  await open(page);
  const { name, bytes } = await download(page, "#interpolation-gif");
  expect(name).toMatch(/\.gif$/);
  expect(bytes.subarray(0, 6).toString("latin1")).toBe("GIF89a");
  const { width, height, frames } = await decode(page, bytes, "image/gif");
  expect(width).toBe(height);
  expect(width % 28).toBe(0);
  expect(frames).toBeGreaterThan(10);
});
