// Displays by their names in links.
import { PanelKind } from "../generated/thumbgan.js";

export const PANELS = {
  grayscale: { kind: PanelKind.Grayscale, title: "128x64 gray OLED", controller: "SSD0323, SPI" },
  oled: { kind: PanelKind.Oled, title: "128x64 mono OLED", controller: "SSD1306, I2C" },
  tft: { kind: PanelKind.Tft, title: "240x240 color TFT", controller: "ST7789, SPI" },
  mini: { kind: PanelKind.Mini, title: "72x40 mono OLED", controller: "SSD1306, I2C" },
} as const;

export type PanelName = keyof typeof PANELS;

export const PANEL_NAMES = Object.keys(PANELS) as PanelName[];

export const isPanelName = (name: string): name is PanelName => Object.hasOwn(PANELS, name);
