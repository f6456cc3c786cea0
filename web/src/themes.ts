// The colours of the terminal for each theme. The page's own colours are in style.css, by the attribute data-theme.

import type { ITheme } from "@xterm/xterm";
import type { Theme } from "./settings.js";

export type Shown = "light" | "dark" | "contrast";

const DARK: ITheme = {
  background: "#14171c",
  foreground: "#dfe3ea",
  cursor: "#7fb4ff",
  cursorAccent: "#14171c",
  selectionBackground: "#35507a",
  black: "#22262e",
  red: "#f0717b",
  green: "#8fcf78",
  yellow: "#e3bd6f",
  blue: "#6fa8f5",
  magenta: "#c792ea",
  cyan: "#5cc7cf",
  white: "#c5cad3",
  brightBlack: "#6b7482",
  brightRed: "#ff9199",
  brightGreen: "#abe694",
  brightYellow: "#f6d68f",
  brightBlue: "#93c0ff",
  brightMagenta: "#dcb3f7",
  brightCyan: "#83e0e7",
  brightWhite: "#f4f6fa",
};

const LIGHT: ITheme = {
  background: "#fdfdfb",
  foreground: "#24292f",
  cursor: "#1f5fbf",
  cursorAccent: "#fdfdfb",
  selectionBackground: "#bcd5f7",
  black: "#24292f",
  red: "#b3261e",
  green: "#22722b",
  yellow: "#855a00",
  blue: "#1553b0",
  magenta: "#7c3aa5",
  cyan: "#116c75",
  white: "#6a727c",
  brightBlack: "#5a626d",
  brightRed: "#c93a31",
  brightGreen: "#2c8537",
  brightYellow: "#966800",
  brightBlue: "#2468cc",
  brightMagenta: "#9350bd",
  brightCyan: "#187f89",
  brightWhite: "#8b939d",
};

const CONTRAST: ITheme = {
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  cursorAccent: "#000000",
  selectionBackground: "#0050c8",
  black: "#000000",
  red: "#ff8080",
  green: "#60ff60",
  yellow: "#ffff40",
  blue: "#80b8ff",
  magenta: "#ff90ff",
  cyan: "#40ffff",
  white: "#e8e8e8",
  brightBlack: "#b0b0b0",
  brightRed: "#ffa0a0",
  brightGreen: "#90ff90",
  brightYellow: "#ffff90",
  brightBlue: "#a8d0ff",
  brightMagenta: "#ffb8ff",
  brightCyan: "#90ffff",
  brightWhite: "#ffffff",
};

const COLOURS: Record<Shown, ITheme> = { dark: DARK, light: LIGHT, contrast: CONTRAST };

/** The least contrast of text, as WCAG counts it. Programs choose colours for dark terminals, so light needs the most help. */
const LEAST_CONTRAST: Record<Shown, number> = { dark: 1, light: 4.5, contrast: 7 };

/** Return the theme to show. "system" follows what the person told their system. */
export function shownTheme(theme: Theme): Shown {
  if (theme !== "system") return theme;
  if (matchMedia("(prefers-contrast: more)").matches) return "contrast";
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function coloursOf(theme: Shown): { theme: ITheme; minimumContrastRatio: number } {
  return { theme: COLOURS[theme], minimumContrastRatio: LEAST_CONTRAST[theme] };
}
