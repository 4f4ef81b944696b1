// Emulated Raspberry Pi Pico on standard input and output: each line is a command in JSON, each answer one line.
//
//   {"power_on": {"rtt": ADDRESS, "usb": true, "display": "square"}}      starts the program in the flash
//   {"run": {"nanos": N, "until_log": false}}        runs for a time in nanoseconds, at most until a reset
//   {"hang": null}                                   lets the program loop for ever
//   {"fail": {"nanos": N, "seed": S}}                runs, then cuts the power
//   {"press": {"button": "mode", "pressed": true}}
//   {"usb": {"attached": true, "reading": true}}
//   {"send": "HEX"}                                  bytes to the USB serial port
//   {"write_flash": {"offset": N, "bytes": "HEX"}}
//   {"read_flash": {"offset": N, "length": N}}
//   {"used_stack": {"end": N, "start": N}}           bytes used of the stack between two addresses
//   {"pixels": null}                                 what the display shows

import readline from 'node:readline';
import { Board } from './board.mjs';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const parse = (text) => Buffer.from(text, 'hex');

const blank = new Uint8Array(2 * 1024 * 1024).fill(0xff);
let board = null;
const flash = () => board?.flash ?? blank;

/** Returns the counters, and what the board has sent since the last status. */
function status() {
  const { chip, display, usb, loggedBytes, resets } = board;
  return {
    nanos: chip.nanos,
    instructions: chip.instructions,
    asleep: chip.asleep,
    stopped: chip.stopped,
    resets,
    writes: display.writes,
    bytes: display.bytes,
    logged_bytes: loggedBytes,
    configured: usb.configured,
    log: hex(board.log()),
    serial: hex(board.received()),
  };
}

const COMMANDS = {
  power_on({ rtt, usb, display }) {
    board = new Board({ flash: flash(), rtt, usb, display });
    return status();
  },
  run({ nanos, until_log }) {
    board.run(nanos, until_log);
    return status();
  },
  hang: () => board.chip.hang(),
  fail({ nanos, seed }) {
    board.chip.runUntilFailure(nanos, seed);
    return status();
  },
  press: ({ button, pressed }) => board.press(button, pressed),
  usb({ attached, reading }) {
    board.usb.attach(attached);
    board.usb.reading = reading;
  },
  send: (bytes) => board.usb.send(parse(bytes)),
  write_flash: ({ offset, bytes }) => flash().set(parse(bytes), offset),
  read_flash: ({ offset, length }) => hex(flash().subarray(offset, offset + length)),
  used_stack: ({ end, start }) => board.chip.usedStack(end, start),
  pixels: () => hex(new Uint8Array(board.display.pixels().buffer)),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [[command, argument]] = Object.entries(JSON.parse(line));
  const answer = COMMANDS[command](argument) ?? null;
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit();
