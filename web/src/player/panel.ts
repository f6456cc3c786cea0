// Beside the recording: its people, who types now, its markers, and its news. All of them lead to their time.

import { button, h } from "../dom.js";
import { clockText, type Moment, type Timeline } from "./timeline.js";

/** The newest lines of the news; a long recording has thousands. */
const MOST_NEWS = 50;

export class Panel {
  readonly element: HTMLElement;
  private readonly persons = new Map<string, HTMLElement>();
  private readonly news = h("ol", { class: "news", test: "news" });
  private newsShown = -1;

  constructor(
    private readonly timeline: Timeline,
    private readonly seek: (time: number) => void,
    jump: (name: string) => void,
  ) {
    const people = timeline.people.map((name, index) => {
      const state = h("span", { class: "typing" });
      this.persons.set(name, state);
      const key = index < 9 ? `${index + 1}` : "";
      const types = timeline.spansOf(name).length > 0;
      const label = types ? "next" : "types nothing"; // its text is part of its name for screen readers
      const to = button(label, () => jump(name), { "aria-label": types ? `next time ${name} types` : `${name} types nothing`, disabled: !types });
      return h("li", {}, h("kbd", { class: `person-${index % 6}` }, key), h("span", { class: "name" }, name), state, to);
    });
    this.element = h(
      "aside",
      { "aria-label": "people and events" },
      h("h2", {}, "People"),
      people.length ? h("ul", { class: "people", test: "people" }, ...people) : h("p", { class: "faint" }, "The recording names nobody."),
      timeline.markers.length ? h("h2", {}, "Markers") : null,
      timeline.markers.length ? h("ol", { class: "moments", test: "markers" }, ...timeline.markers.map((each) => this.moment(each))) : null,
      h("h2", {}, "So far"),
      this.news,
    );
  }

  show(time: number): void {
    const typing = this.timeline.typistsAt(time);
    for (const [name, state] of this.persons) {
      const text = typing.includes(name) ? "types" : "";
      if (state.textContent !== text) state.textContent = text;
    }
    const { news } = this.timeline;
    const until = news.findLastIndex((each) => each.time <= time) + 1;
    if (until === this.newsShown) return;
    this.newsShown = until;
    this.news.replaceChildren(...news.slice(Math.max(0, until - MOST_NEWS), until).map((each) => this.moment(each)));
    this.news.scrollTop = this.news.scrollHeight;
  }

  private moment(moment: Moment): HTMLElement {
    return h("li", {}, button(clockText(moment.time), () => this.seek(moment.time), { class: "time" }), h("span", {}, moment.text));
  }
}
