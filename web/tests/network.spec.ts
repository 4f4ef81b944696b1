// Network: requests only while the hosted page loads, and none at all for the page in one file.
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { environment } from "./environment.js";
import { expect, mode, open, test } from "./page.js";

/** Records the addresses of all requests except those of content inside the page. */
function requests(page: Page): string[] {
  const addresses: string[] = [];
  page.context().on("request", (request) => {
    if (!/^(data|blob):/.test(request.url())) {
      addresses.push(request.url());
    }
  });
  page.on("websocket", (socket) => addresses.push(socket.url()));
  return addresses;
}

/** Uses every part of the page. */
async function use(page: Page): Promise<void> {
  for (const model of ["seed", "digits-nano", "digits"]) {
    await page.locator("#device-model").selectOption(model);
  }
  await page.locator("#panel").selectOption("tft");
  await page.locator("#mode-button").click();
  await expect.poll(() => mode(page)).toBe("digit");
  await page.locator("#random-seed").click();
  const download = page.waitForEvent("download");
  await page.locator("#uf2-pico").click();
  await download;
}

test("the hosted page requests its own files only, and nothing after loading", async ({ page }) => {
  const addresses = requests(page);
  await open(page);
  for (const address of addresses) {
    expect(address.startsWith(environment.address)).toBe(true);
  }
  expect(addresses.some((address) => address.endsWith(".wasm"))).toBe(true);
  addresses.length = 0;
  await use(page);
  expect(addresses).toEqual([]);
});

test("the page works without a network after loading", async ({ page, context }) => {
  await open(page);
  await context.setOffline(true);
  await use(page);
});

test("the page in one file works from a disk without any request", async ({ page, context }) => {
  const address = pathToFileURL(environment.standalone).href;
  const addresses = requests(page);
  await context.setOffline(true);
  await open(page, "#mode=gallery", address);
  await use(page);
  expect(addresses).toEqual([address]);
});

test("the policy of the page allows no other source", async ({ page }) => {
  await open(page);
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe-inline");
  expect(policy).not.toMatch(/unsafe-eval'.*unsafe-eval'|[^-]unsafe-eval/);
  expect(policy).not.toMatch(/https?:/);
});
