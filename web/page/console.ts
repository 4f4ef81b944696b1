// `window.thumbgan`: the page's API for the console of the browser.
import * as api from "../generated/thumbgan.js";
import type { DeviceView } from "./device.js";
import type { Models } from "./models.js";

/** Publishes the classes of the WebAssembly module, the loaded models by name, and the device on the page. */
export function publish(models: Models, view: DeviceView): void {
  const { BoardResponse, Device, Lab, Link, ModelFile, PanelKind, crc32, slerp } = api;
  const thumbgan = {
    BoardResponse,
    Device,
    Lab,
    Link,
    ModelFile,
    PanelKind,
    crc32,
    slerp,
    device: view.device,
    /** Loaded models by name. */
    get models(): Record<string, api.ModelFile> {
      return Object.fromEntries(models.list().map(({ key, file }) => [key, file]));
    },
  };
  Object.assign(window, { thumbgan });
}
