// A recording played on a terminal: the screen at any time. Forwards it writes what is missing. Backwards it begins at a
// keyframe: a picture that it took on the way. Law 13: a recording played to a given time shows what a watcher saw then.

import type { Cast, CastEvent, Size } from "./cast.js";
import { sizeOf } from "./cast.js";
import { countUntil } from "./clock.js";

/** The terminal that a recording is played on. */
export interface Stage {
  /** Be as after power-on, with this size. */
  reset(size: Size): void;
  resize(size: Size): void;
  /** Write a text. Call `onShown` as soon as it is shown, before what is written after it; then resolve. */
  write(text: string, onShown?: () => void): Promise<void>;
  /** Return what paints the present screen on a stage that was reset, and its size. */
  keyframe(): Keyframe;
}

export interface Keyframe {
  size: Size;
  text: string;
}

/** A keyframe after so many characters of output: xterm.js takes some 10 MB a second, so a seek replays 25 ms of it. */
const KEYFRAME_CHARS = 256 * 1024;

/** What is written at once. Between two writes, a newer seek may change the goal. */
const BATCH_CHARS = 64 * 1024;

/** The keyframes of one recording, in their order. All its playbacks use those that one of them has taken. */
export type Keyframes = { position: number; frame: Keyframe }[];

export class Playback {
  /** The times of all events. */
  readonly times: readonly number[];
  /** How many events are shown. */
  position = 0;
  private goal = 0;
  private running: Promise<void> | null = null;
  private charsSince = 0;

  constructor(
    private readonly cast: Cast,
    private readonly stage: Stage,
    private readonly keyframes: Keyframes = [],
  ) {
    this.times = cast.events.map((each) => each.time);
    stage.reset(cast.header.size);
  }

  /** Show the screen of a time: after all events until then. Resolve when it shows, or when a newer seek does. */
  seek(time: number): Promise<void> {
    return this.show(countUntil(this.times, time));
  }

  /** Show the screen after so many events. */
  show(position: number): Promise<void> {
    this.goal = position;
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  /** Return the time at which a text comes on the screen next after a time; null: it does not. */
  async find(after: number, isShown: () => boolean, isOver: () => boolean): Promise<number | null> {
    await this.seek(after);
    let wasShown = isShown();
    let found: number | null = null;
    const look = (time: number) => (): void => {
      const now = isShown();
      if (now && !wasShown && time > after) found ??= time;
      wasShown = now;
    };
    while (this.position < this.cast.events.length && found === null && !isOver()) {
      const first = this.cast.events[this.position];
      if (first?.code === "o") {
        const batch = this.outputs(this.position);
        await Promise.all(batch.map((each) => this.stage.write(each.data, look(each.time))));
        this.position += batch.length;
        this.keep(batch.reduce((sum, each) => sum + each.data.length, 0));
      } else if (first !== undefined) {
        this.step(first);
        look(first.time)();
      }
    }
    this.goal = this.position;
    return found;
  }

  private async run(): Promise<void> {
    while (this.position !== this.goal) {
      await this.rewind();
      const event = this.cast.events[this.position];
      if (event === undefined) return;
      if (event.code !== "o") {
        this.step(event);
        continue;
      }
      const batch = this.outputs(this.position, this.goal);
      const text = batch.map((each) => each.data).join("");
      await this.stage.write(text);
      this.position += batch.length;
      this.keep(text.length);
    }
  }

  /** Go back to the nearest keyframe before the goal, if that is behind, or ahead of where we are. */
  private async rewind(): Promise<void> {
    const near = this.keyframes.findLast((each) => each.position <= this.goal);
    const start = near?.position ?? 0;
    if (this.goal >= this.position && start <= this.position) return;
    this.position = start;
    this.stage.reset(near?.frame.size ?? this.cast.header.size);
    if (near !== undefined) await this.stage.write(near.frame.text);
    this.charsSince = 0;
  }

  private step(event: CastEvent): void {
    const size = event.code === "r" ? sizeOf(event.data) : null;
    if (size !== null) this.stage.resize(size);
    this.position += 1;
  }

  /** Return the outputs that follow each other from `start` on, as much as is written at once. */
  private outputs(start: number, stop = Infinity): CastEvent[] {
    const found: CastEvent[] = [];
    let chars = 0;
    for (let at = start; at < Math.min(stop, this.cast.events.length) && chars < BATCH_CHARS; at++) {
      const event = this.cast.events[at];
      if (event === undefined || event.code === "r") break;
      found.push(event.code === "o" ? event : { ...event, data: "" });
      chars += event.data.length;
    }
    return found;
  }

  /** Take a keyframe if one is due. In recordings of other programs an output may end in the middle of a sequence. */
  private keep(chars: number): void {
    this.charsSince += chars;
    if (!this.cast.header.isPictures || this.charsSince < KEYFRAME_CHARS) return;
    const last = this.keyframes[this.keyframes.length - 1];
    if (last === undefined || this.position > last.position) {
      this.keyframes.push({ position: this.position, frame: this.stage.keyframe() });
    }
    this.charsSince = 0;
  }
}
