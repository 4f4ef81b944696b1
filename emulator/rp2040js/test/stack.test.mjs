import assert from 'node:assert/strict';
import test from 'node:test';
import { Chip } from '../src/chip.mjs';

test('the deepest byte that was written is the end of the used stack', () => {
  const chip = new Chip(new Uint8Array(4096), 0x20000000);
  const [end, start] = [0x20030000, 0x20040000];
  chip.mcu.writeUint32(start - 4, 1);
  chip.mcu.writeUint32(start - 400, 0x123456a5);
  assert.equal(chip.usedStack(end, start), 399);
  // Unused bytes below do not count.
  assert.equal(chip.usedStack(end + 16, start), 399);
});
