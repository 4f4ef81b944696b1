// State of the page in the fragment of its address: `#model=digits&panel=tft&mode=digit&class=3&seed=7&theme=0`.
import { isPanelName, PANEL_NAMES, type PanelName } from "./panels.js";
import { messageOf } from "./dom.js";
import { parseSeed, quote } from "./numbers.js";

export const MODES = ["gallery", "digit", "walk", "clock", "about"] as const;
export type ModeName = (typeof MODES)[number];

/** Values of a link. */
export interface Fragment {
  model?: string;
  panel?: PanelName;
  mode?: ModeName;
  class?: number;
  seed?: bigint;
  theme?: number;
}

const isMode = (name: string): name is ModeName => (MODES as readonly string[]).includes(name);

/** Parses a fragment into its valid values and one error per invalid one. A fragment without `=` is a section's ID. */
export function parseFragment(hash: string): { values: Fragment; errors: string[] } {
  const values: Fragment = {};
  const errors: string[] = [];
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) {
    return { values, errors };
  }
  for (const [name, value] of new URLSearchParams(text)) {
    const error = parseValue(values, name, value);
    if (error !== undefined) {
      errors.push(error);
    }
  }
  return { values, errors };
}

/** Parses one value; returns the message if it is invalid. */
function parseValue(values: Fragment, name: string, value: string): string | undefined {
  switch (name) {
    case "model":
      values.model = value;
      return undefined;
    case "panel":
      if (!isPanelName(value)) {
        return `panel ${quote(value)} does not exist: the page has ${PANEL_NAMES.join(", ")}`;
      }
      values.panel = value;
      return undefined;
    case "mode":
      if (!isMode(value)) {
        return `mode ${quote(value)} does not exist: the device has ${MODES.join(", ")}`;
      }
      values.mode = value;
      return undefined;
    case "class":
      return parseByte(value, "class", (byte) => (values.class = byte));
    case "theme":
      return parseByte(value, "theme", (byte) => (values.theme = byte));
    case "seed":
      try {
        values.seed = parseSeed(value);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    default:
      return `${quote(name)} is unknown: links have model, panel, mode, class, seed and theme`;
  }
}

function parseByte(value: string, name: string, set: (byte: number) => void): string | undefined {
  if (!/^\d{1,3}$/.test(value) || Number(value) > 255) {
    return `${name} ${quote(value)} is not an integer from 0 to 255`;
  }
  set(Number(value));
  return undefined;
}

/** Returns the fragment of values, with its `#`. */
export function formatFragment(values: Fragment): string {
  const parameters = new URLSearchParams();
  for (const name of ["model", "panel", "mode", "class", "seed", "theme"] as const) {
    const value = values[name];
    if (value !== undefined) {
      parameters.set(name, String(value));
    }
  }
  return `#${parameters}`;
}
