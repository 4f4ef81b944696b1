// Recorded frames of the device, which the host compares with its own.
import { mkdirSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { environment } from "./environment.js";
import { expect } from "./page.js";

/** Frame with the view state that the page reports for it. */
interface Frame {
  readonly view: string;
  readonly theme: string;
  readonly panel: string;
  readonly model: string;
  readonly width: number;
  readonly height: number;
  /** File of the pixels: red, green, blue and alpha, row by row. */
  readonly pixels: string;
}

/** Recorder of frames. */
export class FrameRecorder {
  readonly #name: string;
  readonly #folder = `${environment.folder}/frames`;
  readonly #frames: Frame[] = [];

  constructor(name: string) {
    this.#name = name;
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Records the current frame of a page and returns its view state. */
  async record(page: Page): Promise<string> {
    const { data, pixels, width, height } = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("#screen")!;
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
      let text = "";
      for (let start = 0; start < data.length; start += 16_384) {
        text += String.fromCharCode(...data.subarray(start, start + 16_384));
      }
      return { data: { ...canvas.dataset }, pixels: btoa(text), width, height };
    });
    const { view = "", theme = "", panel = "", model = "" } = data;
    expect(view).not.toBe("");
    const file = `${this.#name}-${this.#frames.length}.rgba`;
    writeFileSync(`${this.#folder}/${file}`, Buffer.from(pixels, "base64"));
    this.#frames.push({ view, theme, panel, model, width, height, pixels: file });
    return view;
  }

  /** Writes the list of the frames. */
  finish(): void {
    writeFileSync(`${this.#folder}/${this.#name}.json`, JSON.stringify(this.#frames, undefined, 1));
  }
}
