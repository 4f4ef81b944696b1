// Comparison of images that a board and this page generate.
import { Lab } from "../../generated/thumbgan.js";
import type { Model } from "../models.js";
import type { Connection } from "./connection.js";

/** Pixels of an image. */
const PIXELS = 784;

/** Images of one class and seed from the page and from the board. */
export interface Pair {
  readonly classIndex: number | undefined;
  readonly seed: bigint;
  readonly page: Uint8Array;
  readonly board: Uint8Array;
  /** Number of bytes that differ. */
  readonly differing: number;
}

/** Generates images of consecutive seeds on the page and on the board, one pair after the other. */
export async function* comparePairs(
  connection: Connection,
  model: Model,
  first: bigint,
  count: number,
): AsyncGenerator<Pair> {
  const lab = new Lab(model.file);
  try {
    for (let index = 0; index < count; index += 1) {
      const seed = BigInt.asUintN(64, first + BigInt(index));
      const classIndex = model.file.class_for_seed(seed);
      const page = lab.generate(classIndex, seed);
      const board = await boardImage(connection, classIndex, seed);
      const differing = page.reduce((sum, value, position) => sum + (value === board[position] ? 0 : 1), 0);
      yield { classIndex, seed, page, board, differing };
    }
  } finally {
    lab.free();
  }
}

async function boardImage(connection: Connection, classIndex: number | undefined, seed: bigint): Promise<Uint8Array> {
  const response = await connection.generate(classIndex, seed);
  const { error, pixels } = response;
  response.free();
  if (error !== undefined) {
    throw new Error(`seed ${seed}: ${error}`);
  }
  if (pixels?.length !== PIXELS) {
    throw new Error(`seed ${seed}: the board sent ${pixels?.length ?? 0} pixels instead of ${PIXELS}`);
  }
  return pixels;
}
