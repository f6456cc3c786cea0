// The chat: what people said, and a field for more. Snippets keep their lines, and can be copied.

import { MAX_REMARK_CHARS, say } from "../commands.js";
import { button, h, iconButton } from "../dom.js";

const KEPT = 300;

export class Chat {
  readonly element = h("div", { class: "chat" });
  private readonly log = h("div", { class: "log", role: "log", "aria-label": "chat", tabindex: "0", test: "chat-log" });
  private readonly field: HTMLTextAreaElement;

  constructor(
    private readonly send: (line: string) => boolean,
    private readonly copy: (text: string) => void,
  ) {
    this.field = h("textarea", {
      rows: 1,
      maxlength: MAX_REMARK_CHARS,
      placeholder: "Message or snippet",
      "aria-label": "message to everybody",
      test: "chat-input",
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.grow());
    const submit = button("Send", () => this.submit(), { class: "strong", test: "chat-send" });
    this.element.append(this.log, h("div", { class: "say" }, this.field, submit));
  }

  add(from: string, text: string): void {
    const isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    const isSnippet = text.includes("\n");
    const said = h("div", { class: "remark" }, h("b", {}, from));
    if (isSnippet) {
      const copy = iconButton("copy", `copy the snippet of ${from}`, () => this.copy(text), { class: "small", test: "copy-snippet" });
      said.append(h("div", { class: "snippet" }, h("pre", { tabindex: "0" }, text), copy));
    } else said.append(h("span", {}, " ", text));
    this.log.append(said);
    while (this.log.children.length > KEPT) this.log.firstElementChild?.remove();
    if (isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  private submit(): void {
    const text = this.field.value;
    if (text.trim() === "" || !this.send(say(text))) return;
    this.field.value = "";
    this.grow();
  }

  /** Give the field the height of its text. Its style has the largest. */
  private grow(): void {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + this.field.offsetHeight - this.field.clientHeight}px`;
  }
}
