// Buttons of the board: mouse, touch and keyboard, short and long presses.
import { advance, debuggerOf, expect, mode, openPaused, press, PRESS, pressKey, test, theme, view } from "./page.js";

const MODES = ["gallery", "digit", "walk", "clock", "about"];

test("MODE selects the modes in their order", async ({ page }) => {
  await openPaused(page);
  for (const expected of [...MODES, "gallery"]) {
    expect(await mode(page)).toBe(expected);
    await expect(page.locator("#modes input:checked")).toHaveValue(expected);
    await press(page, "mode");
  }
});

test("MODE held for 0.6 s selects the next theme and leaves the mode", async ({ page }) => {
  await openPaused(page, "#mode=digit");
  const before = await view(page);
  await page.locator("#mode-button").hover();
  await page.mouse.down();
  await advance(page, 500);
  expect(await theme(page)).toBe(0);
  await advance(page, 200);
  expect(await theme(page)).toBe(1);
  await page.mouse.up();
  await advance(page, PRESS.short);
  expect(await view(page)).toBe(before);
});

test("ACT selects the next class, held a new latent", async ({ page }) => {
  await openPaused(page, "#mode=digit&class=3&seed=7");
  await press(page, "act");
  expect(await view(page)).toBe("digit class=4 seed=7");
  await press(page, "act", "long");
  expect(await view(page)).toBe("digit class=4 seed=8");
});

test("the keys press the buttons, except in fields and after they are turned off", async ({ page }) => {
  await openPaused(page, "#mode=digit&class=3&seed=7");
  await pressKey(page, "a");
  expect(await view(page)).toBe("digit class=4 seed=7");
  await pressKey(page, "m", "long");
  expect(await theme(page)).toBe(1);
  await page.locator("#device-seed").focus();
  await pressKey(page, "m");
  expect(await mode(page)).toBe("digit");
  await page.locator("#keys").uncheck();
  await page.locator("#keys").blur();
  await pressKey(page, "m");
  expect(await mode(page)).toBe("digit");
});

test("Space and Enter press the focused button, also for long", async ({ page }) => {
  await openPaused(page, "#mode=digit&class=3&seed=7");
  await page.locator("#act-button").focus();
  await pressKey(page, "Enter");
  expect(await view(page)).toBe("digit class=4 seed=7");
  await page.locator("#mode-button").focus();
  await pressKey(page, "Space", "long");
  expect(await theme(page)).toBe(1);
  await pressKey(page, "Space");
  expect(await mode(page)).toBe("walk");
});

test("a press that leaves the button ends with the pointer", async ({ page }) => {
  await openPaused(page, "#mode=digit");
  await page.locator("#mode-button").hover();
  await page.mouse.down();
  await page.mouse.move(0, 0);
  await page.mouse.up();
  await advance(page, 2_000);
  expect(await theme(page)).toBe(0);
});

test.describe("on a touch screen", () => {
  test.use({ hasTouch: true, viewport: { width: 360, height: 740 } });

  test("a tap is a short press", async ({ page }) => {
    await openPaused(page, "#mode=digit&class=3&seed=7");
    await page.locator("#act-button").tap();
    await advance(page, PRESS.short);
    expect(await view(page)).toBe("digit class=4 seed=7");
  });

  test("a held finger is a long press", async ({ page }) => {
    await openPaused(page, "#mode=digit&class=3&seed=7");
    const button = page.locator("#act-button");
    await button.scrollIntoViewIfNeeded();
    const box = (await button.boundingBox())!;
    const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
    const session = await debuggerOf(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await advance(page, PRESS.long);
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await advance(page, PRESS.short);
    expect(await view(page)).toBe("digit class=3 seed=8");
  });

  test("two fingers press both buttons", async ({ page }) => {
    await openPaused(page, "#mode=digit&class=3&seed=7");
    await page.locator("#act-button").scrollIntoViewIfNeeded();
    const points = await Promise.all(
      ["#mode-button", "#act-button"].map(async (button, id) => {
        const box = (await page.locator(button).boundingBox())!;
        return { x: box.x + box.width / 2, y: box.y + box.height / 2, id };
      }),
    );
    const session = await debuggerOf(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points });
    await advance(page, PRESS.long);
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await advance(page, PRESS.short);
    expect(await theme(page)).toBe(1);
    expect(await view(page)).toBe("digit class=3 seed=8");
  });
});
