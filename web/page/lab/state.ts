// Class and latent of the lab's image.
import { Lab } from "../../generated/thumbgan.js";
import type { Model, Models } from "../models.js";

/** Layer of a model. */
export interface Layer {
  readonly convolution: boolean;
  readonly side: number;
  readonly channels: number;
  readonly macs: number;
}

/**
 * Selected model, class and latent. Dispatches `model` after a change of the model, and `change` after every change.
 */
export class LabState extends EventTarget {
  lab: Lab;
  model: Model;
  layers: readonly Layer[];
  classIndex: number | undefined;
  /** Seed of the latent; after an edit, the seed of the latent before it. */
  seed = 1n;
  latent: Int8Array;
  /** True if the latent differs from the one sampled from the seed. */
  edited = false;

  constructor(models: Models) {
    super();
    this.model = models.selected;
    this.lab = new Lab(this.model.file);
    this.layers = layersOf(this.model);
    this.classIndex = this.model.file.class_count > 0 ? 0 : undefined;
    this.latent = this.lab.latent(this.seed);
    models.addEventListener("select", () => this.#setModel(models.selected));
  }

  #setModel(model: Model): void {
    this.lab.free();
    this.lab = new Lab(model.file);
    this.model = model;
    this.layers = layersOf(model);
    const count = model.file.class_count;
    this.classIndex = count === 0 ? undefined : Math.min(this.classIndex ?? 0, count - 1);
    this.latent = this.lab.latent(this.seed);
    this.edited = false;
    this.dispatchEvent(new Event("model"));
    this.#changed();
  }

  setClass(classIndex: number): void {
    this.classIndex = classIndex;
    this.#changed();
  }

  /** Shows the image of a seed, and of a class if one is given. */
  setSeed(seed: bigint, classIndex = this.classIndex): void {
    this.seed = seed;
    this.classIndex = classIndex;
    this.latent = this.lab.latent(seed);
    this.edited = false;
    this.#changed();
  }

  /** Shows the image of an edited latent. */
  setLatent(latent: Int8Array): void {
    this.latent = latent;
    this.edited = true;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

function layersOf({ file }: Model): Layer[] {
  return file.layers().map((info) => {
    const { convolution, side, channels, macs } = info;
    info.free();
    return { convolution, side, channels, macs };
  });
}
