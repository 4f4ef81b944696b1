// Boot ROM of the RP2040: its look-up and the functions that erase and program the flash.
//
// Each function is a breakpoint followed by a return. The emulator reports the breakpoint, and the function is
// executed here.

import { erase, program } from './flash.mjs';

const LOOK_UP = 0;
const FIRST_ADDRESS = 0x40;
const TABLE = 0x100;
const BREAKPOINT = 0xbe00;
const RETURN = 0x4770;

/** Functions by their code in the table; arguments are the registers R0 to R3, results go to R0. */
const FUNCTIONS = {
  IF: () => {},
  EX: () => {},
  FC: () => {},
  CX: () => {},
  RE: (chip, address, length) => erase(chip, address, length),
  RP: (chip, address, data, length) => program(chip, address, chip.memory(data, length)),
  MC: copy,
  C4: copy,
};
/** Functions that stop the flash from being read: code in flash cannot call them. */
const FROM_RAM = ['EX', 'RE', 'RP'];

function copy(chip, to, from, length) {
  const bytes = chip.memory(from, length);
  bytes.forEach((byte, index) => chip.mcu.writeUint8(to + index, byte));
  return to;
}

const NAMES = Object.keys(FUNCTIONS);
const address = (index) => FIRST_ADDRESS + 4 * index;
const code = (name) => name.charCodeAt(0) | (name.charCodeAt(1) << 8);

/** Returns the ROM's contents in words. */
export function image() {
  const rom = new DataView(new ArrayBuffer(16 * 1024));
  const set = (at, value) => rom.setUint16(at, value, true);
  set(0x14, TABLE);
  set(0x16, TABLE + 4 * NAMES.length);
  set(0x18, address(LOOK_UP) | 1);
  for (let index = 0; index <= NAMES.length; index++) {
    set(address(index), BREAKPOINT | index);
    set(address(index) + 2, RETURN);
  }
  NAMES.forEach((name, index) => {
    set(TABLE + 4 * index, code(name));
    set(TABLE + 4 * index + 2, address(index + 1) | 1);
  });
  return new Uint32Array(rom.buffer);
}

/** Executes the function of a breakpoint in the ROM. */
export function call(chip, number) {
  const [r0, r1, r2] = chip.core.registers;
  if (number === LOOK_UP) {
    const index = NAMES.findIndex((name) => code(name) === (r1 & 0xffff));
    chip.core.registers[0] = r0 === TABLE && index >= 0 ? address(index + 1) | 1 : 0;
    return;
  }
  const name = NAMES[number - 1];
  if (FROM_RAM.includes(name) && chip.core.LR >>> 28 === 1) {
    chip.stop(`the ROM function ${name} is called from flash, which cannot be read until it returns`);
    return;
  }
  chip.core.registers[0] = FUNCTIONS[name](chip, r0, r1, r2) ?? 0;
}
