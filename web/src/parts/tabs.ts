// The windows of the session as tabs.

import { selectWindow } from "../commands.js";
import { button, h, replaceKeepingFocus } from "../dom.js";
import type { Tab } from "../protocol.js";

export class Tabs {
  readonly element = h("nav", { class: "tabs", "aria-label": "windows", test: "tabs" });

  constructor(private readonly run: (line: string) => void) {}

  show(tabs: readonly Tab[], note: string): void {
    const buttons = tabs.map((tab) => {
      const isHere = tab.flags.includes("*");
      const label = `${tab.index}:${tab.name}${tab.isHidden ? " (hidden)" : ""}${tab.flags.includes("Z") ? " (zoomed)" : ""}`;
      return button(label, () => this.run(selectWindow(tab.index)), {
        class: `tab${isHere ? " here" : ""}`,
        "aria-current": isHere ? "true" : undefined,
        "data-key": `tab${tab.index}`,
        title: `window ${label}`,
      });
    });
    const notes = note ? [h("span", { class: "faint" }, note)] : [];
    replaceKeepingFocus(this.element, ...buttons, ...notes);
    this.element.querySelector(".here")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
