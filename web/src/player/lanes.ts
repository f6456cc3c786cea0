// The time line: a lane for each person that shows when they typed, the markers, and the slider over all of them.

import { h } from "../dom.js";
import { clockText, drawn, type Timeline } from "./timeline.js";

/** More lanes than this are not drawn; everybody is in the list of people. */
const MOST_LANES = 9;

export class Lanes {
  readonly element: HTMLElement;
  readonly slider: HTMLInputElement;

  constructor(
    private readonly timeline: Timeline,
    private readonly end: number,
    seek: (time: number) => void,
  ) {
    this.slider = h("input", {
      type: "range",
      min: 0,
      max: Math.max(end, 0.001),
      step: "any",
      value: 0,
      "aria-label": "time",
      test: "slider",
      on: { input: () => seek(Number(this.slider.value)) },
    });
    const names = timeline.people.filter((name) => timeline.spansOf(name).length > 0).slice(0, MOST_LANES);
    this.element = h(
      "div",
      { class: "lanes" },
      ...names.map((name) => this.lane(name)),
      h("div", { class: "markers", "aria-hidden": true }, ...timeline.markers.map((each) => this.mark(each.time, each.text))),
      this.slider,
    );
  }

  show(time: number): void {
    this.slider.value = String(time);
    const typing = this.timeline.typistsAt(time);
    const who = typing.length ? `, ${typing.join(", ")} typing` : "";
    this.slider.setAttribute("aria-valuetext", `${clockText(time)} of ${clockText(this.end)}${who}`);
  }

  private lane(name: string): HTMLElement {
    const number = this.timeline.people.indexOf(name);
    return h(
      "div",
      { class: "lane", "aria-hidden": true },
      h("span", { class: "lane-name" }, name),
      h(
        "div",
        { class: `lane-line person-${number % 6}` },
        ...drawn(this.timeline.spansOf(name), this.end).map((span) => {
          const [left, width] = [this.share(span.start), this.share(span.stop) - this.share(span.start)];
          return h("i", { style: `left:${left}%;width:max(3px,${width}%)`, title: `${name}, ${clockText(span.start)}` });
        }),
      ),
    );
  }

  private mark(time: number, text: string): HTMLElement {
    return h("i", { style: `left:${this.share(time)}%`, title: `${clockText(time)} ${text}` });
  }

  /** Return where a time is on the line, in percent. */
  private share(time: number): number {
    return Math.round((time / Math.max(this.end, 0.001)) * 1e4) / 100;
  }
}
