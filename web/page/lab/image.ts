// Images as canvases.
import { context2d, create } from "../dom.js";

/** Width and height of an image in pixels. */
export const SIDE = 28;

/** Draws the 784 pixels of an image at a position of a canvas: 0 is black, 255 is white. */
export function drawImage(context: CanvasRenderingContext2D, pixels: Uint8Array, x = 0, y = 0): void {
  const image = new ImageData(SIDE, SIDE);
  const words = new Uint32Array(image.data.buffer);
  pixels.forEach((value, index) => {
    words[index] = 0xff000000 | (value * 0x010101);
  });
  context.putImageData(image, x, y);
}

/** Creates a canvas with an image. */
export function imageCanvas(pixels: Uint8Array): HTMLCanvasElement {
  const canvas = create("canvas", { width: SIDE, height: SIDE, className: "pixels" });
  drawImage(context2d(canvas), pixels);
  return canvas;
}
