// Prediction: typed text is shown at once, before the host's echo of it arrives. The twin of
// pairterm/view/prediction.py, which says how and why. A test lets both take the same steps (tests/prediction_steps.py).
//
// The page has no frames. It reads its terminal (`Seen`), and the gateway says in which of its cells the pane with the
// keys is (`Pane`). The gateway sends a mark behind the painting by which it is judged. Pure; no clock: `nowMs` is any
// clock that only goes forward. Rows and columns are 0-based cells of the terminal.

import { predictedKeys, type Key, type WidthOf } from "./keys.js";

/** When predictions are shown. "adaptive": while the round trip is long. */
export type PredictMode = "adaptive" | "always" | "never";

/** Round trips from which predictions are shown, and below which they are hidden again: two frames of a display. */
const SHOWN_ABOVE_MS = 30;
const HIDDEN_BELOW_MS = 20;

/** Round trips from which a prediction is underlined: the person sees that the host does not know it yet. */
const UNDERLINED_ABOVE_MS = 120;

/** How long a host waits for the echo of an input before it marks it. */
export const ECHO_TIME_MS = 50;

/** The most unmarked inputs that are kept. With more, the host is away or does not read. */
const MAX_INPUTS = 200;

/** The most bytes of one input that are predicted. A larger one is a paste, and programs show pastes in other ways. */
const MAX_PREDICTED_BYTES = 64;

/** The weight of a new round trip in the average (RFC 6298). */
const SMOOTHING = 0.125;

export interface Place {
  row: number;
  col: number;
}

/** What the terminal shows now, without predictions. */
export interface Seen {
  readonly cursor: Place & { isVisible: boolean };
  /** Return the text of a cell: " " for a blank one, "" for the right half of a wide character. */
  text(row: number, col: number): string;
  /** Return whether two cells of a row have the same colours and attributes. */
  looksSame(row: number, col: number, other: number): boolean;
}

/** The cells of the pane with the keys. */
export interface Pane {
  /** It is another one when the person looks at another window, pane, screen or part. */
  name: string;
  row: number;
  col: number;
  rows: number;
  cols: number;
  /** How many lines have left the screen at its top. */
  scrolled: number;
}

/** What is to be drawn over the terminal. */
export interface Prediction {
  cells: (Place & { text: string })[];
  /** Where the cursor is to be, if that is not where the terminal has it. */
  cursor: Place | null;
  isUnderlined: boolean;
}

/** An input that the host has not marked. `place`: the cursor after it, as predicted; null: not known. */
interface Input {
  serial: number;
  text: string;
  typedMs: number;
  place: Place | null;
}

interface Cell extends Place {
  text: string;
  /** The text of the cell before. If it is the same, the terminal's picture confirms nothing. */
  before: string;
  serial: number;
  epoch: number;
  /** The terminal's picture judges it. False: it was only shifted. */
  isTyped: boolean;
}

const NOTHING: Prediction = { cells: [], cursor: null, isUnderlined: false };

/** More than a terminal has columns: a cell's key is its row times this, and its column. */
const ROW = 1 << 16;

export class Predictor {
  private serial = 0;
  private inputs: Input[] = [];
  private newestMark = 0;
  private cells = new Map<number, Cell>();
  /** The cursor after all inputs; null: not known. */
  private place: Place | null = null;
  /** The columns of a line from where the person began to type to where they came: keys move and erase there only. */
  private line = { start: 0, end: 0 };
  private epoch = 1;
  /** Predictions up to this epoch may be shown. */
  private confirmedEpoch = 0;
  private pane: Pane | null = null;
  private roundTripMs: number | null = null;
  private isFar = false;
  private readonly encoder = new TextEncoder();

  constructor(
    private readonly seen: Seen,
    private readonly widthOf: WidthOf,
    private mode: PredictMode = "adaptive",
  ) {}

  /** Show predictions in another way from now on. */
  become(mode: PredictMode): void {
    if (mode === this.mode) return;
    this.mode = mode;
    this.forgetInputs();
  }

  /** Take an input that is sent now. Return its number, for the host's mark; null: no mark is wanted. */
  typed(text: string, nowMs: number): number | null {
    if (this.mode === "never") return null;
    this.serial += 1;
    if (this.inputs.length >= MAX_INPUTS) {
      this.withdraw();
      this.inputs.shift();
    }
    if (this.inputs.length === 0) this.findPlace();
    const input = { serial: this.serial, text, typedMs: nowMs, place: null };
    this.inputs.push(input);
    this.predict(input);
    return this.serial;
  }

