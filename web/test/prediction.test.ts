import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { predictedKeys } from "../src/prediction/keys.js";
import { Predictor, type Pane, type PredictMode, type Seen } from "../src/prediction/predictor.js";

type Cursor = [row: number, col: number, isVisible: boolean];

interface Shown {
  cells: string[][];
  cursor: Cursor;
  underlined: [number, number][];
}

type Step = { shown: Shown | null } & (
  | { step: "typed"; text: string; serial: number | null; now_ms: number }
  | { step: "frame"; cells: string[][]; pens: number[][]; cursor: Cursor; pane: Pane }
  | { step: "marked"; serial: number; is_exact: boolean; now_ms: number }
  | { step: "reset" }
);

interface Steps {
  cases: { mode: PredictMode; steps: Step[] }[];
  widths: Record<string, number>;
}

/** A terminal that shows what it is told. */
class Screen implements Seen {
  cells: string[][] = [];
  pens: number[][] = [];
  place: Cursor = [0, 0, true];

  get cursor(): Seen["cursor"] {
    const [row, col, isVisible] = this.place;
    return { row, col, isVisible };
  }

  text(row: number, col: number): string {
    return this.cells[row]?.[col] ?? " ";
  }

  looksSame(row: number, col: number, other: number): boolean {
    return this.pens[row]?.[col] === this.pens[row]?.[other];
  }
}

/** Return what a person sees: the terminal with the predictions over it. */
function seenBy(screen: Screen, predictor: Predictor): Shown {
  const cells = screen.cells.map((row) => [...row]);
  const { cells: predicted, cursor, isUnderlined } = predictor.shown;
  for (const { row, col, text } of predicted) (cells[row] ?? [])[col] = text;
  const [row, col, isVisible] = screen.place;
  const underlined = predicted
    .filter(({ text }) => isUnderlined && text.trim() !== "")
    .map((each): [number, number] => [each.row, each.col])
    .sort(([row, col], [otherRow, otherCol]) => row - otherRow || col - otherCol);
  return { cells, cursor: [cursor?.row ?? row, cursor?.col ?? col, isVisible], underlined };
}

test("the page predicts as pairterm join does", () => {
  const root = dirname(process.cwd());
  const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const { cases, widths } = JSON.parse(execFileSync(process.env["PYTHON"] ?? "python3", ["-m", "tests.prediction_steps"], options)) as Steps;
  const widthOf = (codePoint: number): number => widths[String.fromCodePoint(codePoint)] ?? 1;
  let shown = 0;
  for (const [number, { mode, steps }] of cases.entries()) {
    const screen = new Screen();
    const predictor = new Predictor(screen, widthOf, mode);
    for (const [at, step] of steps.entries()) {
      switch (step.step) {
        case "typed":
          assert.equal(predictor.typed(step.text, step.now_ms), step.serial);
          break;
        case "frame":
          [screen.cells, screen.pens, screen.place] = [step.cells, step.pens, step.cursor];
          predictor.follow(step.pane);
          break;
        case "marked":
          predictor.marked(step.serial, step.is_exact, step.now_ms);
          break;
        case "reset":
          predictor.reset();
      }
      if (step.shown === null) continue;
      assert.deepEqual(seenBy(screen, predictor), step.shown, `case ${number}, step ${at}: ${JSON.stringify(step)}`);
      shown += predictor.shown.cells.length;
    }
  }
  assert.ok(shown > 1000, "hardly a prediction was shown");
});

test("the page knows the keys of which it knows the effect", () => {
  const widthOf = (codePoint: number): number => (codePoint === 0x301 ? 0 : codePoint > 0x3000 ? 2 : 1);
  assert.deepEqual(predictedKeys("a 語", widthOf), [
    { does: "insert", cells: ["a"] },
    { does: "insert", cells: [" "] },
    { does: "insert", cells: ["語", ""] },
  ]);
  assert.deepEqual(predictedKeys("\x1bOD", widthOf), [{ does: "move", cols: -1 }]);
  assert.deepEqual(predictedKeys("a\x7f", widthOf), [{ does: "insert", cells: ["a"] }, { does: "erase" }]);
  for (const unknown of ["\r", "\x1b[A", "\x02", "a\t", "e\u0301", "\u00a0", "\u200b", "\ud800", "\x1b[Da"]) {
    assert.equal(predictedKeys(unknown, widthOf), null, JSON.stringify(unknown));
  }
});
