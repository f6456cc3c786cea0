// The cards in the middle of the page: the start, the wait at the door, and the end.

import { button, h } from "../dom.js";
import { readKey, type Key } from "../link.js";

export class Cards {
  readonly element = h("section", { class: "cards", "aria-label": "join", hidden: true });

  /** `covers` is called when a card covers the page, and when it does no longer. */
  constructor(private readonly covers: (isCovered: boolean) => void) {}

  /** Ask for a link or a code. */
  start(name: string, join: (key: Key, name: string) => void): void {
    const wrong = h("p", { class: "wrong", role: "alert" });
    const link = h("input", { id: "link", test: "link", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: "https://…/#rw-…  or  7-apple-river" });
    const own = h("input", { id: "name", test: "name", value: name, maxlength: 32, autocomplete: "nickname" });
    const form = h(
      "form",
      { class: "card" },
      h("h1", {}, "pairterm"),
      h("p", { class: "faint" }, "Join a shared terminal."),
      h("label", { for: "link" }, "Link or spoken code"),
      link,
      h("label", { for: "name" }, "Your name"),
      own,
      wrong,
      h("button", { class: "strong", test: "join" }, "Join"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const key = readKey(link.value);
      if (key === null) {
        wrong.textContent = "That is no link and no code. A link ends in #rw-… or #ro-…; a code is like 7-apple-river.";
        link.focus();
      } else join(key, own.value.trim());
    });
    this.show(form);
    link.focus();
  }

  /** Say what the person waits for. */
  wait(text: string, leave: () => void): void {
    const words = h("p", { role: "status" }, text);
    this.show(h("div", { class: "card", test: "overlay" }, h("div", { class: "spinner", "aria-hidden": "true" }), words, button("Leave", leave)));
  }

  /** Say that it is over. */
  end(text: string, again: () => void, fresh: () => void): void {
    const first = button("Knock again", again, { class: "strong", test: "knock" });
    const other = button("Use another link", fresh);
    this.show(
      h("div", { class: "card end", test: "overlay" }, h("p", { role: "alert" }, text || "The session has ended."), h("div", { class: "choices" }, first, other)),
    );
    first.focus();
  }

  hide(): void {
    this.covers(false);
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  private show(card: HTMLElement): void {
    this.covers(true);
    this.element.replaceChildren(card);
    this.element.hidden = false;
  }
}
