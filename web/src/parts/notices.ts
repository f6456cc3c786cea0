// What the page tells: short notices, texts to read, questions, and the strip that says how the line is.

import { button, h, iconButton } from "../dom.js";

const SHOWN_MS = 8000;
const MOST = 4;

export class Notices {
  /** A live region: screen readers read each new notice. */
  readonly element = h("div", { class: "notices", role: "status", "aria-live": "polite" });

  constructor(private readonly done: () => void) {}

  /** Show a short text for some seconds, with buttons or none. A second one with the same words replaces the first. */
  tell(text: string, ...actions: { label: string; press: () => void }[]): void {
    if (!text.trim()) return;
    for (const each of [...this.element.children]) if (each.firstChild?.textContent === text) each.remove();
    const notice = h("div", { class: "notice" }, h("span", {}, text));
    for (const { label, press } of actions) {
      const act = (): void => {
        notice.remove();
        press();
      };
      notice.append(button(label, act));
    }
    notice.append(iconButton("close", "close this notice", () => notice.remove(), { class: "small" }));
    this.element.append(notice);
    while (this.element.children.length > MOST) this.element.firstElementChild?.remove();
    setTimeout(() => notice.remove(), actions.length === 0 ? SHOWN_MS : 3 * SHOWN_MS);
  }

  /** Show a text until the person closes it. */
  page(title: string, text: string): void {
    const body = h("pre", { class: "page", tabindex: "0" }, text);
    this.dialog(title, [body], [{ label: "Close", value: "close" }]);
  }

  /** Ask before something that others notice. */
  async confirm(question: string, yes: string): Promise<boolean> {
    const answer = await this.dialog(question, [], [
      { label: "Cancel", value: "no" },
      { label: yes, value: "yes", isStrong: true },
    ]);
    return answer === "yes";
  }

  /** Ask for a text to paste: the way that needs no permission. `null`: cancelled. */
  async askForText(title: string): Promise<string | null> {
    const field = h("textarea", { rows: 5, "aria-label": title, autofocus: true });
    const answer = await this.dialog(title, [field], [
      { label: "Cancel", value: "no" },
      { label: "Paste", value: "yes", isStrong: true },
    ]);
    return answer === "yes" ? field.value : null;
  }

  private dialog(
    title: string,
    body: HTMLElement[],
    choices: { label: string; value: string; isStrong?: boolean }[],
  ): Promise<string> {
    const made = h("dialog", { "aria-label": title }, h("h2", {}, title), ...body);
    const row = h("div", { class: "choices" });
    for (const { label, value, isStrong } of choices)
      row.append(button(label, () => made.close(value), { class: isStrong ? "strong" : "", autofocus: isStrong ?? false }));
    made.append(row);
    document.body.append(made);
    return new Promise((answer) => {
      made.addEventListener("close", () => {
        made.remove();
        this.done();
        answer(made.returnValue);
      });
      made.showModal();
    });
  }
}
