// Ten minutes of the latent walk, fast-forwarded: the display keeps changing, and memory does not grow.
import type { Page } from "@playwright/test";
import { debuggerOf, expect, open, test, view } from "./page.js";

const MINUTES = 10;
/** Maximum growth of the JavaScript heap in bytes: less than two references for each of 18,000 frames. */
const NOISE = 131_072;

interface Instruments {
  readonly memory: WebAssembly.Memory;
  /** Lets a minute pass, frame by frame, and returns the number of different frames. */
  minute(): number;
}

/** Replaces the clock and animation frames by ones that run on demand and, unlike Playwright's, without pauses. */
async function instrument(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    let memory: WebAssembly.ExportValue | undefined;
    const record = async (bytes: BufferSource, imports: WebAssembly.Imports) => {
      const result = await instantiate(bytes, imports);
      memory = result.instance.exports["memory"];
      return result;
    };
    Object.assign(WebAssembly, { instantiate: record });
    let now = 0;
    let callbacks: FrameRequestCallback[] = [];
    Object.assign(performance, { now: () => now });
    Object.assign(window, {
      requestAnimationFrame: (callback: FrameRequestCallback) => callbacks.push(callback),
      instruments: {
        get memory() {
          return memory;
        },
        minute() {
          const { dataset } = document.querySelector<HTMLElement>("#screen")!;
          let changes = 0;
          for (const end = now + 60_000; now < end; ) {
            now += 1000 / 30;
            const before = dataset["view"];
            const due = callbacks;
            callbacks = [];
            for (const callback of due) {
              callback(now);
            }
            changes += dataset["view"] === before ? 0 : 1;
          }
          return changes;
        },
      },
    });
  });
}

async function minute(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { instruments: Instruments }).instruments.minute());
}

/** Returns the bytes of JavaScript's heap after a garbage collection, and those of the WebAssembly. */
async function memory(page: Page): Promise<{ heap: number; wasm: number }> {
  const session = await debuggerOf(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const wasm = await page.evaluate(() => {
    return (window as unknown as { instruments: Instruments }).instruments.memory.buffer.byteLength;
  });
  return { heap: usedSize, wasm };
}

test("ten minutes of the latent walk do not increase memory use", async ({ page }) => {
  await instrument(page);
  await open(page, "#model=digits-nano&panel=mini&mode=walk");
  await minute(page);
  const before = await memory(page);
  expect(before.wasm).toBeGreaterThan(65_536);
  const views = new Set<string>();
  for (let index = 0; index < MINUTES; index += 1) {
    expect(await minute(page)).toBeGreaterThan(1_500);
    views.add(await view(page));
  }
  expect(views.size).toBe(MINUTES);
  const after = await memory(page);
  expect(after.wasm).toBe(before.wasm);
  expect(after.heap - before.heap).toBeLessThan(NOISE);
});
