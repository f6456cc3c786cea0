// The requests that this guest may answer: a knock, a wish for the keyboard, a line to enter. They are in the panel, or
// over the terminal while the panel is closed. An answered one goes, whoever has answered it.

import { answer } from "../commands.js";
import { button, h, replaceKeepingFocus } from "../dom.js";
import type { Question } from "../protocol.js";

const YES: Record<string, string> = { in: "Let in", keyboard: "Let them type", enter: "Enter it" };

/** The button of each answer: its label, its name in tests, and its class. */
function looks(choice: string, asks: string): [label: string, test: string, style: string] {
  switch (choice) {
    case "accept":
      return [YES[asks] ?? "Yes", "admit", "strong"];
    case "accept-ro":
      return ["Let in to watch", "admit-ro", ""];
    case "decline":
      return ["Say no", "deny", ""];
    case "decline-ban":
      return ["Block", "block", ""];
    default:
      return [choice, choice, ""];
  }
}

export class Questions {
  /** A live region: screen readers read each new question. */
  readonly element = h("div", { class: "questions", role: "status", "aria-label": "questions to you", test: "questions" });

  constructor(private readonly run: (line: string) => void) {}

  show(questions: readonly Question[]): void {
    replaceKeepingFocus(this.element, ...questions.map((question) => this.card(question)));
  }

  private card({ number, asks, text, choices }: Question): HTMLElement {
    const buttons = choices.map((choice) => {
      const [label, test, style] = looks(choice, asks);
      return button(label, () => this.run(answer(choice, number)), { test, class: style, "data-key": `${choice}${number}` });
    });
    return h("div", { class: "asks" }, h("span", {}, text), h("div", { class: "choices" }, ...buttons));
  }
}
