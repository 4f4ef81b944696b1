// WebAssembly module and committed models.
import init from "../generated/thumbgan.js";
import wasm from "../generated/thumbgan_bg.wasm";
import digits from "../../models/digits.tgan";
import digitsNano from "../../models/digits-nano.tgan";
import digitsPico from "../../models/digits-pico.tgan";
import digitsXs from "../../models/digits-xs.tgan";
import fashion from "../../models/fashion.tgan";
import seed from "../../models/seed.tgan";

const MODELS: ReadonlyMap<string, string> = new Map([
  ["digits", digits],
  ["digits-xs", digitsXs],
  ["digits-nano", digitsNano],
  ["digits-pico", digitsPico],
  ["fashion", fashion],
  ["seed", seed],
]);

/** Names of the committed models, the default one first. */
export const MODEL_NAMES: readonly string[] = [...MODELS.keys()];

async function load(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`cannot load ${url}: the server responded with status ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Starts the WebAssembly module. */
export async function start(): Promise<void> {
  // The bundler imports a URL; the declarations that come with the module describe its exports.
  const url: unknown = wasm;
  await init({ module_or_path: await load(String(url)) });
}

/** Returns the file of a committed model. */
export async function modelBytes(name: string): Promise<Uint8Array> {
  const url = MODELS.get(name);
  if (url === undefined) {
    throw new Error(`model ${name} does not exist: the page has ${MODEL_NAMES.join(", ")}`);
  }
  return load(url);
}
