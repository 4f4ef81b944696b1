// Models that the page can run.
import { ModelFile } from "../generated/thumbgan.js";
import { MODEL_NAMES, modelBytes } from "./assets.js";

/** Model with its name on this page. */
export interface Model {
  readonly key: string;
  readonly file: ModelFile;
  /** CRC-32 of the file. */
  readonly crc32: number;
  /** True for a file that the user has added. */
  readonly added: boolean;
}

/** Loaded models, and the one that device and lab run. Dispatches `select` and `add`. */
export class Models extends EventTarget {
  readonly #models = new Map<string, Model>();
  #selected: Model;

  /** Creates the list with the file of a committed model, which is selected. */
  constructor(name: string, bytes: Uint8Array) {
    super();
    this.#selected = model(name, new ModelFile(bytes), false);
    this.#models.set(name, this.#selected);
  }

  /** Loads the other committed models. */
  async loadOthers(): Promise<void> {
    const missing = MODEL_NAMES.filter((name) => !this.#models.has(name));
    const loaded = await Promise.all(
      missing.map(async (name) => model(name, new ModelFile(await modelBytes(name)), false)),
    );
    const position = ({ key }: Model) => (MODEL_NAMES.indexOf(key) + MODEL_NAMES.length + 1) % (MODEL_NAMES.length + 1);
    const all = [...this.#models.values(), ...loaded].sort((one, other) => position(one) - position(other));
    this.#models.clear();
    for (const entry of all) {
      this.#models.set(entry.key, entry);
    }
    this.dispatchEvent(new Event("add"));
  }

  /**
   * Adds a file and returns its model, or the existing one with the same content. Throws the firmware's message for an
   * invalid file.
   */
  add(fileName: string, bytes: Uint8Array): Model {
    const file = new ModelFile(bytes);
    const known = this.find(file.crc32, file.file_len);
    if (known !== undefined) {
      file.free();
      return known;
    }
    const stem = fileName.replace(/\.tgan$/i, "") || "model";
    let key = stem;
    for (let number = 2; this.#models.has(key); number += 1) {
      key = `${stem} (${number})`;
    }
    const added = model(key, file, true);
    this.#models.set(key, added);
    this.dispatchEvent(new Event("add"));
    return added;
  }

  /** Selects a model by its name. */
  select(key: string): void {
    const found = this.get(key);
    if (found !== undefined && found !== this.#selected) {
      this.#selected = found;
      this.dispatchEvent(new Event("select"));
    }
  }

  /** Model that device and lab run. */
  get selected(): Model {
    return this.#selected;
  }

  get(key: string): Model | undefined {
    return this.#models.get(key);
  }

  /** Returns the model with this CRC-32 and length. */
  find(crc32: number, length: number): Model | undefined {
    return this.list().find((model) => model.crc32 === crc32 && model.file.file_len === length);
  }

  list(): Model[] {
    return [...this.#models.values()];
  }
}

function model(key: string, file: ModelFile, added: boolean): Model {
  return { key, file, crc32: file.crc32, added };
}

/** Returns the names of a model's classes, or their indices if they have no names. */
export function classLabels(file: ModelFile): string[] {
  const names = file.class_names;
  return Array.from({ length: file.class_count }, (_, index) => names[index] ?? String(index));
}
