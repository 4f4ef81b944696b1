// Displays by their names in links.
import { PanelKind } from "../generated/thumbgan.js";

export const PANELS = {
  grayscale: { kind: PanelKind.Grayscale, title: "128x64 OLED, 16 grays" },
  oled: { kind: PanelKind.Oled, title: "128x64 OLED, mono" },
  tft: { kind: PanelKind.Tft, title: "240x240 TFT, color" },
  mini: { kind: PanelKind.Mini, title: "72x40 OLED, mono" },
} as const;

export type PanelName = keyof typeof PANELS;

export const PANEL_NAMES = Object.keys(PANELS) as PanelName[];

export const isPanelName = (name: string): name is PanelName => Object.hasOwn(PANELS, name);
