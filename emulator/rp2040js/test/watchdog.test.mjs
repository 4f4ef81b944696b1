import assert from 'node:assert/strict';
import test from 'node:test';
import { Board } from '../src/board.mjs';

const RTT = 0x20000000;
const CONTROL = 0x40058000;
const LOAD = 0x40058004;
const REASON = 0x40058008;
const SCRATCH = 0x4005800c;
const ENABLE = 1 << 30;
const TIMED_OUT = 1;
const MILLISECOND = 1e6;
/** Address of RAM that nothing else uses. */
const WORD = 0x20001000;

/** Returns a board whose program is a loop. */
function board() {
  const flash = new Uint8Array(4096);
  const view = new DataView(flash.buffer);
  view.setUint32(0x100, 0x20040000, true);
  view.setUint32(0x104, 0x10000201, true);
  view.setUint16(0x200, 0xe7fe, true);
  return new Board({ flash, rtt: RTT, usb: false, display: 'square' });
}

/** Sets the watchdog's counter, which counts half microseconds. */
const feed = (pico, micros) => pico.chip.mcu.writeUint32(LOAD, 2 * micros);

test('the watchdog resets a chip that does not feed it, which RAM and scratch registers survive', () => {
  const pico = board();
  const { chip } = pico;
  feed(pico, 1000);
  chip.mcu.writeUint32(CONTROL, ENABLE);
  chip.mcu.writeUint32(SCRATCH, 1234);
  chip.mcu.writeUint32(WORD, 5678);
  for (let fed = 0; fed < 3; fed++) {
    pico.run(0.9 * MILLISECOND, false);
    feed(pico, 1000);
  }
  assert.equal(pico.resets, 0);
  pico.run(5 * MILLISECOND, false);
  assert.equal(pico.resets, 1);
  assert.ok(Math.abs(pico.chip.nanos - 3.7 * MILLISECOND) < 1000, `${pico.chip.nanos}`);
  const { mcu } = pico.chip;
  assert.notEqual(pico.chip, chip);
  assert.deepEqual([REASON, SCRATCH, WORD].map((at) => mcu.readUint32(at)), [TIMED_OUT, 1234, 5678]);
  // The watchdog is off until the program starts it.
  pico.run(5 * MILLISECOND, false);
  assert.equal(pico.resets, 1);
});

test('a program that hangs makes no progress', () => {
  const pico = board();
  pico.chip.hang();
  const { PC } = pico.chip.core;
  for (let event = 0; event < 3; event++) {
    pico.run(MILLISECOND, false);
    const progress = pico.chip.core.PC - PC;
    assert.ok([0, 2].includes(progress), `${progress} bytes`);
    pico.chip.core.waiting = false;
  }
});
