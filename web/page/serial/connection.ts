// Connection to a board: requests and responses over a serial port.
import { type BoardResponse, Link } from "../../generated/thumbgan.js";
import { messageOf } from "../dom.js";

/** Baud rate of the firmware; USB serial ports ignore it. */
const BAUD_RATE = 115_200;
/** Timeout of a response in milliseconds; the slowest core needs 100. */
const TIMEOUT = 2000;
/** Number of times that a request is sent, since requests and responses can be damaged on the wire. */
const ATTEMPTS = 3;

/** Message after the loss of a board. */
export const UNPLUGGED = "the board was disconnected: connect it again";

/** Error of a request during which this page closes the connection. */
export class ConnectionClosed extends Error {}

/** Open serial port of a board. Dispatches `close` when the board is unplugged. */
export class Connection extends EventTarget {
  readonly #port: SerialPort;
  readonly #link = new Link();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #closed = false;
  readonly #reading: Promise<void>;
  #pending: ((response: BoardResponse | Error | undefined) => void) | undefined;

  private constructor(port: SerialPort, writable: WritableStream<Uint8Array>) {
    super();
    this.#port = port;
    this.#writer = writable.getWriter();
    this.#reading = this.#read();
    port.addEventListener("disconnect", () => void this.#lose());
  }

  /** Asks the user for a port and opens it. */
  static async open(serial: Serial): Promise<Connection> {
    const port = await serial.requestPort().catch((error: unknown) => {
      throw new Error(requestMessage(error));
    });
    await port.open({ baudRate: BAUD_RATE }).catch((error: unknown) => {
      throw new Error(openMessage(error));
    });
    // Some adapters need DTR to transmit; those without the line return an error, which does not matter.
    await port.setSignals?.({ dataTerminalReady: true }).catch(() => {});
    if (port.writable === null) {
      throw new Error("the port was closed: connect the board again");
    }
    return new Connection(port, port.writable);
  }

  /** Requests the board's identification. */
  hello(): Promise<BoardResponse> {
    return this.#request(() => this.#link.hello());
  }

  /** Requests an image. */
  generate(classIndex: number | undefined, seed: bigint): Promise<BoardResponse> {
    return this.#request(() => this.#link.generate(classIndex, seed));
  }

  /** Closes the port. */
  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#pending?.(new ConnectionClosed());
    await this.#reader?.cancel().catch(() => {});
    await this.#reading;
    this.#writer.releaseLock();
    // The port of an unplugged board is closed already.
    await this.#port.close().catch(() => {});
    this.#link.free();
  }

  /** Sends a request, again after a timeout, and returns the response. */
  async #request(encode: () => Uint8Array): Promise<BoardResponse> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const response = await this.#attempt(encode);
      if (response instanceof Error) {
        throw response;
      }
      if (response !== undefined) {
        return response;
      }
    }
    throw new Error("no response: check that it is the right port and that the board runs thumbgan's firmware");
  }

  async #attempt(encode: () => Uint8Array): Promise<BoardResponse | Error | undefined> {
    if (this.#closed) {
      return new Error(UNPLUGGED);
    }
    const response = new Promise<BoardResponse | Error | undefined>((resolve) => {
      const timer = setTimeout(() => this.#pending?.(undefined), TIMEOUT);
      this.#pending = (response) => {
        clearTimeout(timer);
        this.#pending = undefined;
        resolve(response);
      };
    });
    this.#writer.write(encode()).catch((error: unknown) => {
      this.#pending?.(new Error(`cannot write to the port: ${messageOf(error)}`));
    });
    return response;
  }

  /** Receives bytes until the port is closed. */
  async #read(): Promise<void> {
    // After a framing or buffer error the port has a new stream; after its loss it has none.
    let before: ReadableStream<Uint8Array> | undefined;
    for (let stream; !this.#closed && (stream = this.#port.readable) !== null && stream !== before; before = stream) {
      this.#reader = stream.getReader();
      try {
        for (;;) {
          const { value, done } = await this.#reader.read();
          if (done) {
            break;
          }
          this.#receive(value);
        }
      } catch {
        // The next stream, if there is one, continues.
      } finally {
        this.#reader.releaseLock();
      }
    }
    if (!this.#closed) {
      void this.#lose();
    }
  }

  #receive(bytes: Uint8Array): void {
    const response = this.#link.receive(bytes);
    if (response === undefined) {
      return;
    }
    if (this.#pending === undefined) {
      response.free();
    } else {
      this.#pending(response);
    }
  }

  /** Handles the loss of the board. */
  async #lose(): Promise<void> {
    if (!this.#closed) {
      this.#pending?.(new Error(UNPLUGGED));
      await this.close();
      this.dispatchEvent(new Event("close"));
    }
  }
}

/** Returns the message of a failed request for a port. */
function requestMessage(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotFoundError":
      return "no port was selected: connect the board and select its port";
    case "SecurityError":
    case "NotAllowedError":
      return "the browser does not allow this page to use serial ports: allow it in the settings of this page";
    default:
      return `cannot request a port: ${messageOf(error)}`;
  }
}

/** Returns the message of a failure to open a port. */
function openMessage(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "InvalidStateError":
      return "the port is already open: disconnect it first, in this or another page";
    case "NetworkError":
      return (
        "cannot open the port: another program uses it, or your user may not access it; " +
        "close that program or change the permission"
      );
    default:
      return `cannot open the port: ${messageOf(error)}`;
  }
}
