// A foreign terminal as a judge: what do these bytes look like in xterm.js?
//
// Reads one JSON object a line on stdin and answers each with one line on stdout.
//   in:  {"rows", "cols", "chunks": [base64, ...], "unicode": "11", "6" or "15-graphemes", "history": lines, "resize": [[after chunk, rows, cols], ...]}
//   out: {"cells": [[text, ...], ...], "pens": [[index, ...], ...], "table": [[fg, bg, flags, underline colour, link], ...],
//         "wrapped": [bool, ...], "cursor": [row, col, visible, shape], "title", "modes", "replies", "bells", "alternate",
//         "history": [text, ...]}
// Cells, pens and colours are written as in pairterm/terminal/frame.py: "" is the right half
// of a wide character, -1 a default colour, bit 24 set one in RGB.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);
const { Terminal } = load("@xterm/headless");
const { Unicode11Addon } = load("@xterm/addon-unicode11");
Buffer.poolSize = 0; // the addon reads its table from the start of a Buffer's memory, which in a pool is not the Buffer's
const { UnicodeGraphemesAddon } = load("@xterm/addon-unicode-graphemes");

const RGB = 1 << 24;

function colour(isRgb, isPalette, value) {
  return isRgb ? RGB | value : isPalette ? value : -1;
}

function underlineColour(cell) {
  if (!cell.hasExtendedAttrs() || !~cell.extended.underlineColor) return -1;
  return colour(cell.isUnderlineColorRGB(), cell.isUnderlineColorPalette(), cell.getUnderlineColor());
}

function underlineStyle(cell) {
  // A cell with a link always says "dashed"; what the program selected stands below that.
  if (cell.hasExtendedAttrs() && cell.extended.urlId) return (cell.extended._ext & 0x1c000000) >> 26;
  if (!cell.isUnderline()) return 0;
  return cell.hasExtendedAttrs() ? cell.extended.underlineStyle : 1;
}

function linkOf(term, cell) {
  if (!cell.hasExtendedAttrs() || !cell.extended.urlId) return "";
  return term._core._oscLinkService.getLinkData(cell.extended.urlId)?.uri ?? "";
}

function penOf(term, cell) {
  const flags =
    (cell.isBold() ? 1 : 0) |
    (cell.isDim() ? 2 : 0) |
    (cell.isItalic() ? 4 : 0) |
    (cell.isBlink() ? 8 : 0) |
    (cell.isInverse() ? 16 : 0) |
    (cell.isInvisible() ? 32 : 0) |
    (cell.isStrikethrough() ? 64 : 0) |
    (cell.isOverline() ? 128 : 0) |
    (underlineStyle(cell) << 8);
  return [
    colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor()),
    colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor()),
    flags,
    underlineColour(cell),
    linkOf(term, cell),
  ];
}

function modesOf(term) {
  const core = term._core;
  const modes = term.modes;
  return {
    application_cursor: modes.applicationCursorKeysMode,
    application_keypad: modes.applicationKeypadMode,
    bracketed_paste: modes.bracketedPasteMode,
    focus: modes.sendFocusMode,
    mouse: { none: 0, x10: 9, vt200: 1000, drag: 1002, any: 1003 }[modes.mouseTrackingMode],
    mouse_encoding: { DEFAULT: 0, SGR: 1006, SGR_PIXELS: 1016 }[(core.mouseStateService ?? core.coreMouseService).activeEncoding],
    insert: modes.insertMode,
    origin: modes.originMode,
    wraparound: modes.wraparoundMode,
    synchronised: modes.synchronizedOutputMode ?? false,
  };
}

function shapeOf(core) {
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  if (cursorStyle === undefined) return 0;
  return { block: 2, underline: 4, bar: 6 }[cursorStyle] - (cursorBlink ? 1 : 0);
}

function picture(term, tally) {
  const buffer = term.buffer.active;
  const table = new Map();
  const cells = [];
  const pens = [];
  const wrapped = [];
  for (let y = 0; y < term.rows; y++) {
    const line = buffer.getLine(buffer.baseY + y);
    const texts = [];
    const indices = [];
    for (let x = 0; x < term.cols; x++) {
      const cell = line.getCell(x);
      texts.push(cell.getWidth() === 0 && cell.getChars() === "" ? "" : cell.getChars() || " ");
      const pen = penOf(term, cell);
      const key = JSON.stringify(pen);
      if (!table.has(key)) table.set(key, [table.size, pen]);
      indices.push(table.get(key)[0]);
    }
    cells.push(texts);
    pens.push(indices);
    wrapped.push(buffer.getLine(buffer.baseY + y + 1)?.isWrapped ?? false);
  }
  const history = [];
  const primary = term.buffer.normal;
  for (let y = 0; y < primary.baseY; y++) history.push(primary.getLine(y).translateToString(false));
  return {
    cells,
    pens,
    table: [...table.values()].map(([, pen]) => pen),
    wrapped,
    cursor: [buffer.cursorY, Math.min(buffer.cursorX, term.cols - 1), !term._core.coreService.isCursorHidden, shapeOf(term._core)],
    title: tally.title,
    modes: modesOf(term),
    replies: Buffer.from(tally.replies, "utf8").toString("base64"),
    bells: tally.bells,
    alternate: buffer.type === "alternate",
    history,
  };
}

let failed = () => {};
process.on("uncaughtException", (error) => failed(error));

async function judge({ rows, cols, chunks, unicode = "11", history = 1000, resize = [] }) {
  const term = new Terminal({ rows, cols, scrollback: history, allowProposedApi: true, logLevel: "off" });
  const tally = { title: "", replies: "", bells: 0 };
  term.loadAddon(unicode === "15-graphemes" ? new UnicodeGraphemesAddon() : new Unicode11Addon());
  term.unicode.activeVersion = unicode;
  term.onTitleChange((title) => (tally.title = title));
  term.onData((data) => (tally.replies += data));
  term.onBell(() => (tally.bells += 1));
  for (const [at, chunk] of chunks.entries()) {
    await new Promise((done, fail) => {
      failed = fail; // xterm.js raises in a timer of its own, out of reach of a try
      term.write(Buffer.from(chunk, "base64"), done);
    });
    for (const [after, newRows, newCols] of resize) if (after === at) term.resize(newCols, newRows);
  }
  const answer = picture(term, tally);
  term.dispose();
  return answer;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await judge(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
