// Spherical interpolation between two seeds.
import { slerp } from "../../generated/thumbgan.js";
import { byId, context2d, messageOf, reducedMotion, setFieldError, setText } from "../dom.js";
import { download } from "../download.js";
import { fixed, nextSeed, parseSeed } from "../numbers.js";
import { encodeGif } from "./gif.js";
import { drawImage, SIDE } from "./image.js";
import type { LabState } from "./state.js";

/** Frames of a GIF from the first seed to the second. */
const GIF_FRAMES = 24;

/** Images of the strip. */
const STRIP = 12;

/** Connects seeds, position, speed and download. */
export function connectInterpolation(state: LabState): void {
  const context = context2d(byId("interpolation", HTMLCanvasElement));
  const strip = context2d(byId("strip", HTMLCanvasElement));
  const position = byId("position", HTMLInputElement);
  const speed = byId("speed", HTMLInputElement);
  const play = byId("play", HTMLButtonElement);
  const ends = [seedField("from"), seedField("to")] as const;
  let latents: [Int8Array, Int8Array] = [state.latent, state.latent];
  let seeds: [bigint, bigint] = [1n, 2n];
  let playing = false;
  let direction = 1;
  let before = 0;

  const imageAt = (t: number) => state.lab.generate_from_latent(state.classIndex, slerp(latents[0], latents[1], t));
  const draw = () => {
    const t = Number(position.value);
    drawImage(context, imageAt(t));
    setText(byId("position-value", HTMLElement), fixed(t, 2));
    setText(byId("speed-value", HTMLElement), `${fixed(Number(speed.value), 1)} s`);
  };
  const drawStrip = () => {
    for (let index = 0; index < STRIP; index += 1) {
      drawImage(strip, imageAt(index / (STRIP - 1)), index * SIDE);
    }
  };
  const update = () => {
    latents = [state.lab.latent(seeds[0]), state.lab.latent(seeds[1])];
    draw();
    drawStrip();
  };
  state.addEventListener("model", update);
  let classIndex = state.classIndex;
  state.addEventListener("change", () => {
    if (state.classIndex !== classIndex) {
      classIndex = state.classIndex;
      draw();
      drawStrip();
    }
  });
  position.addEventListener("input", draw);
  speed.addEventListener("input", draw);

  for (const [index, { field, error }] of ends.entries()) {
    field.addEventListener("input", () => {
      try {
        seeds = index === 0 ? [parseSeed(field.value), seeds[1]] : [seeds[0], parseSeed(field.value)];
        setFieldError(field, error, "");
        update();
      } catch (problem) {
        setFieldError(field, error, messageOf(problem));
      }
    });
  }

  const step = (now: number) => {
    if (!playing) {
      return;
    }
    // After a pause, such as a hidden tab, the position continues where it was.
    const elapsed = Math.min(100, now - before) / 1000;
    before = now;
    let t = Number(position.value) + (direction * elapsed) / Number(speed.value);
    if (t >= 1 || t <= 0) {
      direction = t >= 1 ? -1 : 1;
      t = Math.max(0, Math.min(1, t));
    }
    position.value = String(t);
    draw();
    requestAnimationFrame(step);
  };
  const setPlaying = (value: boolean) => {
    playing = value;
    setText(play, playing ? "Pause" : "Play");
    if (playing) {
      before = performance.now();
      requestAnimationFrame(step);
    }
  };
  play.addEventListener("click", () => setPlaying(!playing));
  byId("interpolation-gif", HTMLButtonElement).addEventListener("click", () => {
    // There and back, without a repeated frame at either end.
    const steps = Array.from({ length: 2 * GIF_FRAMES }, (_, frame) => 1 - Math.abs(1 - frame / GIF_FRAMES));
    const delay = (1000 * Number(speed.value)) / GIF_FRAMES;
    const name = `${state.model.key}-seed${seeds[0]}-to-seed${seeds[1]}.gif`;
    download(encodeGif(steps.map(imageAt), delay), name);
  });
  byId("interpolation-next", HTMLButtonElement).addEventListener("click", () => {
    seeds = [seeds[1], nextSeed(seeds[1])];
    for (const [index, { field, error }] of ends.entries()) {
      field.value = String(seeds[index]);
      setFieldError(field, error, "");
    }
    position.value = "0";
    direction = 1;
    update();
  });
  update();
  setPlaying(!reducedMotion());
}

function seedField(id: string) {
  return { field: byId(id, HTMLInputElement), error: byId(`${id}-error`, HTMLElement) };
}
