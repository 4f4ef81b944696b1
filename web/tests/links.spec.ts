// Links: the fragment of the address selects what the page shows.
import { expectations } from "./environment.js";
import { expect, open, screen, test } from "./page.js";

const { models } = expectations();

test("a link selects model, display, mode, class, seed and theme", async ({ page }) => {
  await open(page, "#model=digits-xs&panel=tft&mode=digit&class=3&seed=18446744073709551615&theme=2");
  await expect(screen(page)).toHaveAttribute("data-view", "digit class=3 seed=18446744073709551615");
  await expect(screen(page)).toHaveAttribute("data-panel", "tft");
  await expect(screen(page)).toHaveAttribute("data-theme", "2");
  await expect(screen(page)).toHaveAttribute("data-model", models["digits-xs"]!.crc32);
  await expect(page.locator("#device-model")).toHaveValue("digits-xs");
  await expect(page.locator("#panel")).toHaveValue("tft");
  await expect(page.locator("#seed")).toHaveValue("18446744073709551615");
  await expect(page.locator("#classes [aria-pressed=true]")).toHaveText("3");
  await expect(page.locator("#link-errors")).toBeEmpty();
});

test("a link selects each mode", async ({ page }) => {
  await open(page, "#mode=about");
  for (const mode of ["about", "gallery", "digit", "walk", "clock"]) {
    await page.evaluate((hash) => (location.hash = hash), `#mode=${mode}`);
    await expect(screen(page)).toHaveAttribute("data-view", new RegExp(`^${mode} `));
  }
});

test("a link of the page leads to the same state", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const state = { model: "digits-nano", panel: "mini", mode: "digit", class: "8", seed: "123456789", theme: "1" };
  await open(page, `#${new URLSearchParams(state)}`);
  await page.locator("#copy-device-link").click();
  await expect(page.locator("#copy-device-link-status")).toHaveText("Link copied.");
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  expect(Object.fromEntries(new URLSearchParams(link.hash.slice(1)))).toEqual(state);
});

test("a link is followed on the open page", async ({ page }) => {
  await open(page, "#mode=digit&class=1&seed=1");
  await page.evaluate(() => (location.hash = "#mode=digit&class=6&seed=5&panel=oled"));
  await expect(screen(page)).toHaveAttribute("data-view", "digit class=6 seed=5");
  await expect(screen(page)).toHaveAttribute("data-panel", "oled");
});

const ERRORS = [
  ["model=none", 'model "none" does not exist'],
  ["panel=lcd", 'panel "lcd" does not exist'],
  ["mode=dance", 'mode "dance" does not exist'],
  ["class=10", 'class 10 is out of range: the model "digits" has classes 0 to 9'],
  ["class=-1", 'class "-1" is not an integer'],
  ["model=seed&class=1", 'the model "seed" is unconditional'],
  ["seed=18446744073709551616", 'seed "18446744073709551616" is not an integer'],
  ["seed=1e3", 'seed "1e3" is not an integer'],
  ["theme=256", 'theme "256" is not an integer'],
  ["color=red", '"color" is unknown'],
  ["class=%3Cimg%20src%3Dx%3E", 'class "<img src=x>" is not an integer'],
] as const;

test("invalid values of a link are reported, and the valid ones apply", async ({ page }) => {
  const errors = page.locator("#link-errors p");
  await open(page, "#panel=lcd&seed=-1&mode=digit&class=4");
  await expect(errors).toHaveCount(2);
  await expect(errors.first()).toContainText('panel "lcd" does not exist');
  await expect(errors.last()).toContainText('seed "-1" is not an integer');
  await expect(screen(page)).toHaveAttribute("data-view", /^digit class=4 /);
  for (const [fragment, message] of ERRORS) {
    // A link on the open page, with a valid value that the page did not have.
    const valid = (await screen(page).getAttribute("data-theme")) === "1" ? "2" : "1";
    await page.evaluate((hash) => (location.hash = hash), `#model=digits&${fragment}&theme=${valid}`);
    await expect(errors).toHaveCount(1);
    await expect(errors).toContainText(message);
    if (!fragment.startsWith("theme")) {
      await expect(screen(page)).toHaveAttribute("data-theme", valid);
    }
  }
  await expect(page.locator("#link-errors img")).toHaveCount(0);
});
