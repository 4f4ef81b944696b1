// Numbers as text.

const MAX_SEED = 2n ** 64n - 1n;

/** Parses a seed. Throws an error for anything but an integer from 0 to 2^64 - 1. */
export function parseSeed(text: string): bigint {
  const digits = text.trim();
  if (!/^\d{1,20}$/.test(digits) || BigInt(digits) > MAX_SEED) {
    throw new RangeError(`seed ${quote(text)} is not an integer from 0 to ${MAX_SEED} (2^64 - 1)`);
  }
  return BigInt(digits);
}

/** Returns the next seed; the largest one is followed by 0. */
export const nextSeed = (seed: bigint): bigint => BigInt.asUintN(64, seed + 1n);

/** Returns a random seed of up to nine digits, which is easy to read and to type. */
export function randomSeed(): bigint {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return BigInt(word % 1_000_000_000);
}

/** Returns a 32-bit number in hexadecimal, as the command line prints a CRC-32. */
export const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** Returns a number with thousands separators. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** Returns a number with a fixed number of decimals and a minus sign. */
export function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

/** Returns text in quotation marks, shortened to 40 characters. */
export function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
