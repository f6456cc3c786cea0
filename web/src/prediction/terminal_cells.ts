// What predictions read of xterm.js: its cells, its cursor, and the widths of characters.

import type { IBufferCell, Terminal } from "@xterm/xterm";
import type { WidthOf } from "./keys.js";
import type { Seen } from "./predictor.js";

export type CursorStyle = "block" | "underline" | "bar";

/** What xterm.js keeps and its interface does not say. */
interface Core {
  coreService?: { isCursorHidden: boolean; decPrivateModes?: { cursorStyle?: CursorStyle } };
  unicodeService?: { wcwidth(codePoint: number): number };
}

export class TerminalCells implements Seen {
  constructor(private readonly terminal: Terminal) {}

  get cursor(): Seen["cursor"] {
    const buffer = this.terminal.buffer.active;
    // Behind the last column, the cursor shows in it.
    const col = Math.min(buffer.cursorX, this.terminal.cols - 1);
    return { row: buffer.cursorY, col, isVisible: !(this.core.coreService?.isCursorHidden ?? false) };
  }

  /** The form that the program has given the cursor. */
  get cursorStyle(): CursorStyle {
    return this.core.coreService?.decPrivateModes?.cursorStyle ?? this.terminal.options.cursorStyle ?? "block";
  }

  /** The columns of characters. A character is not predicted if they are not known. */
  get widthOf(): WidthOf {
    return (codePoint) => this.core.unicodeService?.wcwidth(codePoint) ?? 0;
  }

  cell(row: number, col: number): IBufferCell | undefined {
    const buffer = this.terminal.buffer.active;
    return buffer.getLine(buffer.baseY + row)?.getCell(col);
  }

  text(row: number, col: number): string {
    const cell = this.cell(row, col);
    if (cell === undefined) return " ";
    return cell.getChars() || (cell.getWidth() === 0 ? "" : " ");
  }

  looksSame(row: number, col: number, other: number): boolean {
    const [one, two] = [this.cell(row, col), this.cell(row, other)];
    return one === undefined || two === undefined || lookOf(one) === lookOf(two);
  }

  private get core(): Core {
    return (this.terminal as unknown as { _core: Core })._core;
  }
}

function lookOf(cell: IBufferCell): string {
  const flags = [
    cell.isBold(),
    cell.isDim(),
    cell.isItalic(),
    cell.isUnderline(),
    cell.isBlink(),
    cell.isInverse(),
    cell.isInvisible(),
    cell.isStrikethrough(),
    cell.isOverline(),
  ].map((each) => (each ? 1 : 0));
  return [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor(), ...flags].join();
}