  /**
   * Take the host's mark: all inputs up to `serial` have had their time to be echoed.
   *
   * `isExact`: the terminal shows just that, and nothing newer. A mark that is older than the last says nothing new.
   */
  marked(serial: number, isExact: boolean, nowMs: number): void {
    if (serial <= this.newestMark || serial > this.serial) return;
    this.newestMark = serial;
    const input = this.inputs.find((each) => each.serial === serial);
    if (input !== undefined) this.measure(Math.max(0, nowMs - input.typedMs - ECHO_TIME_MS));
    this.confirm();
    this.judge(serial, isExact);
  }

  /** The terminal shows something newer. `pane`: the pane with the keys; null: keys show nowhere. */
  follow(pane: Pane | null): void {
    const before = this.pane;
    this.pane = pane;
    if (before !== null) {
      if (pane === null || !isSamePlace(before, pane)) this.withdraw();
      else if (pane.scrolled !== before.scrolled) this.scroll(pane, pane.scrolled - before.scrolled);
    }
    this.confirm();
  }

  /** Whether all is confirmed, and the next key would be shown at once. */
  get isTrusting(): boolean {
    return this.inputs.length === 0 && this.place !== null && this.epoch <= this.confirmedEpoch;
  }

  /** What is to be drawn over the terminal now. */
  get shown(): Prediction {
    const isShowing = this.mode === "always" || (this.mode === "adaptive" && this.isFar);
    if (!isShowing || this.inputs.length === 0 || this.pane === null) return NOTHING;
    const cells = [...this.cells.values()].filter(
      (cell) => cell.epoch <= this.confirmedEpoch && this.seen.text(cell.row, cell.col) !== cell.text,
    );
    const { cursor } = this.seen;
    const isKnown = this.place !== null && this.epoch <= this.confirmedEpoch;
    const isMoved = isKnown && (this.place?.row !== cursor.row || this.place.col !== cursor.col);
    if (cells.length === 0 && !isMoved) return NOTHING;
    const isUnderlined = this.roundTripMs !== null && this.roundTripMs > UNDERLINED_ABOVE_MS;
    return { cells, cursor: isMoved ? this.place : null, isUnderlined };
  }

  /** Forget everything but the round trip: the connection, the role or the size is another one. */
  reset(): void {
    this.forgetInputs();
    this.pane = null;
  }

  private forgetInputs(): void {
    this.inputs = [];
    this.newestMark = this.serial;
    this.withdraw();
  }

  // What comes from the host.

  /** Move the predictions up with the text. */
  private scroll(pane: Pane, rows: number): void {
    const bottom = pane.row + pane.rows;
    const moved = new Map<number, Cell>();
    for (const cell of this.cells.values()) {
      const row = cell.row - rows;
      if (row >= pane.row && row < bottom) moved.set(row * ROW + cell.col, { ...cell, row });
    }
    this.cells = moved;
    for (const input of this.inputs) {
      if (input.place !== null) input.place = { row: input.place.row - rows, col: input.place.col };
    }
    if (this.place === null) return;
    this.place = { row: this.place.row - rows, col: this.place.col };
    if (this.place.row < pane.row || this.place.row >= bottom) this.losePlace();
  }

  /** Show an epoch from now on if the terminal shows one of its predictions. */
  private confirm(): void {
    if (this.pane === null) return;
    for (const { row, col, text, before, isTyped, epoch } of this.cells.values()) {
      if (isTyped && before !== text && text === this.seen.text(row, col)) {
        this.confirmedEpoch = Math.max(this.confirmedEpoch, epoch);
      }
    }
  }

  /** Compare the predictions with what the terminal shows. */
  private judge(serial: number, isExact: boolean): void {
    const place = this.takeMarked(serial);
    if (this.pane === null) return;
    const { cursor } = this.seen;
    const known = [...this.cells].filter(([, cell]) => cell.serial <= serial);
    const isWrong = known.some(([, { row, col, text, isTyped }]) => isTyped && this.seen.text(row, col) !== text);
    const isElsewhere = place !== null && (place.row !== cursor.row || place.col !== cursor.col);
    if (isWrong || (isExact && isElsewhere)) this.withdraw();
    else for (const [key] of known) this.cells.delete(key);
    if (this.place === null && isExact) {
      this.findPlace();
      for (const input of this.inputs) this.predict(input);
    }
  }

  /** Drop the inputs that the host has marked. Return where the cursor was to be after the last of them. */
  private takeMarked(serial: number): Place | null {
    let place: Place | null = null;
    while (this.inputs[0] !== undefined && this.inputs[0].serial <= serial) {
      place = this.inputs[0].place;
      this.inputs.shift();
    }
    return place;
  }

  private measure(roundTripMs: number): void {
    const known = this.roundTripMs;
    this.roundTripMs = known === null ? roundTripMs : known + SMOOTHING * (roundTripMs - known);
    this.isFar = this.roundTripMs > (this.isFar ? HIDDEN_BELOW_MS : SHOWN_ABOVE_MS);
  }

