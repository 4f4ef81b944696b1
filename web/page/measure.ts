// Time per image in this browser.
import { Lab } from "../generated/thumbgan.js";
import { byId, setText, whenIdle } from "./dom.js";
import type { Models } from "./models.js";

/** Duration of a measurement in milliseconds, well above the resolution of the browser's clock. */
const DURATION = 30;
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
    while (performance.now() - start < DURATION) {
      next();
    }
    const time = (performance.now() - start) / Number(seed - WARM_UP);
    lab.free();
    setText(output, `${time.toFixed(2)} ms`);
  };
  models.addEventListener("select", () => whenIdle(measure));
  measure();
}
