// The part of gifenc that the page uses.
declare module "gifenc" {
  interface FrameOptions {
    palette?: [number, number, number][];
    /** Milliseconds. */
    delay?: number;
    /** Number of repetitions; 0 for no end. */
    repeat?: number;
  }
  interface Encoder {
    writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): Encoder;
}
