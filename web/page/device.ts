// Device: a board with its display and two buttons.
import { Device } from "../generated/thumbgan.js";
import { BoardButton } from "./buttons.js";
import { byId, context2d, reducedMotion, setText } from "./dom.js";
import type { Fragment, ModeName } from "./fragment.js";
import type { Models } from "./models.js";
import { count, hex32 } from "./numbers.js";
import { type PanelName, PANELS } from "./panels.js";

/** Time between updates of the frame rate in milliseconds. */
const RATE_PERIOD = 500;

/** Time after a press until its effect is announced, in milliseconds. */
const ANNOUNCE_DELAY = 200;

/**
 * Device with its canvas. Dispatches `change` when mode, theme or panel change, and `press` after a press of a button.
 */
export class DeviceView extends EventTarget {
  readonly device: Device;
  readonly #models: Models;
  readonly #canvas = byId("screen", HTMLCanvasElement);
  readonly #context = context2d(this.#canvas);
  readonly #view = byId("view", HTMLElement);
  readonly #rate = byId("frame-rate", HTMLElement);
  readonly #bus = byId("bus-bytes", HTMLElement);
  readonly #mode: BoardButton;
  readonly #act: BoardButton;
  #panel: PanelName;
  #shown = "";
  #frames = 0;
  #rateSince = performance.now();
  #busBytes = 0;
  #pressed = false;

  /** Starts the device and draws its first frame. */
  constructor(models: Models, values: Fragment) {
    super();
    this.#models = models;
    this.#panel = values.panel ?? "grayscale";
    this.device = new Device(models.selected.file, PANELS[this.#panel].kind, 1n);
    const now = new Date();
    this.device.set_time((now.getHours() * 60 + now.getMinutes()) * 60 + now.getSeconds());
    this.apply({ ...values, mode: values.mode ?? (reducedMotion() ? "digit" : "gallery") });
    const keys = byId("keys", HTMLInputElement);
    this.#mode = new BoardButton(byId("mode-button", HTMLButtonElement), "mode", () => keys.checked);
    this.#act = new BoardButton(byId("act-button", HTMLButtonElement), "act", () => keys.checked);
    models.addEventListener("select", () => this.device.set_model(models.selected.file));
    this.#frame();
  }

  get panel(): PanelName {
    return this.#panel;
  }

  get mode(): ModeName {
    return this.device.mode as ModeName;
  }

  /** Applies the values of a link or of a control. */
  apply(values: Fragment): void {
    const { device } = this;
    if (values.panel !== undefined && values.panel !== this.#panel) {
      this.#panel = values.panel;
      device.set_panel(PANELS[values.panel].kind);
    }
    if (values.theme !== undefined) {
      device.set_theme(values.theme);
    }
    if (values.mode !== undefined && values.mode !== device.mode) {
      device.set_mode(values.mode);
    }
    if (values.seed !== undefined || values.class !== undefined) {
      this.#showImage(values.class, values.seed ?? device.seed ?? 1n);
    }
  }

  #showImage(classIndex: number | undefined, seed: bigint): void {
    const { device, mode } = this;
    // The following images continue from this seed.
    device.set_seed(seed);
    // Clock and information have no class, and the gallery chooses one for a seed.
    const choosesClass = mode === "digit" || mode === "walk" || (mode === "gallery" && classIndex !== undefined);
    if (choosesClass) {
      device.show(classIndex, seed);
    }
  }

  #frame = (): void => {
    const { device } = this;
    this.#readButtons();
    if (device.draw()) {
      this.#frames += 1;
      this.#present();
      device.prepare();
    }
    this.#updateRate();
    requestAnimationFrame(this.#frame);
  };

  #readButtons(): void {
    const [mode, act] = [this.#mode.read(), this.#act.read()];
    this.device.tick(mode, act);
    if (this.#pressed && !mode && !act) {
      setTimeout(() => this.dispatchEvent(new Event("press")), ANNOUNCE_DELAY);
    }
    this.#pressed = mode || act;
  }

  /** Copies the display to the canvas, and its view state to the canvas's data attributes. */
  #present(): void {
    const { device } = this;
    const { width, height } = device;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const pixels = new Uint8ClampedArray(device.rgba().buffer as ArrayBuffer);
    this.#context.putImageData(new ImageData(pixels, width, height), 0, 0);
    const view = device.view;
    const theme = device.theme;
    const mode = view.split(" ", 1)[0] ?? "";
    Object.assign(this.#canvas.dataset, {
      view,
      theme: String(theme),
      panel: this.#panel,
      model: hex32(this.#models.selected.crc32),
    });
    setText(this.#view, view);
    this.#updateBus();
    const shown = `${mode} ${theme} ${this.#panel}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Shows the number of bytes that the display has received for this frame. */
  #updateBus(): void {
    const { bus_bytes: bytes } = this.device;
    // A new display counts from 0.
    setText(this.#bus, count(bytes < this.#busBytes ? bytes : bytes - this.#busBytes));
    this.#busBytes = bytes;
  }

  #updateRate(): void {
    const now = performance.now();
    const period = now - this.#rateSince;
    if (period >= RATE_PERIOD) {
      setText(this.#rate, ((this.#frames * 1000) / period).toFixed(0));
      this.#frames = 0;
      this.#rateSince = now;
    }
  }
}
