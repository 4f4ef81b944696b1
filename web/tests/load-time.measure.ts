// Time from the start of the navigation to the first digit on the display.
import { open, test } from "./page.js";

const LOADS = 10;

test("time to the first digit", async ({ browser }) => {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    // A new context has an empty cache.
    const page = await browser.newPage();
    await open(page);
    times.push(await page.evaluate(() => performance.getEntriesByName("first-frame")[0]!.startTime));
    await page.close();
  }
  times.sort((one, other) => one - other);
  const [shortest = 0, longest = 0] = [times[0], times.at(-1)];
  const median = (times[LOADS / 2 - 1]! + times[LOADS / 2]!) / 2;
  const [text, low, high] = [median, shortest, longest].map((time) => time.toFixed(0));
  console.log(`first digit after ${text} ms (median of ${LOADS} loads; ${low} to ${high} ms)`);
});
