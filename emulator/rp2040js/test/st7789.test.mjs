import assert from 'node:assert/strict';
import test from 'node:test';
import { SIZE, St7789 } from '../src/st7789.mjs';

const levels = { select: false, data: false, reset: true, light: true };

/** Returns a display with functions that send a command with its parameters, and that read a pixel. */
function display() {
  const pins = { ...levels };
  const panel = new St7789(() => pins);
  const send = (command, ...parameters) => {
    pins.data = false;
    panel.receive(command);
    pins.data = true;
    for (const parameter of parameters) panel.receive(parameter);
  };
  return { panel, pins, send, pixel: (x, y) => panel.pixels()[y * SIZE + x] };
}

/** Turns a display on, in the orientation that its viewer sees upright. */
function turnOn({ send }) {
  send(0x11);
  send(0x29);
  send(0x21);
  send(0x36, 0x60);
}

test('a window is filled row by row', () => {
  const screen = display();
  turnOn(screen);
  screen.send(0x2a, 0, 10, 0, 11);
  screen.send(0x2b, 0, 20, 0, 21);
  screen.send(0x2c, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88);
  const found = [[10, 20], [11, 20], [10, 21], [11, 21], [12, 20], [10, 22]].map(([x, y]) => screen.pixel(x, y));
  assert.deepEqual(found, [0x1122, 0x3344, 0x5566, 0x7788, 0, 0]);
  assert.equal(screen.panel.writes, 1);
});

test('the orientation moves pixels', () => {
  const screen = display();
  turnOn(screen);
  screen.send(0x36, 0x00);
  screen.send(0x2c, 0xab, 0xcd);
  assert.equal(screen.pixel(0, 0), 0);
  assert.equal(screen.pixel(0, SIZE - 1), 0xabcd);
});

test('the panel is dark when it is off, asleep, without light, or in reset', () => {
  const screen = display();
  screen.send(0x2c, 0xff, 0xff);
  screen.send(0x21);
  const lit = () => screen.panel.pixels().some((color) => color !== 0);
  assert.ok(!lit());
  screen.send(0x29);
  assert.ok(!lit());
  screen.send(0x11);
  assert.ok(lit());
  screen.pins.light = false;
  assert.ok(!lit());
});

test('bytes without chip select or in reset are ignored', () => {
  const screen = display();
  for (const pin of [{ select: true }, { reset: false }]) {
    Object.assign(screen.pins, pin);
    screen.send(0x29);
    Object.assign(screen.pins, levels);
  }
  assert.ok(!screen.panel.on);
  assert.equal(screen.panel.bytes, 0);
});

test('without inversion the colors are inverted', () => {
  const screen = display();
  turnOn(screen);
  screen.send(0x20);
  assert.equal(screen.pixel(0, 0), 0xffff);
});
