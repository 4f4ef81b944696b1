// Animated GIFs of images.
import { GIFEncoder } from "gifenc";
import { SIDE } from "./image.js";

/** Pixels of the GIF per pixel of an image, in each direction. */
const SCALE = 6;
/** The 256 levels of gray. */
const PALETTE = Array.from({ length: 256 }, (_, level) => [level, level, level] as [number, number, number]);

/** Returns a GIF that repeats `images` with `delay` milliseconds per image. */
export function encodeGif(images: Uint8Array[], delay: number): Blob {
  const side = SIDE * SCALE;
  const encoder = GIFEncoder();
  for (const [index, pixels] of images.entries()) {
    const frame = new Uint8Array(side * side);
    for (let position = 0; position < frame.length; position += 1) {
      const [x, y] = [position % side, Math.floor(position / side)];
      frame[position] = pixels[Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE)] ?? 0;
    }
    encoder.writeFrame(frame, side, side, index === 0 ? { palette: PALETTE, delay, repeat: 0 } : { delay });
  }
  encoder.finish();
  return new Blob([encoder.bytes()], { type: "image/gif" });
}
