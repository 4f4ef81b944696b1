// Time per image in this browser.
import { Lab } from "../generated/thumbgan.js";
import { byId, setText, whenIdle } from "./dom.js";
import type { Models } from "./models.js";

/** Images of a measurement: they take far longer than the resolution of the browser's clock. */
const IMAGES = 32n;
/** Images before the measurement, while the browser still optimizes the code. */
const WARM_UP = 10n;

/** Measures the selected model, now and after each change. */
export function connectMeasurement(models: Models): void {
  const output = byId("image-time", HTMLElement);
  const measure = () => {
    const { file } = models.selected;
    const lab = new Lab(file);
    let seed = 0n;
    const next = () => {
      lab.generate(file.class_for_seed(seed), seed);
      seed += 1n;
    };
    while (seed < WARM_UP) {
      next();
    }
    const start = performance.now();
    while (seed < WARM_UP + IMAGES) {
      next();
    }
    const time = (performance.now() - start) / Number(IMAGES);
    lab.free();
    setText(output, `${time.toFixed(2)} ms`);
  };
  models.addEventListener("select", () => whenIdle(measure));
  measure();
}
