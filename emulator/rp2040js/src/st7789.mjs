// Display controllers ST7789 and GC9A01, which have the same commands here, with panels of 240x240 pixels.

const COLUMNS = 240;
/** Width and height of the panels, which show the first rows of the controller's memory. */
export const SIZE = 240;

const SOFTWARE_RESET = 0x01;
const SLEEP_OUT = 0x11;
const INVERSION_OFF = 0x20;
const INVERSION_ON = 0x21;
const DISPLAY_OFF = 0x28;
const DISPLAY_ON = 0x29;
const COLUMN_ADDRESS = 0x2a;
const ROW_ADDRESS = 0x2b;
const MEMORY_WRITE = 0x2c;
const ADDRESS_MODE = 0x36;

const MIRROR_ROWS = 0x80;
const MIRROR_COLUMNS = 0x40;
const EXCHANGE = 0x20;
const BLUE_FIRST = 0x08;

/** ST7789, mounted as on Waveshare's Pico-LCD-1.3. */
export class St7789 {
  /** Number of rows of the memory. */
  get rows() {
    return 320;
  }

  /** Number of memory writes, each of which fills one address window. */
  writes = 0;
  /** Number of bytes received. */
  bytes = 0;
  memory = new Uint16Array(COLUMNS * this.rows);

  /** `pins` returns the levels of the inputs: `{ select, data, reset, light }`. */
  constructor(pins) {
    this.pins = pins;
    this.reset();
  }

  /** Resets the registers; the memory keeps its contents. */
  reset() {
    Object.assign(this, { asleep: true, on: false, inverted: false, mode: 0 });
    this.command = 0;
    this.parameters = [];
    this.window = { x: [0, COLUMNS - 1], y: [0, this.rows - 1] };
  }

  /** Processes a byte, with the levels of the inputs at its last bit. */
  receive(byte) {
    const { select, data, reset } = this.pins();
    if (select || !reset) return;
    this.bytes += 1;
    if (!data) this.#start(byte);
    else if (this.command === MEMORY_WRITE) this.#write(byte);
    else this.#parameter(byte);
  }

  /** Returns the colors that the panel shows in RGB565, row by row as its viewer sees them. */
  pixels() {
    const shown = new Uint16Array(SIZE * SIZE);
    if (this.asleep || !this.on || !this.pins().light) return shown;
    // The liquid crystal of this panel is inverted.
    const mask = this.inverted ? 0 : 0xffff;
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        shown[y * SIZE + x] = this.seen(x, y) ^ mask;
      }
    }
    return shown;
  }

  /** Returns the content of the memory for a pixel as the viewer sees it. */
  seen(x, y) {
    return this.memory[x * COLUMNS + SIZE - 1 - y];
  }

  #start(command) {
    this.command = command;
    this.parameters = [];
    if (command === SOFTWARE_RESET) this.reset();
    else if (command === SLEEP_OUT) this.asleep = false;
    else if (command === INVERSION_OFF) this.inverted = false;
    else if (command === INVERSION_ON) this.inverted = true;
    else if (command === DISPLAY_OFF) this.on = false;
    else if (command === DISPLAY_ON) this.on = true;
    else if (command === MEMORY_WRITE) {
      this.writes += 1;
      this.position = [this.window.x[0], this.window.y[0]];
      this.high = -1;
    }
  }

  #parameter(byte) {
    const { command, parameters } = this;
    parameters.push(byte);
    if (command === ADDRESS_MODE) this.mode = byte;
    if (parameters.length !== 4) return;
    const range = [(parameters[0] << 8) | parameters[1], (parameters[2] << 8) | parameters[3]];
    if (command === COLUMN_ADDRESS) this.window.x = range;
    if (command === ROW_ADDRESS) this.window.y = range;
  }

  #write(byte) {
    if (this.high < 0) {
      this.high = byte;
      return;
    }
    const { window, position, mode } = this;
    let [column, row] = mode & EXCHANGE ? [position[1], position[0]] : position;
    if (mode & MIRROR_COLUMNS) column = COLUMNS - 1 - column;
    if (mode & MIRROR_ROWS) row = this.rows - 1 - row;
    if (column >= 0 && column < COLUMNS && row >= 0 && row < this.rows) {
      this.memory[row * COLUMNS + column] = (this.high << 8) | byte;
    }
    this.high = -1;
    if (position[0] < window.x[1]) position[0] += 1;
    else position.splice(0, 2, window.x[0], position[1] < window.y[1] ? position[1] + 1 : window.y[0]);
  }
}

/** GC9A01, mounted as on Waveshare's RP2040-LCD-1.28: upside down, with the colors blue and red exchanged. */
export class Gc9a01 extends St7789 {
  get rows() {
    return 240;
  }

  seen(x, y) {
    const color = this.memory[(SIZE - 1 - y) * COLUMNS + SIZE - 1 - x];
    if (this.mode & BLUE_FIRST) return color;
    return (color >> 11) | (color & 0x07e0) | ((color & 0x1f) << 11);
  }
}
