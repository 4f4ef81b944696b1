import assert from 'node:assert/strict';
import test from 'node:test';
import { Simulator } from 'rp2040js';
import * as spi from '../src/spi.mjs';

const CONTROL_0 = 0x00;
const DATA = 0x08;
const STATUS = 0x0c;
const PRESCALER = 0x10;
const BUSY = 1 << 4;
const NOT_FULL = 1 << 1;

/** Returns a controller at 31.25 MHz, its clock, and the bytes that the device receives. */
function controller(bits) {
  const { clock, rp2040 } = new Simulator();
  const bytes = [];
  const bus = rp2040.spi[1];
  bus.writeUint32(PRESCALER, 2);
  bus.writeUint32(CONTROL_0, (1 << 8) | (bits - 1));
  spi.connect(bus, clock, (byte) => bytes.push(byte));
  return { bus, clock, bytes };
}

test('a byte takes 8 bit times, and the FIFO holds 8 bytes behind it', () => {
  const { bus, clock, bytes } = controller(8);
  for (let byte = 0; byte < 9; byte++) {
    assert.ok(bus.readUint32(STATUS) & NOT_FULL);
    bus.writeUint32(DATA, byte);
  }
  assert.ok(!(bus.readUint32(STATUS) & NOT_FULL));
  clock.tick(255);
  assert.deepEqual(bytes, []);
  clock.tick(1);
  assert.deepEqual(bytes, [0]);
  assert.ok(bus.readUint32(STATUS) & NOT_FULL);
  clock.tick(8 * 256 - 1);
  assert.ok(bus.readUint32(STATUS) & BUSY);
  clock.tick(1);
  assert.ok(!(bus.readUint32(STATUS) & BUSY));
  assert.deepEqual(bytes, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a word of 16 bits is sent with its high byte first', () => {
  const { bus, clock, bytes } = controller(16);
  bus.writeUint32(DATA, 0x1234);
  clock.tick(512);
  assert.deepEqual(bytes, [0x12, 0x34]);
});
