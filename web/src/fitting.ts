// The font size at which a session of some size fills the room that there is.

export const LEAST_FONT_PX = 6;
export const MOST_FONT_PX = 40;
const STEP_PX = 0.5;

export interface Cells {
  rows: number;
  cols: number;
}

/** Return a font size that xterm.js takes. */
export function clampFont(px: number): number {
  return Math.min(MOST_FONT_PX, Math.max(LEAST_FONT_PX, Math.round(px / STEP_PX) * STEP_PX));
}

/**
 * Return the largest font at which `wanted` fits, not above `most`.
 *
 * `fits` says how many cells there is room for at a font size. Sizes of cells are whole pixels of the device, so a
 * calculation can only guess: start at `now`, and ask. Below the smallest font, the session is seen through a viewport.
 */
export function fontFor(wanted: Cells, now: number, most: number, fits: (px: number) => Cells): number {
  const room = fits(clampFont(now));
  const share = Math.min(room.rows / wanted.rows, room.cols / wanted.cols);
  const limit = clampFont(most);
  const holds = (px: number): boolean => {
    const cells = fits(px);
    return cells.rows >= wanted.rows && cells.cols >= wanted.cols;
  };
  let px = Math.min(limit, clampFont(clampFont(now) * share));
  while (px < limit && holds(px + STEP_PX)) px += STEP_PX;
  while (px > LEAST_FONT_PX && !holds(px)) px -= STEP_PX;
  return px;
}
