// Pad that moves the latent along two random orthogonal directions.
import { byId, context2d, oncePerFrame, setText, whenIdle } from "../dom.js";
import { fixed, nextSeed } from "../numbers.js";
import { drawImage, SIDE } from "./image.js";
import type { LabState } from "./state.js";

/** Images of the map per row and column. */
const MAP = 7;
/** Change of a coordinate by an arrow key, as a fraction of the range. */
const STEP = 1 / 24;

/** Connects the pad. */
export function connectPad(state: LabState): void {
  const pad = byId("pad", HTMLElement);
  const canvas = byId("pad-map", HTMLCanvasElement);
  const marker = byId("pad-marker", HTMLElement);
  const output = byId("pad-value", HTMLElement);
  const context = context2d(canvas);
  canvas.width = canvas.height = MAP * SIDE;

  let directionSeed = 1n;
  let [x, y] = [0, 0];
  let plane = new Plane(state, directionSeed);
  /** Latent that the pad set last. */
  let own: Int8Array | undefined;

  const show = () => {
    const [percentX, percentY] = [50 + (50 * x) / plane.range, 50 - (50 * y) / plane.range];
    marker.style.left = `${percentX}%`;
    marker.style.top = `${percentY}%`;
    const text = `x ${fixed(x, 2)}, y ${fixed(y, 2)}`;
    setText(output, `${text}; direction seed ${directionSeed}`);
    pad.setAttribute("aria-valuenow", x.toFixed(2));
    pad.setAttribute("aria-valuemin", (-plane.range).toFixed(2));
    pad.setAttribute("aria-valuemax", plane.range.toFixed(2));
    pad.setAttribute("aria-valuetext", text);
  };
  const drawMap = () => {
    const position = (index: number) => ((2 * index + 1) / MAP - 1) * plane.range;
    for (let row = 0; row < MAP; row += 1) {
      for (let column = 0; column < MAP; column += 1) {
        const latent = plane.at(position(column), -position(row));
        const pixels = state.lab.generate_from_latent(state.classIndex, latent);
        drawImage(context, pixels, column * SIDE, row * SIDE);
      }
    }
  };
  let pending = false;
  const drawMapSoon = () => {
    if (!pending) {
      pending = true;
      whenIdle(() => {
        pending = false;
        drawMap();
      });
    }
  };
  const restart = () => {
    [x, y] = [0, 0];
    plane = new Plane(state, directionSeed);
    show();
    drawMapSoon();
  };
  let classIndex = state.classIndex;
  state.addEventListener("change", () => {
    if (state.latent !== own) {
      restart();
    } else if (state.classIndex !== classIndex) {
      drawMapSoon();
    }
    classIndex = state.classIndex;
  });
  show();
  drawMapSoon();

  const move = oncePerFrame(() => {
    own = plane.at(x, y);
    state.setLatent(own);
    show();
  });
  const clamp = (value: number) => Math.max(-plane.range, Math.min(plane.range, value));
  const drag = (event: PointerEvent) => {
    const box = pad.getBoundingClientRect();
    x = clamp((((event.clientX - box.left) / box.width) * 2 - 1) * plane.range);
    y = clamp((1 - ((event.clientY - box.top) / box.height) * 2) * plane.range);
    move();
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    drag(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (pad.hasPointerCapture(event.pointerId)) {
      drag(event);
    }
  });
  pad.addEventListener("keydown", (event) => {
    const step = STEP * 2 * plane.range;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [x - step, y],
      ArrowRight: [x + step, y],
      ArrowUp: [x, y + step],
      ArrowDown: [x, y - step],
      Home: [0, 0],
    };
    const target = moves[event.key];
    if (target !== undefined) {
      event.preventDefault();
      [x, y] = [clamp(target[0]), clamp(target[1])];
      move();
    }
  });
  byId("pad-directions", HTMLButtonElement).addEventListener("click", () => {
    directionSeed = nextSeed(directionSeed);
    restart();
  });
}

/** Plane in the latent space through a latent, spanned by two orthogonal unit vectors. */
class Plane {
  /** Largest coordinate: the standard deviation of a latent value times the square root of the latent's length. */
  readonly range: number;
  readonly #center: Int8Array;
  readonly #scale: number;
  readonly #across: Float64Array;
  readonly #up: Float64Array;

  constructor(state: LabState, seed: bigint) {
    const { file } = state.model;
    this.#center = state.latent;
    this.#scale = file.latent_scale;
    const variance = file.distribution === "normal" ? 1 : 1 / 3;
    this.range = Math.sqrt(file.latent_len * variance);
    this.#across = unit(Float64Array.from(state.lab.latent(2n * seed)));
    const other = Float64Array.from(state.lab.latent(2n * seed + 1n));
    const shared = other.reduce((sum, value, index) => sum + value * (this.#across[index] ?? 0), 0);
    this.#up = unit(other.map((value, index) => value - shared * (this.#across[index] ?? 0)));
  }

  /** Returns the latent at a position, clamped to int8. */
  at(x: number, y: number): Int8Array {
    return this.#center.map((value, index) => {
      const offset = x * (this.#across[index] ?? 0) + y * (this.#up[index] ?? 0);
      return Math.max(-127, Math.min(127, Math.round(value + offset / this.#scale)));
    });
  }
}

/** Returns a vector scaled to length 1; zeros stay. */
function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
