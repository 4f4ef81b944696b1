// Raspberry Pi Pico with an ST7789 on SPI1, or RP2040-LCD-1.28 with its GC9A01, with two buttons and a USB host.

import { Chip } from './chip.mjs';
import * as spi from './spi.mjs';
import { Gc9a01, St7789 } from './st7789.mjs';
import { UsbHost } from './usb.mjs';

const PINS = { data: 8, select: 9, reset: 12 };
/** Display controllers with the pins of their backlights. */
const DISPLAYS = { square: [St7789, 13], round: [Gc9a01, 25] };
const BUTTONS = { mode: 15, act: 17 };

export class Board {
  /** Number of bytes that the display had received when the log grew. */
  loggedBytes = 0;
  /** Number of resets by the watchdog. */
  resets = 0;
  #rtt;
  #pressed = new Set();
  /** Bytes of the log and of the serial port from before a reset. */
  #before = { log: [], serial: [] };

  /** Powers a board on. */
  constructor({ flash, rtt, usb, display }) {
    this.#rtt = rtt;
    const level = (pin) => this.chip.mcu.gpio[pin].outputValue;
    const [Display, light] = DISPLAYS[display];
    this.display = new Display(() => ({
      data: level(PINS.data),
      select: level(PINS.select),
      reset: level(PINS.reset),
      light: level(light),
    }));
    this.#connect(new Chip(flash, rtt), { attached: usb, reading: true });
  }

  /** Content of the flash, which survives resets. */
  get flash() {
    return this.chip.mcu.flash;
  }

  /** Executes instructions for a time in nanoseconds; at most until a reset, and with `untilLog` until the log grows. */
  run(nanos, untilLog) {
    this.chip.run(nanos, untilLog);
    this.#reset();
  }

  /** Returns the bytes logged since the last call. */
  log() {
    return [...this.#before.log.splice(0), ...this.chip.log()];
  }

  /** Returns the bytes that the USB host has received since the last call. */
  received() {
    return [...this.#before.serial.splice(0), ...this.usb.received()];
  }

  /** Presses a button, which connects its pin to ground, or releases it. */
  press(button, pressed) {
    if (pressed) this.#pressed.add(button);
    else this.#pressed.delete(button);
    this.chip.mcu.gpio[BUTTONS[button]].setInputValue(!pressed);
  }

  /** Replaces a chip that the watchdog has reset. */
  #reset() {
    if (!this.chip.isReset || this.chip.stopped) return;
    this.resets += 1;
    this.#before = { log: this.log(), serial: this.received() };
    this.#connect(new Chip(this.flash, this.#rtt, this.chip), this.usb);
  }

  /** Connects a chip to display, buttons and the USB host, to which it is a new device. */
  #connect(chip, { attached, reading }) {
    this.chip = chip;
    spi.connect(chip.mcu.spi[1], chip.clock, (byte) => this.display.receive(byte));
    chip.onLog = () => {
      this.loggedBytes = this.display.bytes;
    };
    this.usb = new UsbHost(chip.mcu, attached);
    this.usb.reading = reading;
    for (const button of Object.keys(BUTTONS)) this.press(button, this.#pressed.has(button));
  }
}
