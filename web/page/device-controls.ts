// Controls beside the device: mode, display, theme, model, class and seed.
import type { DeviceView } from "./device.js";
import { byId, create, messageOf, setFieldError, setText } from "./dom.js";
import type { ModeName } from "./fragment.js";
import { classLabels, type Models } from "./models.js";
import { parseSeed } from "./numbers.js";
import { isPanelName, PANEL_NAMES, PANELS } from "./panels.js";

/** Functions of the button ACT in a mode. */
const ACT: Record<ModeName, { short: string; long: string }> = {
  gallery: { short: "pause or resume", long: "next digit" },
  digit: { short: "next class", long: "same class, new latent" },
  walk: { short: "frame rate on or off", long: "next class" },
  clock: { short: "new latents", long: "set the time" },
  about: { short: "training details", long: "training details" },
};

/** Connects the controls with the device. */
export function connectControls(view: DeviceView, models: Models): void {
  const modes = byId("modes", HTMLElement);
  const panel = byId("panel", HTMLSelectElement);
  const theme = byId("theme", HTMLElement);
  panel.append(...PANEL_NAMES.map((name) => create("option", { value: name }, PANELS[name].title)));

  modes.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) {
      view.apply({ mode: event.target.value as ModeName });
    }
  });
  panel.addEventListener("change", () => {
    if (isPanelName(panel.value)) {
      view.apply({ panel: panel.value });
    }
  });
  byId("next-theme", HTMLButtonElement).addEventListener("click", () => {
    view.apply({ theme: (view.device.theme + 1) % 256 });
  });

  const update = () => {
    const mode = view.mode;
    for (const input of modes.querySelectorAll("input")) {
      input.checked = input.value === mode;
    }
    panel.value = view.panel;
    setText(byId("controller", HTMLElement), PANELS[view.panel].controller);
    setText(theme, String(view.device.theme));
    setText(byId("act-short", HTMLElement), ACT[mode].short);
    setText(byId("act-long", HTMLElement), ACT[mode].long);
  };
  view.addEventListener("change", update);
  // Announced after a press only, since the view can change with every frame.
  const status = byId("device-status", HTMLElement);
  view.addEventListener("press", () => setText(status, `${describe(view.device.view)}, theme ${view.device.theme}`));
  update();
  connectImageForm(view, models);
}

/** Returns a view state as words, without the progress of an animation. */
function describe(view: string): string {
  const [mode, ...fields] = view.split(" ");
  const stable = fields.filter((field) => /^(class|seed|held|to|set|page)=/.test(field) && !field.endsWith("=-"));
  return [mode, ...stable.map((field) => field.replace("=", " "))].join(", ");
}

/** Connects class and seed. */
function connectImageForm(view: DeviceView, models: Models): void {
  const classes = byId("device-class", HTMLSelectElement);
  const seed = byId("device-seed", HTMLInputElement);
  const error = byId("device-seed-error", HTMLElement);
  const update = () => {
    const labels = classLabels(models.selected.file);
    classes.disabled = labels.length === 0;
    const any = create("option", { value: "" }, labels.length === 0 ? "none" : "by seed");
    classes.replaceChildren(any, ...labels.map((label, index) => create("option", { value: String(index) }, label)));
  };
  models.addEventListener("select", update);
  update();
  byId("device-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      const number = parseSeed(seed.value);
      setFieldError(seed, error, "");
      showOnDevice(view, models, classes.value === "" ? undefined : Number(classes.value), number);
    } catch (problem) {
      setFieldError(seed, error, messageOf(problem));
      seed.focus();
    }
  });
}

/** Shows an image in the mode "digit", or in the gallery if the model has no classes. */
export function showOnDevice(view: DeviceView, models: Models, classIndex: number | undefined, seed: bigint): void {
  const mode = models.selected.file.class_count > 0 ? "digit" : "gallery";
  view.apply(classIndex === undefined ? { mode, seed } : { mode, class: classIndex, seed });
}
