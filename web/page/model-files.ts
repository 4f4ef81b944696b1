// Files that the user adds: dropped or chosen, one at a time.
import { byId, create, messageOf, setText } from "./dom.js";
import { download } from "./download.js";
import type { Model, Models } from "./models.js";
import { count, hex32, quote } from "./numbers.js";

/** Largest file that is read. Model regions of boards have 256 KiB. */
const MAX_LEN = 4 * 1024 * 1024;

/** Boards that a UF2 file can be made for, by their names in the board table. */
const UF2_BOARDS = ["pico", "pico2"] as const;

/** Connects the list of models, the drop area and the UF2 files. */
export function connectModelFiles(models: Models): void {
  connectList(models);
  connectDropArea(models);
  connectUf2(models);
}

function connectList(models: Models): void {
  const list = byId("model-list", HTMLElement);
  list.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) {
      models.select(event.target.value);
    }
  });
  const update = () => {
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...models.list().map((model) => entry(model, model === models.selected)));
    if (focused) {
      list.querySelector<HTMLInputElement>("input:checked")?.focus();
    }
  };
  models.addEventListener("add", update);
  models.addEventListener("select", update);
  update();
}

/** Returns the list entry of a model. */
function entry({ key, file, crc32, added }: Model, checked: boolean): HTMLElement {
  const radio = create("input", { type: "radio", name: "model-file", value: key, checked });
  const classes = file.class_count === 0 ? "unconditional" : `${file.class_count} classes`;
  const fid = file.fid === undefined ? [] : [`FID ${(file.fid / 1000).toFixed(2)}`];
  const size = `${count(file.file_len)} bytes`;
  const facts = [size, `CRC-32 ${hex32(crc32)}`, classes, `latent size ${file.latent_len}`, ...fid];
  // Lines break between facts only.
  const text = facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join("\u00a0· ");
  const name = create("b", {}, key);
  const preset = added ? create("span", { className: "tag" }, `yours, preset ${file.name}`) : "";
  const details = create("span", { className: "note numeric" }, text);
  return create("label", {}, radio, create("span", {}, name, preset), details);
}

function connectDropArea(models: Models): void {
  const area = byId("drop", HTMLElement);
  const field = byId("file", HTMLInputElement);
  byId("choose-file", HTMLButtonElement).addEventListener("click", () => field.click());
  field.addEventListener("change", () => {
    const files = [...(field.files ?? [])];
    // The same file can be chosen again after it has changed.
    void read(models, files).then(() => (field.value = ""));
  });
  // Outside the area as well, where the browser would leave the page for the file.
  let depth = 0;
  const highlight = (change: number) => {
    depth = Math.max(0, depth + change);
    area.classList.toggle("over", depth > 0);
  };
  const listen = (type: "dragenter" | "dragleave" | "dragover" | "drop", handle: (event: DragEvent) => void) => {
    window.addEventListener(type, (event) => {
      if (event.dataTransfer?.types.includes("Files")) {
        handle(event);
      }
    });
  };
  listen("dragenter", () => highlight(1));
  listen("dragleave", () => highlight(-1));
  listen("dragover", (event) => event.preventDefault());
  listen("drop", (event) => {
    event.preventDefault();
    highlight(-depth);
    const folder = [...(event.dataTransfer?.items ?? [])]
      .map((item) => item.webkitGetAsEntry?.())
      .find((item) => item?.isDirectory);
    if (folder) {
      show("", `${quote(folder.name)} is a folder: drop a .tgan file`, "");
    } else {
      void read(models, [...(event.dataTransfer?.files ?? [])]);
    }
    area.scrollIntoView({ block: "nearest" });
  });
}

/** Adds and selects a file, or shows its error. */
async function read(models: Models, files: File[]): Promise<void> {
  const [file] = files;
  if (file === undefined) {
    show("", "there is no file: drop a .tgan file or choose one", "");
  } else if (files.length > 1) {
    show("", `these are ${files.length} files: drop or choose one .tgan file`, "");
  } else if (file.size > MAX_LEN) {
    const size = `the file has ${count(file.size)} bytes`;
    show(file.name, `${size}: this page reads model files of up to ${count(MAX_LEN)} bytes`, "");
  } else if (file.size === 0) {
    show(file.name, "the file is empty: choose a .tgan file that the trainer has written", "");
  } else {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const known = models.list().length;
      const model = models.add(file.name, bytes);
      models.select(model.key);
      const listed = models.list().length === known ? ` The page has this file already, as ${quote(model.key)}.` : "";
      show("", "", `${file.name} is valid.${listed} Device and lab run it.`);
    } catch (error) {
      show(file.name, messageOf(error), "");
    }
  }
}

/** Shows the result for a file. */
function show(name: string, error: string, success: string): void {
  setText(byId("model-error-name", HTMLElement), error === "" ? "" : name);
  setText(byId("model-error", HTMLElement), error);
  setText(byId("model-status", HTMLElement), success);
}

function connectUf2(models: Models): void {
  const error = byId("uf2-error", HTMLElement);
  for (const board of UF2_BOARDS) {
    byId(`uf2-${board}`, HTMLButtonElement).addEventListener("click", () => {
      const { key, file } = models.selected;
      try {
        const bytes = new Uint8Array(file.uf2(board));
        download(new Blob([bytes]), `${key}-${board}.uf2`);
        setText(error, "");
      } catch (problem) {
        setText(error, messageOf(problem));
      }
    });
  }
  models.addEventListener("select", () => setText(error, ""));
}
