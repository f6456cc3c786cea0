// What the terminal shows, as tests read it: cells and pens in the form of tests/judge/judge.mjs. "" is the right half of
// a wide character, " " a blank cell, -1 a default colour, and bit 24 marks a colour in RGB.

import type { IBufferCell, Terminal } from "@xterm/xterm";

const RGB = 1 << 24;

export interface Picture {
  rows: number;
  cols: number;
  cells: string[][];
  pens: number[][];
  table: [foreground: number, background: number, flags: number, underlineColour: number, link: string][];
  cursor: [row: number, col: number, isVisible: boolean];
  title: string;
}

/** What xterm.js keeps and its interface does not say. A field that another version lacks counts as not set. */
interface Extended {
  hasExtendedAttrs?(): number;
  isUnderlineColorRGB?(): boolean;
  isUnderlineColorPalette?(): boolean;
  getUnderlineColor?(): number;
  extended?: { underlineStyle: number; underlineColor: number; urlId: number; _ext?: number };
}

interface Core {
  coreService?: { isCursorHidden: boolean };
  _oscLinkService?: { getLinkData(id: number): { uri: string } | undefined };
}

function colour(isRgb: boolean, isPalette: boolean, value: number): number {
  return isRgb ? RGB | value : isPalette ? value : -1;
}

function penOf(cell: IBufferCell, core: Core): Picture["table"][number] {
  const more = cell as IBufferCell & Extended;
  const extended = more.hasExtendedAttrs?.() ? more.extended : undefined;
  const link = extended?.urlId ? (core._oscLinkService?.getLinkData(extended.urlId)?.uri ?? "") : "";
  // A cell with a link always says "dashed"; what the program selected stands below that.
  const linked = ((extended?._ext ?? 0) & 0x1c000000) >> 26;
  const style = extended?.urlId ? linked : cell.isUnderline() ? (extended?.underlineStyle ?? 1) : 0;
  const hasUnderlineColour = extended !== undefined && ~extended.underlineColor !== 0;
  const flags =
    (cell.isBold() ? 1 : 0) |
    (cell.isDim() ? 2 : 0) |
    (cell.isItalic() ? 4 : 0) |
    (cell.isBlink() ? 8 : 0) |
    (cell.isInverse() ? 16 : 0) |
    (cell.isInvisible() ? 32 : 0) |
    (cell.isStrikethrough() ? 64 : 0) |
    (cell.isOverline() ? 128 : 0) |
    (style << 8);
  const underline = hasUnderlineColour
    ? colour(more.isUnderlineColorRGB?.() ?? false, more.isUnderlineColorPalette?.() ?? false, more.getUnderlineColor?.() ?? -1)
    : -1;
  return [
    colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor()),
    colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor()),
    flags,
    underline,
    link,
  ];
}

/** Return the picture of the active buffer. */
export function pictureOf(terminal: Terminal, title: string): Picture {
  const core = (terminal as unknown as { _core: Core })._core;
  const buffer = terminal.buffer.active;
  const table = new Map<string, [number, Picture["table"][number]]>();
  const cells: string[][] = [];
  const pens: number[][] = [];
  for (let y = 0; y < terminal.rows; y++) {
    const line = buffer.getLine(buffer.baseY + y);
    const texts: string[] = [];
    const indices: number[] = [];
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined) continue;
      texts.push(cell.getWidth() === 0 && cell.getChars() === "" ? "" : cell.getChars() || " ");
      const pen = penOf(cell, core);
      const key = JSON.stringify(pen);
      const known = table.get(key) ?? [table.size, pen];
      table.set(key, known);
      indices.push(known[0]);
    }
    cells.push(texts);
    pens.push(indices);
  }
  return {
    rows: terminal.rows,
    cols: terminal.cols,
    cells,
    pens,
    table: [...table.values()].map(([, pen]) => pen),
    cursor: [buffer.cursorY, Math.min(buffer.cursorX, terminal.cols - 1), !(core.coreService?.isCursorHidden ?? false)],
    title,
  };
}
