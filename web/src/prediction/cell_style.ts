// How a cell of the terminal looks, as CSS: for glyphs that are drawn over it.

import type { IBufferCell, ITheme } from "@xterm/xterm";

const NAMES = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
] as const satisfies readonly (keyof ITheme)[];

export interface CellStyle {
  foreground: string;
  background: string;
  isBold: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
}

/** Return a colour of the palette of 256 (xterm: 16 named ones, a cube of 6 × 6 × 6, 24 greys). */
export function paletteColour(index: number, theme: ITheme): string {
  const name = NAMES[index];
  if (name !== undefined) return theme[name] ?? "";
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (digit: number): number => (digit === 0 ? 0 : 55 + digit * 40);
  const at = index - 16;
  return `rgb(${level(Math.floor(at / 36))} ${level(Math.floor(at / 6) % 6)} ${level(at % 6)})`;
}

function rgb(value: number): string {
  return `#${value.toString(16).padStart(6, "0")}`;
}

/** Return how a cell looks with this theme. */
export function styleOf(cell: IBufferCell, theme: ITheme): CellStyle {
  const isBold = cell.isBold() !== 0;
  const index = cell.getFgColor();
  let foreground = theme.foreground ?? "";
  // Bold text in one of the first eight colours is bright, as xterm.js draws it.
  if (cell.isFgPalette()) foreground = paletteColour(isBold && index < 8 ? index + 8 : index, theme);
  else if (cell.isFgRGB()) foreground = rgb(index);
  let background = theme.background ?? "";
  if (cell.isBgPalette()) background = paletteColour(cell.getBgColor(), theme);
  else if (cell.isBgRGB()) background = rgb(cell.getBgColor());
  if (cell.isInverse()) [foreground, background] = [background, foreground];
  return { foreground, background, isBold, isItalic: cell.isItalic() !== 0, isUnderlined: cell.isUnderline() !== 0 };
}
