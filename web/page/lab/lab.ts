// Lab: single images of the selected model, with everything that they depend on.
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

/** Lab as links see it. */
export interface LabView {
  readonly classIndex: number | undefined;
  readonly seed: bigint;
  /** Shows what a link asks for. */
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
