// The button for the files of editors. The view itself is a chunk that loads when the button is first pressed.

import { button } from "../dom.js";
import type { Extension, PageActs } from "../extension.js";
import type { Received } from "../protocol.js";
import type { Shown } from "../themes.js";
import type { CodePanel } from "./panel.js";
import { ShownFile } from "./shown_file.js";

/** From this width on, the code is beside the terminal. Below it, the code is in its place. */
const WIDE = "(min-width: 1100px)";

export class CodeExtension implements Extension {
  private readonly shown = new ShownFile();
  private readonly opener: HTMLButtonElement;
  private readonly wide = matchMedia(WIDE);
  private panel: CodePanel | null = null;
  private isOpen = false;
  private theme: Shown = "dark";
  private fontPx = 0;

  constructor(private readonly acts: PageActs) {
    this.opener = button("Code", () => void this.toggle(), { test: "code", hidden: true, "aria-expanded": "false", title: "the files that an editor shares" });
    acts.addButton(this.opener);
    this.wide.addEventListener("change", () => this.place());
  }

  take(message: Received): void {
    switch (message.t) {
      case "documents":
        this.shown.list(message.sharers, message.files);
        this.opener.hidden = message.sharers.length === 0 && !this.isOpen;
        if (this.isOpen) this.panel?.update();
        break;
      case "lines":
      case "cursors":
        this.panel?.take(message);
        break;
      case "in":
        if (this.isOpen) this.panel?.askAgain();
        break;
    }
  }

  styled(theme: Shown, fontPx: number): void {
    this.theme = theme;
    this.fontPx = fontPx;
    this.panel?.styled(theme, fontPx);
  }

  private async toggle(): Promise<void> {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.isOpen = true;
    try {
      const { CodePanel } = await import("./panel.js");
      this.panel ??= new CodePanel(this.shown, { send: (message) => this.acts.send(message), close: () => this.close() });
    } catch {
      this.isOpen = false;
      this.acts.tell("the code view could not be loaded");
      return;
    }
    this.panel.styled(this.theme, this.fontPx);
    this.place();
    this.panel.update();
    this.panel.focus();
  }

  private close(): void {
    this.isOpen = false;
    this.panel?.closed();
    this.place();
    this.opener.hidden = this.shown.sharers.length === 0;
    this.acts.focusTerminal();
  }

  private place(): void {
    const element = this.isOpen ? (this.panel?.element ?? null) : null;
    this.opener.setAttribute("aria-expanded", String(element !== null));
    this.acts.cover(this.wide.matches ? null : element);
    this.acts.beside(this.wide.matches ? element : null);
  }
}
