// Settings and expected values from the host.
import { readFileSync } from "node:fs";

/** Returns a variable that emulator/src/web/playwright.rs sets. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run \`cargo xtask test page\``);
  }
  return value;
}

export const environment = {
  /** Address of the hosted page. */
  address: variable("THUMBGAN_PAGE"),
  /** Path of the page in one file. */
  standalone: variable("THUMBGAN_STANDALONE_PAGE"),
  /** Path of Chromium or Chrome. */
  chromium: variable("THUMBGAN_CHROMIUM"),
  /** Folder of the expected values and of the recorded frames. */
  folder: variable("THUMBGAN_TEST_FOLDER"),
};

/** Invalid model file with the expected message. */
export interface BadFile {
  readonly path: string;
  readonly message: string;
}

/** Expected values of a model. */
export interface ExpectedModel {
  readonly crc32: string;
  /** CRC-32 of the images of the seeds from 0 on. */
  readonly images: readonly number[];
}

/** Expected values, written by emulator/tests/web_page. */
export interface Expectations {
  /** Committed models by name. */
  readonly models: Readonly<Record<string, ExpectedModel>>;
  /** Number of themes of each display. */
  readonly themes: Readonly<Record<string, number>>;
  readonly badFiles: readonly BadFile[];
  /** Changed copies of a model file with the right CRC-32. */
  readonly changedFiles: readonly BadFile[];
  /** Valid model file that is not committed. */
  readonly ownModel: ExpectedModel & {
    readonly path: string;
    readonly classNames: readonly string[];
    /** UF2 files by board. */
    readonly uf2: Readonly<Record<string, string>>;
  };
}

/** Reads the expected values. */
export function expectations(): Expectations {
  return JSON.parse(readFileSync(`${environment.folder}/expectations.json`, "utf8"));
}
