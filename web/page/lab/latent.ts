// Latent as a bar chart whose bars are dragged, or changed by keyboard.
import { byId, oncePerFrame, setText } from "../dom.js";
import { fixed } from "../numbers.js";
import type { LabState } from "./state.js";

/** Largest magnitude of an int8 latent value. */
const MAX = 127;
/** Change by an arrow key. */
const STEP = 4;

/** Connects the bar chart. */
export function connectLatent(state: LabState): void {
  const chart = byId("latent", SVGSVGElement);
  const bars = byId("latent-bars", SVGPathElement);
  const cursor = byId("latent-cursor", SVGRectElement);
  const output = byId("latent-value", HTMLElement);
  let selected = 0;

  const draw = () => {
    const { latent, model } = state;
    selected = Math.min(selected, latent.length - 1);
    const value = latent[selected] ?? 0;
    chart.setAttribute("viewBox", `0 ${-MAX} ${latent.length} ${2 * MAX}`);
    bars.setAttribute("d", Array.from(latent, (value, index) => `M${index + 0.1} 0h.8V${-value}h-.8z`).join(""));
    cursor.setAttribute("x", String(selected));
    const real = fixed(value * model.file.latent_scale, 2);
    const text = `value ${selected + 1} of ${latent.length}: ${real} (int8 ${fixed(value, 0)})`;
    setText(output, text);
    chart.setAttribute("aria-valuenow", String(value));
    chart.setAttribute("aria-valuetext", text);
  };
  const drawSoon = oncePerFrame(draw);
  state.addEventListener("change", drawSoon);
  draw();

  const set = (value: number) => {
    const latent = state.latent.slice();
    latent[selected] = Math.max(-MAX, Math.min(MAX, Math.round(value)));
    state.setLatent(latent);
  };
  const drag = (event: PointerEvent) => {
    const box = chart.getBoundingClientRect();
    const position = Math.floor(((event.clientX - box.left) / box.width) * state.latent.length);
    selected = Math.max(0, Math.min(state.latent.length - 1, position));
    set((0.5 - (event.clientY - box.top) / box.height) * 2 * MAX);
  };
  chart.addEventListener("pointerdown", (event) => {
    chart.setPointerCapture(event.pointerId);
    drag(event);
  });
  chart.addEventListener("pointermove", (event) => {
    if (chart.hasPointerCapture(event.pointerId)) {
      drag(event);
    }
  });
  chart.addEventListener("keydown", (event) => {
    const value = state.latent[selected] ?? 0;
    const last = state.latent.length - 1;
    const select = (index: number) => {
      selected = Math.max(0, Math.min(last, index));
      drawSoon();
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => select(selected - 1),
      ArrowRight: () => select(selected + 1),
      ArrowUp: () => set(value + STEP),
      ArrowDown: () => set(value - STEP),
      PageUp: () => set(value + 8 * STEP),
      PageDown: () => set(value - 8 * STEP),
      Home: () => select(0),
      End: () => select(last),
      "0": () => set(0),
    };
    const action = actions[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  });
  byId("latent-reset", HTMLButtonElement).addEventListener("click", () => state.setSeed(state.seed));
  byId("latent-zero", HTMLButtonElement).addEventListener("click", () => {
    state.setLatent(new Int8Array(state.latent.length));
  });
}
