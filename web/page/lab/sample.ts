// The lab's image: class, seed, CRC-32 and downloads.
import { crc32 } from "../../generated/thumbgan.js";
import { showOnDevice } from "../device-controls.js";
import type { DeviceView } from "../device.js";
import { byId, context2d, create, messageOf, oncePerFrame, setFieldError, setText } from "../dom.js";
import { download } from "../download.js";
import { classLabels, type Models } from "../models.js";
import { hex32, nextSeed, parseSeed, randomSeed } from "../numbers.js";
import { drawImage } from "./image.js";
import type { LabState } from "./state.js";

/** Connects class buttons, seed and image. */
export function connectSample(state: LabState, view: DeviceView, models: Models): void {
  const canvas = byId("sample", HTMLCanvasElement);
  const context = context2d(canvas);
  connectClasses(state);
  connectSeed(state);

  const draw = () => {
    const pixels = state.lab.generate_from_latent(state.classIndex, state.latent);
    drawImage(context, pixels);
    const crc = hex32(crc32(pixels));
    canvas.dataset["crc32"] = crc;
    setText(byId("sample-crc", HTMLElement), crc);
    setText(byId("sample-name", HTMLElement), describe(state));
    setText(byId("sample-command", HTMLElement), command(state));
  };
  state.addEventListener("change", oncePerFrame(draw));
  draw();

  byId("sample-png", HTMLButtonElement).addEventListener("click", () => {
    canvas.toBlob((blob) => {
      if (blob !== null) {
        download(blob, `${fileStem(state)}.png`);
      }
    });
  });
  byId("sample-to-device", HTMLButtonElement).addEventListener("click", () => {
    showOnDevice(view, models, state.classIndex, state.seed);
    byId("device", HTMLElement).scrollIntoView();
  });
  const edited = () => {
    for (const id of ["sample-to-device", "copy-lab-link"]) {
      byId(id, HTMLButtonElement).disabled = state.edited;
    }
  };
  state.addEventListener("change", edited);
}

/** Returns the name of the files of the current image, without extension. */
function fileStem({ model, classIndex, seed, edited }: LabState): string {
  const classPart = classIndex === undefined ? "" : `-class${classIndex}`;
  return `${model.key}${classPart}-seed${seed}${edited ? "-edited" : ""}`;
}

function describe({ model, classIndex, seed, edited }: LabState): string {
  const label = classIndex === undefined ? "" : `class ${classLabels(model.file)[classIndex]}, `;
  return edited ? `${label}edited latent` : `${label}seed ${seed}`;
}

/** Returns the command that prints the CRC-32 of the same image from a board. */
function command({ classIndex, seed, edited, latent }: LabState): string {
  const selected = classIndex === undefined ? "" : ` --class ${classIndex}`;
  const source = edited ? `--latent ${latent.join(",")}` : `--seed ${seed}`;
  return `cargo run -p trainer -- board --port /dev/ttyACM0 --json generate${selected} ${source}`;
}

function connectClasses(state: LabState): void {
  const group = byId("classes", HTMLElement);
  const build = () => {
    const labels = classLabels(state.model.file);
    group.replaceChildren(
      ...labels.map((label, index) => {
        const button = create("button", { type: "button", textContent: label });
        button.addEventListener("click", () => state.setClass(index));
        return button;
      }),
    );
    if (labels.length === 0) {
      group.append(create("p", { className: "note" }, "This model is unconditional: it has no classes."));
    }
    update();
  };
  const update = () => {
    group.querySelectorAll("button").forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === state.classIndex));
    });
  };
  state.addEventListener("model", build);
  state.addEventListener("change", update);
  build();
}

function connectSeed(state: LabState): void {
  const field = byId("seed", HTMLInputElement);
  const error = byId("seed-error", HTMLElement);
  field.addEventListener("input", () => {
    try {
      state.setSeed(parseSeed(field.value));
      setFieldError(field, error, "");
    } catch (problem) {
      setFieldError(field, error, messageOf(problem));
    }
  });
  byId("next-seed", HTMLButtonElement).addEventListener("click", () => state.setSeed(nextSeed(state.seed)));
  byId("random-seed", HTMLButtonElement).addEventListener("click", () => state.setSeed(randomSeed()));
  const update = () => {
    const isShown = /^\s*\d+\s*$/.test(field.value) && BigInt(field.value) === state.seed;
    if (!isShown) {
      field.value = String(state.seed);
    }
    setFieldError(field, error, "");
  };
  state.addEventListener("change", update);
  update();
}
