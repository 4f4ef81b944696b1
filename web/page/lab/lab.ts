// Lab: single images of the selected model, with their latents and activations.
import type { DeviceView } from "../device.js";
import type { Fragment } from "../fragment.js";
import type { Models } from "../models.js";
import { connectGrid } from "./grid.js";
import { connectInterpolation } from "./interpolation.js";
import { connectLatent } from "./latent.js";
import { connectLayers } from "./layers.js";
import { connectPad } from "./pad.js";
import { connectSample } from "./sample.js";
import { LabState } from "./state.js";

/** Class and seed of the lab, which links contain. */
export interface LabView {
  readonly classIndex: number | undefined;
  readonly seed: bigint;
  /** Applies the class and seed of a link. */
  apply(values: Fragment): void;
}

/** Connects the lab with the selected model. */
export function connectLab(view: DeviceView, models: Models, values: Fragment): LabView {
  const state = new LabState(models);
  const apply = (values: Fragment) => {
    if (values.seed !== undefined || values.class !== undefined) {
      state.setSeed(values.seed ?? state.seed, values.class ?? state.classIndex);
    }
  };
  apply(values);
  connectSample(state, view, models);
  connectLatent(state);
  connectPad(state);
  connectLayers(state);
  connectInterpolation(state);
  connectGrid(state);
  return {
    get classIndex() {
      return state.classIndex;
    },
    get seed() {
      return state.seed;
    },
    apply,
  };
}
