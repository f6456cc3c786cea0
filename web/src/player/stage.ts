// The terminal of the player: xterm.js, which nobody types into.

import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import { LEAST_FONT_PX, MOST_FONT_PX, clampFont } from "../fitting.js";
import { openLink } from "../open_link.js";
import { pictureOf, type Picture } from "../picture.js";
import { coloursOf, type Shown } from "../themes.js";
import type { Size } from "./cast.js";
import type { Keyframe, Stage } from "./playback.js";
import { repainted } from "./repaint.js";

const FONT =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "Noto Sans Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export class XtermStage implements Stage {
  readonly terminal: Terminal;
  title = "";

  constructor(size: Size) {
    this.terminal = new Terminal({
      ...size,
      allowProposedApi: true,
      fontFamily: FONT,
      lineHeight: 1.1,
      scrollback: 0,
      disableStdin: true,
      cursorBlink: false,
      cursorInactiveStyle: "block",
      linkHandler: { activate: (_event, uri) => openLink(uri), allowNonHttpProtocols: false },
    });
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11"; // as pairterm paints recordings, and as asciinema's player counts
    this.terminal.onTitleChange((title) => (this.title = title));
  }

  reset(size: Size): void {
    this.terminal.reset();
    this.title = "";
    this.resize(size);
  }

  resize(size: Size): void {
    if (size.rows !== this.terminal.rows || size.cols !== this.terminal.cols) this.terminal.resize(size.cols, size.rows);
  }

  write(text: string, onShown?: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.terminal.write(text, () => {
        onShown?.();
        resolve();
      });
    });
  }

  keyframe(): Keyframe {
    return { size: { rows: this.terminal.rows, cols: this.terminal.cols }, text: repainted(this.picture()) };
  }

  picture(): Picture {
    return pictureOf(this.terminal, this.title);
  }

  has(text: string): boolean {
    const { active } = this.terminal.buffer;
    for (let row = 0; row < this.terminal.rows; row++) {
      if (active.getLine(active.baseY + row)?.translateToString(true).includes(text)) return true;
    }
    return false;
  }
}

/** The stage that people see. */
export class SeenStage extends XtermStage {
  constructor(
    private readonly place: HTMLElement,
    size: Size,
    theme: Shown,
  ) {
    super(size);
    const { terminal } = this;
    Object.assign(terminal.options, coloursOf(theme));
    terminal.open(place);
    terminal.attachCustomKeyEventHandler(() => false); // keys are the player's
    terminal.textarea?.setAttribute("tabindex", "-1");
    terminal.textarea?.setAttribute("aria-hidden", "true");
    terminal.onResize(() => this.fit());
    new ResizeObserver(() => this.fit()).observe(place);
    this.fit();
  }

  /** Take the largest font with which the recording fits. */
  private fit(): void {
    const { terminal, place } = this;
    const screen = terminal.element?.querySelector<HTMLElement>(".xterm-screen");
    if (!screen || place.clientWidth === 0) return;
    const fits = (px: number): boolean => {
      terminal.options.fontSize = px;
      return screen.clientWidth <= place.clientWidth && screen.clientHeight <= place.clientHeight;
    };
    let [low, high] = [LEAST_FONT_PX, MOST_FONT_PX];
    while (high - low > 0.5) {
      const middle = clampFont((low + high) / 2);
      if (middle === low || middle === high) break;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    terminal.options.fontSize = low;
  }
}
