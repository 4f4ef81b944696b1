// Displays by their names in links.
import { PanelKind } from "../generated/thumbgan.js";

export const PANELS = {
  grayscale: { kind: PanelKind.Grayscale, title: "OLED 128x64, 16 gray levels" },
  oled: { kind: PanelKind.Oled, title: "OLED 128x64, monochrome" },
  tft: { kind: PanelKind.Tft, title: "TFT 240x240, RGB565" },
  mini: { kind: PanelKind.Mini, title: "OLED 72x40, monochrome" },
} as const;

export type PanelName = keyof typeof PANELS;

export const PANEL_NAMES = Object.keys(PANELS) as PanelName[];

export const isPanelName = (name: string): name is PanelName => Object.hasOwn(PANELS, name);
