// Images of the WebAssembly: byte for byte those of the host.
import { expectations } from "./environment.js";
import { expect, open, test } from "./page.js";

test("generates the host's images for 1,000 seeds of each model", async ({ page }) => {
  await open(page);
  for (const [name, { images }] of Object.entries(expectations().models)) {
    const found = await page.evaluate(
      ([name, count]) => {
        const { Lab, crc32, models } = window.thumbgan;
        const file = models[name]!;
        const lab = new Lab(file);
        return Array.from({ length: count }, (_, seed) => {
          return crc32(lab.generate(file.class_for_seed(BigInt(seed)), BigInt(seed)));
        });
      },
      [name, images.length] as const,
    );
    expect(images.length).toBe(1_000);
    expect(found, name).toEqual(images);
  }
});

test("shows the CRC-32 of the lab's image", async ({ page }) => {
  const { images } = expectations().models["digits-xs"]!;
  await open(page, "#model=digits-xs");
  const field = page.locator("#seed");
  for (const seed of [0, 7, 999]) {
    await field.fill(String(seed));
    // The class that goes with a seed where classes are equally frequent.
    await page.locator("#classes button").nth(seed % 10).click();
    await expect(page.locator("#sample-crc")).toHaveText(images[seed]!.toString(16).padStart(8, "0"));
  }
});
