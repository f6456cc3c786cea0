// The player of one recording: its controls, its keys, and the loop that shows each picture when its time has come.

import { button, h } from "../dom.js";
import { shownTheme, type Shown } from "../themes.js";
import type { Picture } from "../picture.js";
import type { Cast } from "./cast.js";
import { Clock, SPEEDS } from "./clock.js";
import { Lanes } from "./lanes.js";
import { Panel } from "./panel.js";
import { Playback, type Keyframes } from "./playback.js";
import { SeenStage, XtermStage } from "./stage.js";
import { Timeline, clockText } from "./timeline.js";

const STEP_S = 5;

/** What "shorten pauses" leaves of a pause. */
const SHORT_PAUSE_S = 2;

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ["Space", "play, pause"],
  ["← →", "5 seconds back, forward"],
  ["↑ ↓", "faster, slower"],
  ["[ ]", "the marker before, after"],
  ["1 to 9", "where this person types next"],
  ["/ and n", "search a text, the next place"],
  ["i", "shorten pauses to 2 seconds, or not"],
  ["Home End", "the beginning, the end"],
];

/** What tests read and do. */
export interface PlayerHook {
  buffer(): Picture;
  state(): "playing" | "paused" | "seeking";
  time(): number;
  seek(time: number): Promise<void>;
  /** Whether the keyframes of the whole recording are there. */
  isIndexed(): boolean;
}

export class Player {
  readonly hook: PlayerHook;
  private readonly timeline: Timeline;
  private readonly clock: Clock;
  private readonly playback: Playback;
  private readonly keyframes: Keyframes = [];
  private readonly stage: SeenStage;
  private readonly lanes: Lanes;
  private readonly panel: Panel;
  private readonly play: HTMLButtonElement;
  private readonly time = h("span", { class: "time", test: "time" });
  private readonly speed: HTMLSelectElement;
  private readonly idle: HTMLInputElement;
  private readonly needle: HTMLInputElement;
  /** Says what happens, also to screen readers. */
  private readonly said = h("span", { class: "said", role: "status", test: "said" });
  private isIndexed = false;
  private searcher: { stage: XtermStage; playback: Playback } | null = null;
  private searches = 0;
  private pending = 0;

  constructor(
    place: HTMLElement,
    private readonly cast: Cast,
  ) {
    this.timeline = new Timeline(cast.events);
    const theme: Shown = shownTheme("system");
    document.documentElement.dataset["theme"] = theme;
    this.play = button("Play", () => this.toggle(), { class: "strong", test: "play" });
    this.speed = h(
      "select",
      { "aria-label": "speed", test: "speed", on: { change: () => this.setSpeed(Number(this.speed.value)) } },
      ...SPEEDS.map((each) => h("option", { value: each, selected: each === 1 }, `${each}×`)),
    );
    this.idle = h("input", { type: "checkbox", test: "idle", on: { change: () => this.shortenPauses(this.idle.checked) } });
    this.needle = h("input", { type: "search", placeholder: "Search the screen", "aria-label": "search the screen", test: "search" });
    const times = cast.events.map((each) => each.time);
    this.clock = new Clock(times);
    this.lanes = new Lanes(this.timeline, this.clock.end, (time) => void this.seek(time));
    this.panel = new Panel(this.timeline, (time) => void this.seek(time), (name) => this.jump(name));
    const terminal = h("div", { class: "terminal", "aria-label": "the recorded terminal", role: "group" });
    place.replaceChildren(this.frame(terminal));
    this.stage = new SeenStage(terminal, cast.header.size, theme);
    this.playback = new Playback(cast, this.stage, this.keyframes);
    this.shortenPauses(cast.header.idleLimit !== null);
    document.addEventListener("keydown", (event) => this.key(event));
    this.hook = {
      buffer: () => this.stage.picture(),
      state: () => (this.pending ? "seeking" : this.clock.isPaused ? "paused" : "playing"),
      time: () => this.clock.position,
      seek: (time) => this.seek(time),
      isIndexed: () => this.isIndexed,
    };
    void this.seek(0).then(() => this.index());
  }

  private frame(terminal: HTMLElement): HTMLElement {
    const { header } = this.cast;
    const began = header.timestamp ? new Date(header.timestamp * 1000) : null;
    const search = h(
      "form",
      { class: "search", role: "search", on: { submit: (event) => (event.preventDefault(), void this.search()) } },
      this.needle,
      button("Next", () => void this.search(), { test: "search-next" }),
    );
    const keys = KEYS.flatMap(([key, does]) => [h("dt", {}, key), h("dd", {}, does)]);
    return h(
      "div",
      { class: "player" },
      h(
        "header",
        {},
        h("h1", { test: "title" }, header.title || "Recording"),
        began ? h("time", { datetime: began.toISOString(), class: "faint" }, began.toLocaleString()) : null,
        search,
        h("details", { class: "keys" }, h("summary", {}, "Keys"), h("dl", {}, ...keys)),
      ),
      h("main", {}, terminal, this.panel.element),
      h(
        "footer",
        {},
        this.lanes.element,
        h(
          "div",
          { class: "controls" },
          this.play,
          button("5 s back", () => this.step(-STEP_S)),
          button("5 s forward", () => this.step(STEP_S)),
          this.timeline.markers.length ? button("Marker before", () => this.seekMarker(false)) : null,
          this.timeline.markers.length ? button("Marker after", () => this.seekMarker(true)) : null,
          this.time,
          this.said,
          h("label", {}, this.idle, "shorten pauses"),
          this.speed,
        ),
      ),
    );
  }

