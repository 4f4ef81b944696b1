// USB host with a driver for serial ports (CDC-ACM).
//
// rp2040js enumerates the device. Its transfers of data are replaced: there an armed endpoint completes at once,
// here it stays armed until the host has data to send or reads, as on the chip.

import { USBCDC } from 'rp2040js';

const AVAILABLE = 1 << 10;
const FULL = 1 << 15;
const LENGTH = 0x3ff;
const FIRST_DATA_CONTROL = 0x88;
const LAST_CONTROL = 0xfc;
const OUT = 4;
const SIE_STATUS = 0x50;
const SUSPENDED = 1 << 4;
const PACKET = 64;
/** Time of a packet of 64 bytes with its token and handshake at 12 Mbit/s. */
const TRANSACTION_NANOS = 50e3;

export class UsbHost {
  /** True if the host takes what the device sends, as with an open port. */
  reading = true;
  /** True if the device is configured. */
  configured = false;
  #controller;
  #view;
  #attached;
  #driver;
  #transaction;
  #isBusy = false;
  /** Values of the armed buffer controls by their offsets. */
  #armed = new Map();
  #toSend = [];
  #received = [];

  constructor(mcu, attached) {
    this.#controller = mcu.usbCtrl;
    this.#view = mcu.usbDPRAMView;
    this.#attached = attached;
    this.#transaction = mcu.clock.createAlarm(() => this.#transact());
    this.#enumerate();
    this.#intercept();
  }

  /** Plugs the device in, or pulls it out: the bus falls silent. */
  attach(attached) {
    if (attached === this.#attached) return;
    this.#attached = attached;
    this.configured = false;
    this.#toSend = [];
    this.#transaction.cancel();
    this.#isBusy = false;
    this.#enumerate();
    if (attached) this.#controller.resetDevice();
    else {
      this.#controller.sieStatus |= SUSPENDED;
      this.#controller.sieStatusUpdated();
    }
  }

  /** True if the device is plugged in. */
  get attached() {
    return this.#attached;
  }

  /** Sends bytes to the device when it is ready for them. */
  send(bytes) {
    this.#toSend.push(...bytes);
    this.#schedule();
  }

  /** Returns the bytes received since the last call. */
  received() {
    this.#schedule();
    return this.#received.splice(0);
  }

  /** Starts over with a device of which nothing is known. */
  #enumerate() {
    const controller = this.#controller;
    this.#driver = new USBCDC(controller);
    this.#driver.onDeviceConnected = () => {
      this.configured = true;
      this.#schedule();
    };
    if (this.#attached) return;
    for (const event of ['onUSBEnabled', 'onResetReceived', 'onEndpointWrite', 'onEndpointRead']) {
      controller[event] = () => {};
    }
  }

  #intercept() {
    const controller = this.#controller;
    const updated = controller.DPRAMUpdated.bind(controller);
    controller.DPRAMUpdated = (offset, value) => {
      if (offset < FIRST_DATA_CONTROL || offset > LAST_CONTROL) updated(offset, value);
      else if (value & AVAILABLE) this.#armed.set(offset, value);
      else this.#armed.delete(offset);
      this.#schedule();
    };
    // rp2040js does not clear this bit.
    const write = controller.writeUint32.bind(controller);
    controller.writeUint32 = (offset, value) => {
      if (offset === SIE_STATUS) controller.sieStatus &= ~(value & SUSPENDED);
      write(offset, value);
    };
  }

  /** Returns the offsets of the buffer controls that a transaction is possible for. */
  #ready() {
    if (!this.configured) return [];
    const input = 0x80 + 8 * this.#driver.inEndpoint;
    const output = 0x80 + 8 * this.#driver.outEndpoint + OUT;
    const ready = [];
    if (this.reading && this.#armed.has(input)) ready.push(input);
    if (this.#toSend.length > 0 && this.#armed.has(output)) ready.push(output);
    return ready;
  }

  #schedule() {
    if (this.#ready().length > 0 && !this.#isBusy) {
      this.#isBusy = true;
      this.#transaction.schedule(TRANSACTION_NANOS);
    }
  }

  #transact() {
    this.#isBusy = false;
    for (const offset of this.#ready()) {
      const value = this.#armed.get(offset);
      const endpoint = (offset - 0x80) >> 3;
      this.#armed.delete(offset);
      if (offset & OUT) {
        this.#view.setUint32(offset, value & ~AVAILABLE, true);
        this.#controller.finishRead(endpoint, Uint8Array.from(this.#toSend.splice(0, PACKET)));
      } else {
        const start = this.#controller.getEndpointBufferOffset(endpoint, false);
        const bytes = new Uint8Array(this.#view.buffer, start, value & LENGTH);
        this.#received.push(...bytes);
        this.#view.setUint32(offset, value & ~(AVAILABLE | FULL), true);
        this.#controller.indicateBufferReady(endpoint, false);
      }
    }
    this.#schedule();
  }
}
