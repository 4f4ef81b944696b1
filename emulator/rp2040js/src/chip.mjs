// RP2040 with its clock, its log and its power supply.
//
// An instruction takes the cycles of a Cortex-M0+ with zero-wait-state memory: the cache of the flash always hits.

import { Simulator } from 'rp2040js';
import * as rom from './rom.mjs';

const FLASH = 0x10000000;
const SECOND_STAGE = 0x100;
const ROM_END = 0x4000;
/** Registers of the flash's cache, which rp2040js lacks: nothing is pending in it. */
const CACHE_CONTROL = 0x14000;
const IDLE = { readUint32: () => 0, writeUint32Atomic: () => {} };
const WATCHDOG = 0x40058;
/** Loop of WFE and a branch to it, and where it is put: bytes below the stack pointer, which the stack does not use. */
const LOOP = 0xe7fdbf20;
const LOOP_DEPTH = 16 * 1024;
/** Bytes in RAM after power-on: bytes of the stack that still have this value have not been used. */
const PAINT = 0xa5;
/** Number of instructions between two checks of the log. */
const LOG_INTERVAL = 64;
/** Offset of the fields of channel 0 in the control block of RTT. */
const RTT = { buffer: 28, size: 32, write: 36, read: 40 };

export class Chip {
  /** Number of executed instructions. */
  instructions = 0;
  /** Time that the core has waited for interrupts, in nanoseconds. */
  asleep = 0;
  /** Called when the log has grown. */
  onLog = () => {};
  /** Reason for which the chip stopped, if it did. */
  stopped = null;
  /** True if the watchdog has reset the chip: the next one takes its place. */
  isReset = false;
  /** Time of the power failure in nanoseconds. */
  #failure = Infinity;
  #random = 0;
  /** Duration of a cycle of the core in nanoseconds. */
  #cycle = 1e9 / 125e6;
  #rtt;
  #log = [];
  /** Time before the last reset in nanoseconds. */
  #earlier = 0;

  /**
   * Powers a chip on whose flash has these contents. `rtt` is the address of the log's control block. With `before`, a chip that
   * its watchdog has reset, continues with what survives the reset: time, RAM and the watchdog's reason and scratch registers.
   */
  constructor(flash, rtt, before) {
    this.#rtt = rtt;
    this.clock = (this.simulator = new Simulator()).clock;
    this.mcu = this.simulator.rp2040;
    this.core = this.mcu.core;
    // rp2040js reports SEV but does not set the event, so that a task that wakes itself would never run.
    const ignore = () => {};
    const info = (_, text) => {
      if (text === 'SEV') this.core.eventRegistered = true;
    };
    this.mcu.logger = { debug: ignore, info, warn: ignore, error: ignore };
    this.mcu.peripherals[CACHE_CONTROL] = IDLE;
    this.mcu.loadBootrom(rom.image());
    this.mcu.flash.set(flash);
    this.mcu.addClockListener((hertz) => {
      this.#cycle = 1e9 / hertz;
    });
    this.mcu.onBreak = (number) => this.#break(number);
    const watchdog = this.mcu.peripherals[WATCHDOG];
    watchdog.onWatchdogTrigger = () => {
      this.isReset = true;
      // rp2040js would call this again at once, for ever.
      watchdog.alarm.enable = false;
    };
    if (before) {
      const { reason, scratchData } = before.mcu.peripherals[WATCHDOG];
      Object.assign(watchdog, { reason, scratchData });
      this.mcu.sram.set(before.mcu.sram);
      this.#earlier = before.nanos;
      this.instructions = before.instructions;
      this.asleep = before.asleep;
    } else this.mcu.sram.fill(PAINT);
    this.#start();
  }

  /** Time since the power came on in nanoseconds. */
  get nanos() {
    return this.#earlier + this.clock.nanos;
  }

  /** Executes instructions for a time in nanoseconds, at most until the watchdog resets the chip; with `untilLog` until the log grows. */
  run(nanos, untilLog) {
    const { core, clock } = this;
    const end = clock.nanos + nanos;
    let check = 0;
    while (clock.nanos < end && !this.stopped && !this.isReset) {
      if (core.waiting) this.#sleep(end);
      else {
        clock.tick(core.executeInstruction() * this.#cycle);
        this.instructions += 1;
      }
      if (++check % LOG_INTERVAL === 0 && this.#readLog() && untilLog) return;
    }
    this.#readLog();
  }

  /** Runs until the power fails after a time in nanoseconds. `seed` selects the bits of an interrupted operation. */
  runUntilFailure(nanos, seed) {
    this.#failure = this.nanos + nanos;
    this.#random = seed;
    this.run(nanos, false);
    this.stop('no power');
  }

  /** Lets the program hang: it waits for events in a loop for ever. Interrupts are served. */
  hang() {
    const { core, mcu } = this;
    const address = (core.SP - LOOP_DEPTH) & ~3;
    mcu.writeUint32(address, LOOP);
    core.waiting = false;
    core.PC = address;
  }

  /** Stops the chip for ever. */
  stop(reason) {
    this.stopped ??= reason;
  }

  /** Returns bytes of the memory. */
  memory(address, length) {
    return Uint8Array.from({ length }, (_, index) => this.mcu.readUint8(address + index));
  }

  /** Returns the number of bytes of the stack between two addresses that have been used since the power came on. */
  usedStack(end, start) {
    const stack = this.memory(end, start - end);
    return stack.length - stack.findIndex((byte) => byte !== PAINT);
  }

  /** Returns the bytes logged since the last call. */
  log() {
    return this.#log.splice(0);
  }

  /** Lets an operation of the flash take its time and returns the part of it that is done: 1, or less if the power fails. */
  operate(nanos) {
    const rest = this.#failure - this.nanos;
    this.clock.tick(Math.min(nanos, rest));
    if (rest >= nanos) return 1;
    this.stop('no power');
    return rest / nanos;
  }

  /** Returns a random byte, each bit of which is 1 with this probability. */
  noise(probability) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) {
      this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
      byte = (byte << 1) | (this.#random / 2 ** 32 < probability);
    }
    return byte;
  }

  /** Starts the program behind the second-stage boot loader, as the ROM does. */
  #start() {
    const { core, mcu } = this;
    core.VTOR = FLASH + SECOND_STAGE;
    core.SP = mcu.readUint32(core.VTOR);
    core.PC = mcu.readUint32(core.VTOR + 4) & ~1;
  }

  #sleep(end) {
    const { clock } = this;
    const rest = end - clock.nanos;
    const nanos = clock.nextAlarm ? Math.min(clock.nanosToNextAlarm, rest) : rest;
    this.asleep += nanos;
    clock.tick(nanos);
  }

  #break(number) {
    const { PC } = this.core;
    if (PC < ROM_END) rom.call(this, number);
    else this.stop(`the program stops at ${(PC - 2).toString(16)}`);
  }

  /** Takes the log's new bytes and returns true if there are any. */
  #readLog() {
    const view = this.mcu.sramView;
    const control = (field) => (this.#rtt & 0xffffff) + field;
    const get = (field) => view.getUint32(control(field), true);
    const [size, write] = [get(RTT.size), get(RTT.write)];
    let read = get(RTT.read);
    if (read === write || size === 0) return false;
    const buffer = get(RTT.buffer) & 0xffffff;
    for (; read !== write; read = (read + 1) % size) this.#log.push(this.mcu.sram[buffer + read]);
    view.setUint32(control(RTT.read), write, true);
    this.onLog();
    return true;
  }
}
