// A picture as the bytes that paint it on a terminal that was reset: the keyframes of the player.

import type { Picture } from "../picture.js";

type Pen = Picture["table"][number];

const RGB = 1 << 24;

/** The flags of a pen and their SGR parameters (ECMA-48 §8.3.117; 53: overlined). */
const FLAGS: readonly (readonly [flag: number, parameter: number])[] = [
  [1, 1],
  [2, 2],
  [4, 3],
  [8, 5],
  [16, 7],
  [32, 8],
  [64, 9],
  [128, 53],
];

export function repainted(picture: Picture): string {
  const parts: string[] = [];
  picture.cells.forEach((cells, row) => {
    parts.push(`\x1b[${row + 1};1H`);
    let pen = -1;
    cells.forEach((cell, col) => {
      const index = picture.pens[row]?.[col] ?? -1;
      if (index !== pen) {
        parts.push(penText(picture.table[index]));
        pen = index;
      }
      parts.push(cell); // "" is the right half of a wide character
    });
    parts.push("\x1b]8;;\x1b\\\x1b[m");
  });
  const [row, col, isVisible] = picture.cursor;
  parts.push(`\x1b[${row + 1};${col + 1}H\x1b[?25${isVisible ? "h" : "l"}`);
  return parts.join("");
}

function penText(pen: Pen | undefined): string {
  if (pen === undefined) return "\x1b[m";
  const [foreground, background, flags, underlineColour, link] = pen;
  const sgr = ["0"];
  for (const [flag, parameter] of FLAGS) if (flags & flag) sgr.push(String(parameter));
  const underline = flags >> 8;
  if (underline) sgr.push(`4:${underline}`);
  sgr.push(...colourText(38, foreground), ...colourText(48, background), ...colourText(58, underlineColour));
  return `\x1b]8;;${link}\x1b\\\x1b[${sgr.join(";")}m`;
}

function colourText(kind: 38 | 48 | 58, colour: number): string[] {
  if (colour < 0) return [];
  if (colour & RGB) return [`${kind}:2::${(colour >> 16) & 0xff}:${(colour >> 8) & 0xff}:${colour & 0xff}`];
  return [`${kind}:5:${colour}`];
}
