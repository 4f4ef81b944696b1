// Activations of the hidden layers as images, and the MACs that kernels skip because an activation is 0.
import { byId, context2d, create, oncePerFrame, setText } from "../dom.js";
import { count } from "../numbers.js";
import type { LabState, Layer } from "./state.js";

/** Space between two channels of a mosaic in pixels. */
const GAP = 1;
/** Maximum width of a mosaic in pixels. */
const WIDTH = 80;

/** Connects the images of the layers. */
export function connectLayers(state: LabState): void {
  const list = byId("layers", HTMLElement);
  let mosaics: Mosaic[] = [];
  const build = () => {
    mosaics = state.layers.slice(0, -1).map((layer, index) => new Mosaic(layer, index, state.layers[index + 1]));
    list.replaceChildren(...mosaics.map(({ element }) => element));
    draw();
  };
  const draw = () => {
    let skipped = 0;
    for (const [index, mosaic] of mosaics.entries()) {
      const values = state.lab.activations(state.classIndex, state.latent, index);
      skipped += mosaic.draw(values ?? new Int8Array());
    }
    const all = state.layers.reduce((sum, { macs }) => sum + macs, 0);
    const percent = Math.round((100 * skipped) / all);
    const text = `The kernels skip ${count(skipped)} of ${count(all)} MACs of this image (${percent}\u00a0%).`;
    setText(byId("layers-sum", HTMLElement), text);
  };
  state.addEventListener("model", build);
  state.addEventListener("change", oncePerFrame(draw));
  build();
}

/** Channels of a layer side by side. */
class Mosaic {
  readonly element: HTMLElement;
  readonly #layer: Layer;
  readonly #index: number;
  /** Layer whose inputs are these activations. */
  readonly #next: Layer | undefined;
  readonly #columns: number;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #text = create("p", { className: "numeric" });

  constructor(layer: Layer, index: number, next: Layer | undefined) {
    this.#layer = layer;
    this.#index = index;
    this.#next = next;
    const { side, channels, convolution } = layer;
    const tile = side + (side > 1 ? GAP : 0);
    this.#columns = Math.max(1, Math.min(channels, side > 1 ? Math.floor(WIDTH / tile) : 32));
    const rows = Math.ceil(channels / this.#columns);
    this.#canvas = create("canvas", { width: this.#columns * tile, height: rows * tile, className: "pixels" });
    this.#canvas.role = "img";
    this.#canvas.ariaLabel = `activations of layer ${index + 1}`;
    this.#context = context2d(this.#canvas);
    const type = convolution ? "upsampling convolution" : "dense";
    const shape = side > 1 ? `${side}x${side}, ${channels} channels` : `${channels} values`;
    const title = create("h4", {}, `Layer ${index + 1} (${type}): ${shape}`);
    this.element = create("article", {}, title, this.#canvas, this.#text);
  }

  /** Draws activations and returns the number of MACs that are skipped in the next layer because an input is 0. */
  draw(values: Int8Array): number {
    const { side, channels } = this.#layer;
    const tile = side + (side > 1 ? GAP : 0);
    const { width, height } = this.#canvas;
    const image = new ImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    let zeros = 0;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? 0;
      const channel = index % channels;
      const position = (index - channel) / channels;
      const x = (channel % this.#columns) * tile + (position % side);
      const y = Math.floor(channel / this.#columns) * tile + Math.floor(position / side);
      words[y * width + x] = COLORS[value] ?? 0;
      zeros += value === 0 ? 1 : 0;
    }
    this.#context.putImageData(image, 0, 0);
    const share = zeros / Math.max(1, values.length);
    const macs = this.#next?.macs ?? 0;
    const skipped = Math.round(share * macs);
    const zero = `${count(zeros)} of ${count(values.length)} are 0 (${Math.round(100 * share)}\u00a0%)`;
    const next = `layer ${this.#index + 2}`;
    setText(this.#text, `${zero}: ${count(skipped)} of ${count(macs)} MACs of ${next} are skipped.`);
    return skipped;
  }
}

/** Colors of the activations 0 to 127 as words: dark blue for 0, then green to white. */
const COLORS = Uint32Array.from({ length: 128 }, (_, value) => {
  const linear = value / 127;
  const [red, green, blue] =
    value === 0 ? [28, 32, 44] : [40 + 215 * linear, 90 + 165 * Math.sqrt(linear), 80 + 160 * linear];
  return 0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
});
