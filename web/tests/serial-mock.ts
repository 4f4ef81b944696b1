// Mocked Web Serial whose ports are boards: the firmware's own protocol server, in WebAssembly, responds to the page.
import type { Page } from "@playwright/test";

/** Behavior of the board at the port. */
export type Behavior =
  /** Responds as a board does, with log text between the responses. */
  | "board"
  /** Damages every second response. */
  | "noisy"
  /** Generates the images of another model than the one it names. */
  | "different"
  /** Never responds. */
  | "mute"
  /** Is unplugged at the fifth request. */
  | "unplugged"
  /** Cannot be opened. */
  | "busy"
  /** Is not chosen by the user. */
  | "canceled";

/** Installs the mock; called before the page is opened. */
export async function mockSerial(page: Page, behavior: Behavior): Promise<void> {
  await page.addInitScript((behavior) => {
    class Port extends EventTarget {
      readable: ReadableStream<Uint8Array> | null = null;
      writable: WritableStream<Uint8Array> | null = null;
      #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      #requests = 0;

      async open({ baudRate }: { baudRate: number }): Promise<void> {
        if (behavior === "busy") {
          throw new DOMException("Failed to open serial port.", "NetworkError");
        }
        if (baudRate !== 115_200) {
          throw new Error(`the firmware has 115200 baud, not ${baudRate}`);
        }
        const { Device, PanelKind, models } = window.thumbgan;
        const create = (name: string) => new Device(models[name]!, PanelKind.Oled, 1n);
        const [board, other] = [create("digits-xs"), create("digits-nano")];
        this.readable = new ReadableStream({
          start: (controller) => {
            this.#controller = controller;
            this.#send(new TextEncoder().encode("thumbgan starts\r\n"));
          },
        });
        this.writable = new WritableStream({
          write: (bytes) => {
            this.#requests += 1;
            const device = this.#requests === 1 || behavior !== "different" ? board : other;
            const response = device.receive(bytes);
            setTimeout(() => this.#respond(response));
          },
        });
      }

      async setSignals(): Promise<void> {}

      async close(): Promise<void> {
        if (this.readable?.locked || this.writable?.locked) {
          throw new TypeError("Cannot close a port whose streams are locked.");
        }
        this.readable = this.writable = null;
      }

      #respond(response: Uint8Array): void {
        if (behavior === "mute") {
          return;
        }
        if (behavior === "unplugged" && this.#requests === 5) {
          const lost = new DOMException("The device has been lost.", "NetworkError");
          this.readable = this.writable = null;
          this.#controller?.error(lost);
          this.dispatchEvent(new Event("disconnect"));
          return;
        }
        if (behavior === "noisy" && this.#requests % 2 === 0) {
          const middle = response.length >> 1;
          response[middle]! ^= 0x10;
        }
        this.#send(response);
        this.#send(new TextEncoder().encode("frame about page=0\r\n"));
      }

      /** Sends bytes in the small pieces in which a serial port delivers them. */
      #send(bytes: Uint8Array): void {
        for (let start = 0; start < bytes.length; start += 61) {
          this.#controller?.enqueue(bytes.slice(start, start + 61));
        }
      }
    }

    const serial = Object.assign(new EventTarget(), {
      async requestPort(): Promise<Port> {
        if (behavior === "canceled") {
          throw new DOMException("No port selected by the user.", "NotFoundError");
        }
        return new Port();
      },
    });
    Object.defineProperty(Navigator.prototype, "serial", { configurable: true, get: () => serial });
  }, behavior);
}
