// The text of one file as the page has it: lines, and the colours of each. Pure.

import type { LinesChange } from "./messages.js";

/** Return the place in a line's UTF-16 units that a column in code points means. It is never behind the end. */
export function offsetOf(line: string, column: number): number {
  if (!/[\ud800-\udfff]/.test(line)) return Math.min(column, line.length);
  let offset = 0;
  for (let left = column; left > 0 && offset < line.length; left--) offset += (line.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return offset;
}

/** Return the colours of a line as spans in UTF-16 units, without the plain ones. */
export function coloured(line: string, row: readonly number[]): { from: number; to: number; kind: number }[] {
  const spans = [];
  let column = 0;
  for (let at = 0; at + 1 < row.length && column < line.length; at += 2) {
    const [length, kind] = [row[at] ?? 0, row[at + 1] ?? 0];
    const [from, to] = [offsetOf(line, column), offsetOf(line, column + length)];
    if (kind > 0 && to > from) spans.push({ from, to, kind });
    column += length;
  }
  return spans;
}

/** The rows of colours of one file, by line. */
export class ColourRows {
  private rows: number[][] = [];

  of(line: number): readonly number[] {
    return this.rows[line] ?? [];
  }

  /** Take a change of lines. */
  apply(change: LinesChange): void {
    if (change.isNew) this.rows = [];
    const fresh = change.lines.map((_, at) => change.colours[at] ?? []);
    this.rows = [...this.rows.slice(0, change.first), ...fresh, ...this.rows.slice(change.first + change.removed)];
  }
}
