// The strip above the terminal that says when the line is lost or the host is away, and counts.

import { button, h } from "../dom.js";

export class LineStrip {
  readonly element: HTMLElement;
  private readonly words = h("span", { role: "status" });
  private readonly count = h("span", { class: "count", "aria-hidden": "true" });
  private readonly again: HTMLButtonElement;
  private sinceMs = 0;
  private nextMs: number | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(retry: () => void) {
    this.again = button("Try now", retry);
    this.element = h("div", { class: "strip", hidden: true }, this.words, this.count, this.again);
  }

  /** Say it, and count the seconds since then; again with the same words, the count goes on. */
  show(words: string, sinceS: number, pauseMs: number | null): void {
    const now = performance.now();
    if (this.element.hidden || this.words.textContent !== words) this.words.textContent = words;
    if (this.element.hidden || pauseMs === null) this.sinceMs = now - sinceS * 1000;
    this.nextMs = pauseMs === null ? null : now + pauseMs;
    this.again.hidden = pauseMs === null;
    this.element.hidden = false;
    this.element.dataset["test"] = "overlay"; // the one of strip and card that shows
    this.tick();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), 250);
  }

  hide(): void {
    clearInterval(this.timer);
    this.element.hidden = true;
    delete this.element.dataset["test"];
    this.words.textContent = "";
  }

  private tick(): void {
    const now = performance.now();
    const since = `${Math.max(0, Math.floor((now - this.sinceMs) / 1000))} s`;
    const left = this.nextMs === null ? null : Math.ceil((this.nextMs - now) / 1000);
    this.count.textContent = left === null ? since : left > 0 ? `${since}; next try in ${left} s` : `${since}; trying`;
  }
}
