// Section of the real board: connect, identify, compare.
import { byId, context2d, create, messageOf, setText } from "../dom.js";
import { drawImage, imageCanvas, SIDE } from "../lab/image.js";
import { classLabels, type Model, type Models } from "../models.js";
import { count, hex32, quote, randomSeed } from "../numbers.js";
import { comparePairs, type Pair } from "./compare.js";
import { Connection, ConnectionClosed, UNPLUGGED } from "./connection.js";

/** Images per comparison. */
const IMAGES = 16;

/** Connects the section. */
export function connectBoard(models: Models): void {
  const { serial } = navigator;
  byId("serial", HTMLElement).hidden = serial === undefined;
  byId("serial-missing", HTMLElement).hidden = serial !== undefined;
  if (serial !== undefined) {
    new BoardSection(serial, models);
  }
}

/** Board that the hello response describes. */
interface Board {
  readonly name: string;
  readonly firmware: string;
  readonly model: { readonly name: string; readonly crc32: number; readonly length: number } | undefined;
}

class BoardSection {
  readonly #models: Models;
  readonly #connect = byId("serial-connect", HTMLButtonElement);
  readonly #disconnect = byId("serial-disconnect", HTMLButtonElement);
  readonly #compare = byId("serial-compare", HTMLButtonElement);
  readonly #status = byId("serial-status", HTMLElement);
  readonly #error = byId("serial-error", HTMLElement);
  readonly #facts = byId("serial-facts", HTMLElement);
  readonly #legend = byId("serial-legend", HTMLElement);
  readonly #pairs = byId("serial-pairs", HTMLElement);
  #connection: Connection | undefined;
  #board: Board | undefined;
  #busy = false;

  constructor(serial: Serial, models: Models) {
    this.#models = models;
    this.#connect.addEventListener("click", () => void this.#run(() => this.#open(serial)));
    this.#compare.addEventListener("click", () => void this.#run(() => this.#compareImages(randomSeed())));
    this.#disconnect.addEventListener("click", () => void this.#close("Disconnected."));
    this.#update();
  }

  /** Runs an action and shows its error on the page. */
  async #run(action: () => Promise<void>): Promise<void> {
    this.#busy = true;
    setText(this.#error, "");
    this.#update();
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) {
        setText(this.#error, messageOf(error));
        setText(this.#status, "");
      }
    } finally {
      this.#busy = false;
      this.#update();
    }
  }

  async #open(serial: Serial): Promise<void> {
    this.#pairs.replaceChildren();
    this.#legend.hidden = true;
    this.#facts.replaceChildren();
    setText(this.#status, "Select the board's port.");
    const connection = await Connection.open(serial);
    this.#connection = connection;
    connection.addEventListener("close", () => {
      if (this.#connection === connection) {
        this.#connection = undefined;
        setText(this.#error, UNPLUGGED);
        setText(this.#status, "");
        this.#update();
      }
    });
    setText(this.#status, "Waiting for the board.");
    try {
      await this.#identify(connection);
    } catch (error) {
      await this.#close("");
      throw error;
    }
    await this.#compareImages(0n);
  }

  async #identify(connection: Connection): Promise<void> {
    const response = await connection.hello();
    const { board = "", firmware = "", model, error } = response;
    const found = model && { name: model.name, crc32: model.crc32, length: model.file_len };
    model?.free();
    response.free();
    if (error !== undefined) {
      throw new Error(error);
    }
    this.#board = { name: board, firmware, model: found };
    const text = found
      ? `${found.name}, ${count(found.length)} bytes, CRC-32 ${hex32(found.crc32)}`
      : "no valid model";
    this.#facts.replaceChildren(fact("Board", board), fact("Firmware", firmware), fact("Model", text));
  }

  /** Compares images of consecutive seeds. */
  async #compareImages(first: bigint): Promise<void> {
    const [connection, board] = [this.#connection, this.#board];
    if (connection === undefined || board === undefined) {
      return;
    }
    const model = this.#findModel(board);
    this.#pairs.replaceChildren();
    this.#legend.hidden = false;
    let [images, differing] = [0, 0];
    for await (const pair of comparePairs(connection, model, first, IMAGES)) {
      images += 1;
      differing += pair.differing;
      this.#pairs.append(pairFigure(pair, model));
      setText(this.#status, `${images} of ${IMAGES} images compared.`);
    }
    const bytes = count(images * SIDE * SIDE);
    setText(this.#status, `${board.name}: ${images} images, ${count(differing)} of ${bytes} bytes differ.`);
    if (differing > 0) {
      setText(this.#error, "the images differ (red pixels): check that firmware and page have the same version");
    }
  }

  #findModel({ model }: Board): Model {
    if (model === undefined) {
      throw new Error("the board has no valid model: write one to its flash");
    }
    const found = this.#models.find(model.crc32, model.length);
    if (found === undefined) {
      throw new Error(
        `the board runs ${quote(model.name)} with the CRC-32 ${hex32(model.crc32)}, which this page does not have: ` +
          'add its .tgan file under "Your model", then compare again',
      );
    }
    return found;
  }

  async #close(status: string): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    setText(this.#status, status);
    this.#update();
    await connection?.close();
  }

  #update(): void {
    const connected = this.#connection !== undefined;
    this.#connect.disabled = this.#busy || connected;
    this.#compare.disabled = this.#busy || !connected;
    this.#disconnect.disabled = !connected;
  }
}

function fact(term: string, description: string): HTMLElement {
  return create("div", {}, create("dt", {}, term), create("dd", {}, description));
}

/** Returns a figure of both images; pixels of the board's image that differ are red. */
function pairFigure({ classIndex, seed, page, board, differing }: Pair, model: Model): HTMLElement {
  const marked = create("canvas", { width: SIDE, height: SIDE, className: "pixels" });
  const context = context2d(marked);
  drawImage(context, board);
  if (differing > 0) {
    const image = context.getImageData(0, 0, SIDE, SIDE);
    board.forEach((value, position) => {
      if (value !== page[position]) {
        image.data.set([255, 0, 0], 4 * position);
      }
    });
    context.putImageData(image, 0, 0);
  }
  const label = classIndex === undefined ? "" : `class ${classLabels(model.file)[classIndex]}, `;
  const result = differing === 0 ? "equal" : `${differing} bytes differ`;
  const caption = create("figcaption", {}, `${label}seed ${seed}: ${result}`);
  return create("figure", { className: differing === 0 ? "" : "different" }, imageCanvas(page), marked, caption);
}