  /** Play the recording once where nobody sees it, for its keyframes. Then a seek in hours of it takes no longer. */
  private async index(): Promise<void> {
    const { playback } = this.newSearcher();
    await playback.show(this.cast.events.length);
    this.isIndexed = true;
  }

  // The clock.

  private readonly tick = (now: number): void => {
    if (this.clock.isPaused) return;
    this.clock.advance(now / 1000);
    if (this.clock.isAtEnd) this.pause(true);
    void this.show();
    if (!this.clock.isPaused) requestAnimationFrame(this.tick);
  };

  private pause(isPaused: boolean): void {
    this.clock.advance(performance.now() / 1000);
    this.clock.isPaused = isPaused;
    this.play.textContent = isPaused ? "Play" : "Pause";
    if (!isPaused) requestAnimationFrame(this.tick);
  }

  private toggle(): void {
    if (this.clock.isPaused && this.clock.isAtEnd) this.clock.seek(0);
    this.pause(!this.clock.isPaused);
  }

  private seek(time: number): Promise<void> {
    this.clock.advance(performance.now() / 1000);
    this.clock.seek(time);
    return this.show();
  }

  private step(seconds: number): void {
    void this.seek(this.clock.position + seconds);
  }

  private async show(): Promise<void> {
    const { position, end } = this.clock;
    this.lanes.show(position);
    this.panel.show(position);
    const text = `${clockText(position)} / ${clockText(end)}`;
    if (this.time.textContent !== text) this.time.textContent = text;
    this.pending += 1;
    try {
      await this.playback.seek(position);
    } finally {
      this.pending -= 1;
    }
  }

  private setSpeed(speed: number): void {
    this.clock.advance(performance.now() / 1000);
    this.clock.speed = speed;
    this.speed.value = String(speed);
    this.said.textContent = `${speed}×`;
  }

  private shortenPauses(isOn: boolean): void {
    this.idle.checked = isOn;
    this.clock.idleLimit = isOn ? (this.cast.header.idleLimit ?? SHORT_PAUSE_S) : null;
  }

  // Places in the recording.

  private seekMarker(isForward: boolean): void {
    const { position, end } = this.clock;
    const time = isForward ? this.timeline.markerAfter(position) : this.timeline.markerBefore(position);
    void this.seek(time ?? (isForward ? end : 0));
    this.said.textContent = this.timeline.markers.find((each) => each.time === time)?.text ?? "";
  }

  private jump(name: string | undefined): void {
    if (name === undefined) {
      this.said.textContent = `there are ${this.timeline.people.length} people`;
      return;
    }
    const time = this.timeline.nextOf(name, this.clock.position);
    if (time !== null) void this.seek(time);
    this.said.textContent = time === null ? `${name} types nothing` : name;
  }

  /** Go to the next time at which the text comes on the screen; from the beginning again if there is none. */
  private async search(): Promise<void> {
    const text = this.needle.value;
    if (text === "") return;
    this.pause(true);
    const number = ++this.searches;
    const after = this.clock.position;
    this.said.textContent = "searching…";
    this.searcher ??= this.newSearcher();
    const { stage, playback } = this.searcher;
    const isOver = (): boolean => number !== this.searches;
    let found = await playback.find(after, () => stage.has(text), isOver);
    if (found === null && after > 0) found = await playback.find(0, () => stage.has(text), isOver);
    if (isOver()) {
      return;
    }
    this.said.textContent = found === null ? `not found: ${text}` : `found at ${clockText(found)}`;
    if (found !== null) await this.seek(found);
  }

  private newSearcher(): { stage: XtermStage; playback: Playback } {
    const stage = new XtermStage(this.cast.header.size);
    return { stage, playback: new Playback(this.cast, stage, this.keyframes) };
  }

  // Keys.

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target === this.needle) {
      if (event.key === "Escape") this.needle.blur();
      return;
    }
    const isControl = target.matches("button, select, summary, input[type=checkbox]");
    if (isControl && [" ", "Enter", "ArrowUp", "ArrowDown"].includes(event.key)) return; // the control's own
    if (this.press(event.key)) event.preventDefault();
  }

  /** Do what a key stands for; return whether it stands for something. */
  private press(key: string): boolean {
    switch (key) {
      case " ":
        this.toggle();
        return true;
      case "ArrowLeft":
      case "ArrowRight":
        this.step(key === "ArrowLeft" ? -STEP_S : STEP_S);
        return true;
      case "ArrowUp":
      case "ArrowDown":
        this.clock.faster(key === "ArrowUp" ? 1 : -1);
        this.setSpeed(this.clock.speed);
        return true;
      case "[":
      case "]":
        this.seekMarker(key === "]");
        return true;
      case "/":
        this.needle.focus();
        this.needle.select();
        return true;
      case "n":
        void this.search();
        return true;
      case "i":
        this.shortenPauses(!this.idle.checked);
        this.said.textContent = this.idle.checked ? "pauses are shortened" : "pauses are played whole";
        return true;
      case "Home":
      case "End":
        void this.seek(key === "Home" ? 0 : this.clock.end);
        return true;
      default:
        if (!/^[1-9]$/.test(key)) return false;
        this.jump(this.timeline.people[Number(key) - 1]);
        return true;
    }
  }
}
