// Ten minutes of the latent walk, fast-forwarded: the display keeps changing, and memory does not grow.
import type { Page } from "@playwright/test";
import { advance, debuggerOf, expect, openPaused, test, view } from "./page.js";

const MINUTES = 10;
/** Bytes by which the JavaScript heap may grow: less than a byte per frame. */
const NOISE = 32_768;

/** Returns the bytes of JavaScript's heap after a garbage collection, and those of the WebAssembly. */
async function memory(page: Page): Promise<{ heap: number; wasm: number }> {
  const session = await debuggerOf(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const wasm = await page.evaluate(() => {
    return (window as unknown as { wasmMemory: WebAssembly.Memory }).wasmMemory.buffer.byteLength;
  });
  return { heap: usedSize, wasm };
}

test("ten minutes of the walk need no more memory", async ({ page }) => {
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    const record = async (bytes: BufferSource, imports: WebAssembly.Imports) => {
      const result = await instantiate(bytes, imports);
      Object.assign(window, { wasmMemory: result.instance.exports["memory"] });
      return result;
    };
    Object.assign(WebAssembly, { instantiate: record });
  });
  await openPaused(page, "#model=digits-nano&panel=mini&mode=walk");
  await advance(page, 60_000);
  const before = await memory(page);
  expect(before.wasm).toBeGreaterThan(65_536);
  const views = new Set<string>();
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await advance(page, 60_000);
    views.add(await view(page));
  }
  expect(views.size).toBe(MINUTES);
  const after = await memory(page);
  expect(after.wasm).toBe(before.wasm);
  expect(after.heap - before.heap).toBeLessThan(NOISE);
});
