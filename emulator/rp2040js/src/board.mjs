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

  /** Powers a board on. */
  constructor({ flash, rtt, usb, display }) {
    this.chip = new Chip(flash, rtt);
    const { gpio, usbCtrl } = this.chip.mcu;
    const level = (pin) => gpio[pin].outputValue;
    const [Display, light] = DISPLAYS[display];
    this.display = new Display(() => ({
      data: level(PINS.data),
      select: level(PINS.select),
      reset: level(PINS.reset),
      light: level(light),
    }));
    spi.connect(this.chip.mcu.spi[1], this.chip.clock, (byte) => this.display.receive(byte));
    this.chip.onLog = () => {
      this.loggedBytes = this.display.bytes;
    };
    this.usb = new UsbHost(this.chip.mcu, usb);
    for (const button of Object.keys(BUTTONS)) this.press(button, false);
  }

  /** Presses a button, which connects its pin to ground, or releases it. */
  press(button, pressed) {
    this.chip.mcu.gpio[BUTTONS[button]].setInputValue(!pressed);
  }
}
