// The search in the history. The history is the view's, at the gateway, and private: others see nothing of it.

import * as commands from "../commands.js";
import { h, iconButton } from "../dom.js";

export class SearchBar {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private asked = "";

  constructor(
    private readonly run: (line: string) => void,
    private readonly done: () => void,
  ) {
    this.field = h("input", {
      type: "search",
      placeholder: "Search the history",
      "aria-label": "search the history; only you see it",
      test: "search",
      maxlength: 200,
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) this.find(event.shiftKey);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.element = h(
      "div",
      { class: "search", role: "search", hidden: true },
      this.field,
      iconButton("up", "older match", () => this.find(false)),
      iconButton("down", "newer match", () => this.find(true)),
      iconButton("close", "close the search, back to now", () => this.close()),
    );
  }

  toggle(): void {
    if (!this.element.hidden) return this.close();
    this.element.hidden = false;
    this.field.focus();
    this.field.select();
  }

  private find(isNewer: boolean): void {
    const text = this.field.value.trim();
    if (text === "") this.run(isNewer ? commands.PAGE_DOWN : commands.PAGE_UP);
    else if (text !== this.asked) this.run(commands.searchBackward(text));
    else this.run(isNewer ? commands.SEARCH_REVERSE : commands.SEARCH_AGAIN);
    this.asked = text;
  }

  private close(): void {
    this.element.hidden = true;
    this.asked = "";
    this.run(commands.LEAVE_HISTORY);
    this.done();
  }
}