  // Predictions.

  /** Begin to predict at the terminal's cursor, if a program shows one in the pane. */
  private findPlace(): void {
    const { pane } = this;
    const { row, col, isVisible } = this.seen.cursor;
    if (pane === null || !isVisible) {
      this.losePlace();
      return;
    }
    if (row !== this.place?.row || col !== this.place.col) {
      if (this.place !== null) this.epoch += 1;
      this.line = { start: col, end: col };
    }
    const isInside = row >= pane.row && row < pane.row + pane.rows && col >= pane.col && col < pane.col + pane.cols;
    this.place = isInside ? { row, col } : null;
  }

  /** Predict nothing more until the terminal shows where the cursor is. */
  private losePlace(): void {
    this.place = null;
    this.epoch += 1;
  }

  /** Take all predictions back. */
  private withdraw(): void {
    this.cells.clear();
    for (const input of this.inputs) input.place = null;
    this.losePlace();
  }

  /** Predict the effect of an input, as far as it is known. */
  private predict(input: Input): void {
    const isShort = this.encoder.encode(input.text).length <= MAX_PREDICTED_BYTES;
    const keys = isShort ? predictedKeys(input.text, this.widthOf) : null;
    for (const key of keys ?? []) {
      if (this.place === null || this.pane === null) break;
      this.predictKey(key, this.place, this.pane, input.serial);
    }
    if (keys === null && this.place !== null) this.losePlace();
    input.place = this.place;
  }

  private predictKey(key: Key, { row, col }: Place, pane: Pane, serial: number): void {
    const right = pane.col + pane.cols;
    switch (key.does) {
      case "insert": {
        const after = col + key.cells.length;
        if (after > right) {
          this.losePlace();
          return;
        }
        this.insert(row, col, key.cells, right, serial);
        this.place = { row, col: after };
        this.line.end = Math.max(this.line.end, after);
        if (after === right) this.losePlace(); // the next character wraps, in this program or not
        break;
      }
      case "erase": {
        const start = this.startOf(row, col);
        if (start === null) {
          this.losePlace();
          return;
        }
        this.erase(row, start, col - start, right, serial);
        this.place = { row, col: start };
        break;
      }
      case "move": {
        const to = col + key.cols;
        if (!this.wasTyped(to) || to >= right || this.text(row, to) === "") this.losePlace();
        else this.place = { row, col: to };
      }
    }
  }

  /** Return whether the cursor may be at a column of the typed line. */
  private wasTyped(col: number): boolean {
    return this.line.start <= col && col <= this.line.end;
  }

  /** Return the column of the character before the cursor; null: the person did not type it on this line. */
  private startOf(row: number, col: number): number | null {
    let start = col - 1;
    if (this.wasTyped(start) && this.text(row, start) === "") start -= 1;
    return this.wasTyped(start) ? start : null;
  }

  /** Put cells before the text at the cursor. A suggestion in another colour is written over instead. */
  private insert(row: number, col: number, cells: string[], right: number, serial: number): void {
    const shifted = this.textBehind(row, col, right);
    shifted.forEach((text, offset) => {
      const to = col + cells.length + offset;
      if (to < right) this.set(row, to, text, serial, false);
    });
    cells.forEach((text, offset) => this.set(row, col + offset, text, serial, true));
  }

  private erase(row: number, col: number, count: number, right: number, serial: number): void {
    const shifted = this.textBehind(row, col + count, right);
    const after = [...shifted, ...Array<string>(count).fill(" ")];
    after.forEach((text, offset) => this.set(row, col + offset, text, serial, offset === 0));
  }

  /** Return the text that moves with the cursor: up to two blanks, as the end of a line or a gap between columns is. */
  private textBehind(row: number, col: number, right: number): string[] {
    if (col >= right) return [];
    if (col > 0 && !this.cells.has(row * ROW + col) && !this.seen.looksSame(row, col, col - 1)) return [];
    const texts: string[] = [];
    for (let at = col; at < right; at++) {
      const text = this.text(row, at);
      if (text === " " && (at + 1 === right || this.text(row, at + 1) === " ")) break;
      texts.push(text);
    }
    return texts;
  }

  /** Return the text of a cell, as predicted. */
  private text(row: number, col: number): string {
    return this.cells.get(row * ROW + col)?.text ?? this.seen.text(row, col);
  }

  private set(row: number, col: number, text: string, serial: number, isTyped: boolean): void {
    const cell = { row, col, text, before: this.text(row, col), serial, epoch: this.epoch, isTyped };
    this.cells.set(row * ROW + col, cell);
  }
}

function isSamePlace(one: Pane, other: Pane): boolean {
  return (["name", "row", "col", "rows", "cols"] as const).every((each) => one[each] === other[each]);
}
