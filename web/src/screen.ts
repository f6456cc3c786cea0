// The terminal: xterm.js with its addons. The gateway paints whole pictures of the size that this reports, so there is no
// scrollback here: the history is the view's, at the gateway.

import { FitAddon } from "@xterm/addon-fit";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import { clampFont, fontFor, type Cells } from "./fitting.js";
import { openLink } from "./open_link.js";
import { coloursOf, type Shown } from "./themes.js";

const FONT =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "Noto Sans Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** The mark in the browser's performance timeline of the first picture of a session. */
const FIRST_PICTURE = "pairterm.first-picture";

/** RIS: everything as at the start (ECMA-48). */
const RESET = "\x1bc";

export interface ScreenEar {
  typed(data: string): void;
  typedBytes(data: Uint8Array): void;
  resized(cells: Cells): void;
  /** Return true if the wheel was for the history. */
  wheel(isUp: boolean): void;
  written(bytes: number): void;
  selection(text: string): void;
}

/** What xterm.js draws anew for each change, so it gets it at the start. */
export interface Look {
  theme: Shown;
  fontPx: number;
  readsAloud: boolean;
}

export class Screen {
  readonly terminal: Terminal;
  /** The bytes of this connection that xterm.js has written. */
  written = 0;
  private readonly fit = new FitAddon();
  private webgl: WebglAddon | null = null;
  private epoch = 0;
  private isStale = false;
  private fontPx: number;
  private theme: Shown;
  private wanted: Cells | null = null;
  private notches = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly ear: ScreenEar,
    look: Look,
  ) {
    this.fontPx = clampFont(look.fontPx);
    this.theme = look.theme;
    this.terminal = new Terminal({
      ...coloursOf(look.theme),
      screenReaderMode: look.readsAloud,
      allowProposedApi: true,
      fontFamily: FONT,
      fontSize: this.fontPx,
      cursorBlink: false,
      scrollback: 0,
      macOptionIsMeta: true,
      rightClickSelectsWord: false,
      linkHandler: { activate: (_event, uri) => openLink(uri), allowNonHttpProtocols: false },
    });
    this.terminal.loadAddon(this.fit);
    this.terminal.loadAddon(new UnicodeGraphemesAddon());
    this.terminal.unicode.activeVersion = "15-graphemes";
    this.terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
    this.terminal.open(place);
    this.useWebgl();
    const { terminal } = this;
    terminal.onData((data) => ear.typed(data));
    terminal.onBinary((data) => ear.typedBytes(Uint8Array.from(data, (each) => each.charCodeAt(0))));
    terminal.onResize(({ rows, cols }) => ear.resized({ rows, cols }));
    terminal.onSelectionChange(() => ear.selection(terminal.getSelection()));
    const drawn = terminal.onRender(() => {
      if (this.written === 0) return;
      performance.mark(FIRST_PICTURE);
      drawn.dispose();
    });
    terminal.attachCustomWheelEventHandler((event) => this.wheel(event));
    terminal.textarea?.setAttribute("autocapitalize", "off");
    terminal.textarea?.setAttribute("aria-label", "terminal");
    new ResizeObserver(() => this.layout()).observe(place);
  }

  get cells(): Cells {
    return { rows: this.terminal.rows, cols: this.terminal.cols };
  }

  get isApplication(): boolean {
    return this.terminal.modes.applicationCursorKeysMode;
  }

  /** Begin a connection: no byte of it is written. The picture of the one before stays until the first bytes. */
  begin(): void {
    this.epoch += 1;
    this.written = 0;
    this.isStale = true;
  }

  /** Write bytes, and call `then` when they are on the screen. */
  write(bytes: Uint8Array, then: () => void): void {
    const { epoch } = this;
    // As bytes, because those of the connection before may still wait in xterm.js.
    if (this.isStale) this.terminal.write(RESET);
    this.isStale = false;
    this.terminal.write(bytes, () => {
      if (epoch !== this.epoch) return; // of a connection before
      this.written += bytes.length;
      this.ear.written(this.written);
      then();
    });
  }

  show(theme: Shown): void {
    if (theme === this.theme) return;
    this.theme = theme;
    Object.assign(this.terminal.options, coloursOf(theme));
  }

  readAloud(isOn: boolean): void {
    this.terminal.options.screenReaderMode = isOn;
  }

  /** Choose the font, and whether the session of some size is scaled to fit. `null`: it is not. */
  size(fontPx: number, wanted: Cells | null): void {
    this.fontPx = clampFont(fontPx);
    this.wanted = wanted;
    this.layout();
  }

  focus(): void {
    this.terminal.focus();
  }

  /** Give the terminal the cells that there is room for. */
  layout(): void {
    if (this.place.clientWidth === 0 || this.place.clientHeight === 0) return;
    const now = this.terminal.options.fontSize ?? this.fontPx;
    const scaled = this.wanted;
    const px = scaled === null ? this.fontPx : fontFor(scaled, now, 40, (each) => this.room(each));
    const { rows, cols } = this.room(px);
    if (rows !== this.terminal.rows || cols !== this.terminal.cols) this.terminal.resize(cols, rows);
  }

  private room(px: number): Cells {
    if (this.terminal.options.fontSize !== px) this.terminal.options.fontSize = px;
    const proposed = this.fit.proposeDimensions();
    const [rows, cols] = [proposed?.rows ?? 24, proposed?.cols ?? 80];
    return { rows: Math.max(2, Number.isFinite(rows) ? rows : 24), cols: Math.max(4, Number.isFinite(cols) ? cols : 80) };
  }

  private useWebgl(): void {
    try {
      this.webgl = new WebglAddon();
      this.webgl.onContextLoss(() => {
        this.webgl?.dispose(); // xterm.js goes on with its DOM renderer, whose cells have another size
        this.webgl = null;
        this.layout();
      });
      this.terminal.loadAddon(this.webgl);
    } catch {
      this.webgl = null;
    }
  }

  /** Give the wheel to the history, unless the program or the view wants the mouse. Return whether xterm.js gets it. */
  private wheel(event: WheelEvent): boolean {
    if (this.terminal.modes.mouseTrackingMode !== "none" || event.ctrlKey) return true;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY / 40 : event.deltaY / 3;
    this.notches += lines;
    while (Math.abs(this.notches) >= 1) {
      this.ear.wheel(this.notches < 0);
      this.notches -= Math.sign(this.notches);
    }
    event.preventDefault();
    return false;
  }
}
