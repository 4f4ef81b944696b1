import assert from 'node:assert/strict';
import test from 'node:test';
import { Chip } from '../src/chip.mjs';
import * as flash from '../src/flash.mjs';
import * as rom from '../src/rom.mjs';

const RTT = 0x20000000;
const ERASE = 45e6;
const PROGRAM = 0.4e6;

/** Returns a chip with three sectors of zeros. */
function chip() {
  return new Chip(new Uint8Array(3 * 4096), RTT);
}

/** Lets the power fail after a time, in which `operation` runs. */
function interrupt(chip, nanos, operation) {
  chip.run = () => operation();
  chip.runUntilFailure(nanos, 1);
}

test('erasing sets the bits of complete sectors and takes its time', () => {
  const pico = chip();
  flash.erase(pico, 4096, 4096);
  const { flash: bytes } = pico.mcu;
  assert.ok(bytes.subarray(4096, 8192).every((byte) => byte === 0xff));
  assert.ok([4095, 8192].every((at) => bytes[at] === 0));
  assert.equal(pico.nanos, ERASE);
  flash.erase(pico, 100, 4096);
  assert.match(pico.stopped, /not complete sectors/);
});

test('programming clears bits only', () => {
  const pico = chip();
  pico.mcu.flash.set([0xf0, 0xff], 256);
  flash.program(pico, 256, new Uint8Array(256).fill(0x3c));
  assert.deepEqual([...pico.mcu.flash.subarray(255, 259)], [0, 0x30, 0x3c, 0]);
  assert.equal(pico.nanos, PROGRAM);
});

test('a power failure leaves complete sectors, one in between, and untouched ones', () => {
  const pico = chip();
  interrupt(pico, 1.5 * ERASE, () => flash.erase(pico, 0, 3 * 4096));
  const sector = (number) => new Set(pico.mcu.flash.subarray(4096 * number, 4096 * (number + 1)));
  assert.deepEqual(sector(0), new Set([0xff]));
  assert.ok(sector(1).size > 200);
  assert.deepEqual(sector(2), new Set([0]));
  assert.equal(pico.stopped, 'no power');
  assert.equal(pico.nanos, 1.5 * ERASE);
});

test('a power failure leaves a page that is programmed in part', () => {
  const pico = chip();
  pico.mcu.flash.fill(0xff, 0, 4096);
  interrupt(pico, 1.5 * PROGRAM, () => flash.program(pico, 0, new Uint8Array(768).fill(0x0f)));
  const page = (number) => pico.mcu.flash.subarray(256 * number, 256 * (number + 1));
  assert.ok(page(0).every((byte) => byte === 0x0f));
  assert.ok(page(1).every((byte) => (byte & 0x0f) === 0x0f));
  assert.ok(new Set(page(1)).size > 8);
  assert.ok(page(2).every((byte) => byte === 0xff));
});

test('the ROM finds its functions by their codes, and none for another code', () => {
  const pico = chip();
  const lookUp = (name) => {
    pico.core.registers.set([0x100, name.charCodeAt(0) | (name.charCodeAt(1) << 8)]);
    rom.call(pico, 0);
    return pico.core.registers[0];
  };
  const found = ['IF', 'EX', 'RE', 'RP', 'FC', 'CX', 'C4'].map(lookUp);
  assert.equal(new Set(found).size, 7);
  assert.ok(found.every((address) => address % 4 === 1));
  assert.equal(lookUp('??'), 0);
});

test('code in flash cannot erase it', () => {
  const pico = chip();
  const erase = 1 + ['IF', 'EX', 'FC', 'CX', 'RE'].indexOf('RE');
  pico.core.registers.set([0, 4096]);
  pico.core.LR = 0x10001001;
  rom.call(pico, erase);
  assert.match(pico.stopped, /RE is called from flash/);
  assert.equal(pico.mcu.flash[0], 0);
});
