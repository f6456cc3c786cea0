// What the person types, shown before its echo: it joins the predictor, the terminal and the gateway's messages.
//
// Messages and paintings have one order. xterm.js takes paintings later than they come, so what a message says counts
// when the paintings before it are on the screen.

import type { Terminal } from "@xterm/xterm";
import type { Received } from "../protocol.js";
import { Overlay } from "./overlay.js";
import { Predictor, type Pane, type PredictMode } from "./predictor.js";
import { TerminalCells } from "./terminal_cells.js";

export class PredictedTyping {
  private readonly predictor: Predictor;
  private readonly overlay: Overlay;
  /** The pane in the newest painting, as far as it was announced. */
  private pane: Pane | null = null;
  private mayType = false;
  /** Announcements of an earlier connection do not count. */
  private epoch = 0;

  constructor(
    private readonly terminal: Terminal,
    mode: PredictMode,
  ) {
    const cells = new TerminalCells(terminal);
    this.predictor = new Predictor(cells, cells.widthOf, mode);
    this.overlay = new Overlay(terminal, cells);
    terminal.onResize(() => this.reset());
  }

  become(mode: PredictMode): void {
    this.predictor.become(mode);
    this.draw();
  }

  /** Take what is sent now. Return its number; null: the gateway need not say when it has been echoed. */
  typed(text: string): number | null {
    // While keys show nowhere, and for what xterm.js answers at the start, no mark is wanted.
    const isWanted = this.mayType && this.pane !== null;
    const serial = isWanted ? this.predictor.typed(text, performance.now()) : null;
    if (serial !== null) this.draw();
    return serial;
  }

  /** Take a message of the gateway. */
  take(message: Received): void {
    switch (message.t) {
      case "in":
      case "role":
        this.mayType = message.mayType;
        this.reset();
        break;
      case "away":
        this.reset();
        break;
      case "pane":
        this.pane = message.pane;
        break;
      case "marked":
        this.whenWritten(() => this.predictor.marked(message.serial, message.isExact, performance.now()));
        break;
      default:
    }
  }

  /** The connection is lost: nothing that is typed is sent. */
  lost(): void {
    this.epoch += 1;
    this.pane = null;
    this.mayType = false;
    this.reset();
  }

  /** Whether all is confirmed, and the next key would be shown at once. */
  get isTrusting(): boolean {
    return this.predictor.isTrusting;
  }

  /** Forget what was typed. The pane is the announced one again as soon as its painting is on the screen. */
  private reset(): void {
    this.predictor.reset();
    this.draw();
    if (this.pane !== null) this.whenWritten();
  }

  /** When the paintings that came until now are on the screen, take note of it, and act. */
  private whenWritten(act?: () => void): void {
    this.terminal.write("", this.painting(act));
  }

  /** A painting goes to the terminal. Return what is to be called when it is on the screen; then it `act`s, too. */
  painting(act?: () => void): () => void {
    const { pane, epoch } = this;
    return () => {
      if (epoch !== this.epoch) return;
      this.predictor.follow(pane);
      act?.();
      this.draw();
    };
  }

  private draw(): void {
    this.overlay.draw(this.predictor.shown);
  }
}
