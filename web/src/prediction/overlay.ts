// Predictions on the screen: glyphs and a cursor in an element over the cells of xterm.js. The terminal's own cells are
// never changed, so a prediction that is withdrawn leaves no trace, and a screen reader reads what the host has shown.

import type { ITheme, Terminal } from "@xterm/xterm";
import { h } from "../dom.js";
import { styleOf } from "./cell_style.js";
import type { Place, Prediction } from "./predictor.js";
import type { TerminalCells } from "./terminal_cells.js";

export class Overlay {
  private readonly element = h("div", { class: "predicted", "aria-hidden": "true" });
  private isEmpty = true;

  constructor(
    private readonly terminal: Terminal,
    private readonly cells: TerminalCells,
  ) {
    terminal.element?.querySelector(".xterm-screen")?.append(this.element);
  }

  /** Draw these predictions, and no others. */
  draw(prediction: Prediction): void {
    const { cells, cursor, isUnderlined } = prediction;
    if (cells.length === 0 && cursor === null) {
      if (!this.isEmpty) this.element.replaceChildren();
      this.isEmpty = true;
      return;
    }
    this.isEmpty = false;
    const texts = new Map(cells.map((each) => [keyOf(each), each.text]));
    const glyphs = cells.map((each) => this.glyph(each, each.text, isUnderlined && each.text.trim() !== ""));
    if (cursor !== null) {
      const own = this.cells.cursor;
      // The terminal's cursor is covered by the text under it.
      if (!texts.has(keyOf(own))) glyphs.push(this.glyph(own, this.cells.text(own.row, own.col), false));
      glyphs.push(this.cursor(cursor, texts.get(keyOf(cursor)) ?? this.cells.text(cursor.row, cursor.col)));
    }
    const { options } = this.terminal;
    Object.assign(this.element.style, {
      fontFamily: options.fontFamily ?? "",
      fontSize: `${options.fontSize ?? 0}px`,
      lineHeight: `${this.size.height}px`,
    });
    this.element.replaceChildren(...glyphs);
  }

  /** The size of a cell in CSS pixels. */
  private get size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.element;
    return { width: clientWidth / this.terminal.cols, height: clientHeight / this.terminal.rows };
  }

  private get theme(): ITheme {
    return this.terminal.options.theme ?? {};
  }

  private glyph({ row, col }: Place, text: string, isUnderlined: boolean): HTMLElement {
    const made = h("span", {}, text);
    const { width, height } = this.size;
    const cell = this.cells.cell(row, col);
    const style = cell === undefined ? null : styleOf(cell, this.theme);
    const columns = text === "" ? 0 : this.cells.widthOf(text.codePointAt(0) ?? 0) || 1;
    Object.assign(made.style, {
      left: `${col * width}px`,
      top: `${row * height}px`,
      width: `${columns * width}px`,
      height: `${height}px`,
      color: style?.foreground ?? "",
      backgroundColor: style?.background ?? "",
      fontWeight: style?.isBold ? "bold" : "normal",
      fontStyle: style?.isItalic ? "italic" : "normal",
      textDecorationLine: isUnderlined || style?.isUnderlined ? "underline" : "none",
    });
    made.dataset["row"] = `${row}`;
    made.dataset["col"] = `${col}`;
    return made;
  }

  private cursor(place: Place, text: string): HTMLElement {
    const made = this.glyph(place, text || " ", false);
    const { cursor = "", cursorAccent = "" } = this.theme;
    made.dataset["cursor"] = "";
    switch (this.cells.cursorStyle) {
      case "block":
        Object.assign(made.style, { color: cursorAccent, backgroundColor: cursor });
        break;
      case "bar":
        made.style.boxShadow = `inset 1px 0 ${cursor}`;
        break;
      case "underline":
        made.style.boxShadow = `inset 0 -1px ${cursor}`;
    }
    return made;
  }
}

function keyOf({ row, col }: Place): string {
  return `${row},${col}`;
}
