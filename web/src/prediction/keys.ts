// The keys of which a prediction knows the effect, in a shell and in most editors: text, erase, left and right.
// The twin of pairterm/view/predicted_keys.py.

export type Key =
  /** A character is written at the cursor: one cell, or two for a wide one, the second of which is "". */
  | { does: "insert"; cells: string[] }
  /** The character before the cursor goes. */
  | { does: "erase" }
  /** The cursor moves by this number of columns, to the right if it is positive. */
  | { does: "move"; cols: number };

/** An input that is one of these is that key (xterm ctlseqs, "PC-Style Function Keys"). */
const KEYS: Record<string, Key> = {
  "\x7f": { does: "erase" },
  "\b": { does: "erase" },
  "\x1b[D": { does: "move", cols: -1 },
  "\x1bOD": { does: "move", cols: -1 },
  "\x1b[C": { does: "move", cols: 1 },
  "\x1bOC": { does: "move", cols: 1 },
};

const PRINTABLE = /^(?: |[^\p{C}\p{Z}])$/u;

/** Return the columns of a character: 0, 1 or 2. */
export type WidthOf = (codePoint: number) => number;

/** Return the keys of an input, in order; null: it has something of which the effect is not known. */
export function predictedKeys(text: string, widthOf: WidthOf): Key[] | null {
  const key = KEYS[text];
  if (key !== undefined) return [key];
  const keys: Key[] = [];
  for (const char of text) {
    const width = PRINTABLE.test(char) ? widthOf(char.codePointAt(0) ?? 0) : 0;
    if (char === "\x7f" || char === "\b") keys.push({ does: "erase" });
    else if (width > 0) keys.push({ does: "insert", cells: width === 2 ? [char, ""] : [char] });
    else return null;
  }
  return keys;
}
