// The row of keys above a phone's keyboard.

import { button, h } from "../dom.js";
import { KeyBar, type BarKey } from "../keybar.js";

export interface KeyRowActs {
  type(data: string): void;
  paste(): void;
  isApplication(): boolean;
  focus(): void;
}

const KEYS: [BarKey, string, string][] = [
  ["Left", "←", "arrow left"],
  ["Down", "↓", "arrow down"],
  ["Up", "↑", "arrow up"],
  ["Right", "→", "arrow right"],
  ["PageUp", "PgUp", "PgUp, page up"],
  ["PageDown", "PgDn", "PgDn, page down"],
  ["Home", "Home", "Home"],
  ["End", "End", "End"],
];

const LETTERS = ["|", "/", "-", "~", "C-b"];

export class KeyRow {
  readonly element: HTMLElement;
  private readonly row = h("div", { class: "row-of-keys" });
  private readonly bar = new KeyBar();
  private readonly modifiers: Record<"ctrl" | "alt", HTMLButtonElement>;

  constructor(private readonly acts: KeyRowActs) {
    this.modifiers = { ctrl: this.modifier("ctrl", "Ctrl"), alt: this.modifier("alt", "Alt") };
    this.row.append(
      this.key("Escape", "Esc", "Esc"),
      this.key("Tab", "Tab", "Tab"),
      this.modifiers.ctrl,
      this.modifiers.alt,
      ...KEYS.slice(0, 4).map(([key, label, name]) => this.key(key, label, name)),
      this.press("Paste", "Paste", () => acts.paste(), "paste"),
      ...LETTERS.map((each) => this.press(each, each, () => acts.type(each === "C-b" ? "\x02" : this.typed(each)))),
      ...KEYS.slice(4).map(([key, label, name]) => this.key(key, label, name)),
    );
    // The edge where keys are out of sight fades. A press on the arrow there shows them.
    const more = button("›", () => this.row.scrollBy({ left: this.row.clientWidth * 0.8 }), { class: "more", tabindex: "-1", "aria-hidden": "true" });
    more.addEventListener("pointerdown", (event) => event.preventDefault());
    this.element = h("footer", { class: "keys", "aria-label": "keys", test: "keys" }, this.row, more);
    const look = (): void => {
      const { scrollLeft, scrollWidth, clientWidth } = this.row;
      this.element.classList.toggle("more-before", scrollLeft > 1);
      this.element.classList.toggle("more-behind", scrollLeft + clientWidth < scrollWidth - 1);
    };
    this.row.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(this.row);
  }

  /** Return what the keyboard typed with the sticky modifiers. */
  typed(data: string): string {
    const typed = this.bar.typed(data);
    this.draw();
    return typed;
  }

  private key(key: BarKey, label: string, name: string): HTMLButtonElement {
    return this.press(label, name, () => {
      this.acts.type(this.bar.key(key, this.acts.isApplication()));
      this.draw();
    });
  }

  private modifier(which: "ctrl" | "alt", label: string): HTMLButtonElement {
    return this.press(label, `${label}, for the next key`, () => {
      this.bar.tap(which);
      this.draw();
    });
  }

  private press(label: string, name: string, act: () => void, test?: string): HTMLButtonElement {
    const made = button(label, act, { "aria-label": name, "data-key": label, test });
    // The phone's keyboard stays open: the button does not take the focus from the terminal.
    made.addEventListener("pointerdown", (event) => event.preventDefault());
    return made;
  }

  private draw(): void {
    for (const which of ["ctrl", "alt"] as const) {
      const state = this.bar[which];
      this.modifiers[which].setAttribute("aria-pressed", String(state !== "off"));
      this.modifiers[which].classList.toggle("locked", state === "locked");
    }
  }
}
