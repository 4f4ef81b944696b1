// Time per image in this browser.
import { Lab } from "../generated/thumbgan.js";
import { byId, setText, whenIdle } from "./dom.js";
import type { Model, Models } from "./models.js";

/** Number of measurements; the fastest one counts, since the browser optimizes the code while it runs. */
const RUNS = 6;
/** Images per measurement: together they take far longer than the resolution of the browser's clock. */
const IMAGES = 32;
/** Pause between measurements in milliseconds. */
const PAUSE = 300;

/** Measures the selected model, now and after each change. */
export function connectMeasurement(models: Models): void {
  const output = byId("image-time", HTMLElement);
  const measure = (model: Model, run: number, fastest: number) => {
    if (model !== models.selected) {
      return;
    }
    const time = Math.min(fastest, timePerImage(model));
    setText(output, `${time.toFixed(2)} ms`);
    if (run < RUNS) {
      setTimeout(() => whenIdle(() => measure(model, run + 1, time)), PAUSE);
    }
  };
  const start = () => whenIdle(() => measure(models.selected, 1, Infinity));
  models.addEventListener("select", start);
  start();
}

/** Returns the mean time per image in milliseconds. */
function timePerImage({ file }: Model): number {
  const lab = new Lab(file);
  const start = performance.now();
  for (let index = 0; index < IMAGES; index += 1) {
    const seed = BigInt(index);
    lab.generate(file.class_for_seed(seed), seed);
  }
  const time = performance.now() - start;
  lab.free();
  return time / IMAGES;
}
