// Who typed when in a recording, who was there, its markers, and its news. As pairterm/record/timeline.py has it.

import type { CastEvent } from "./cast.js";

/** A time in which one person typed, in seconds. */
export interface Span {
  name: string;
  start: number;
  stop: number;
}

export interface Moment {
  time: number;
  text: string;
}

/** Typing that goes on within this time is one span. A recorder tells of the same typist once a second. */
const SPAN_S = 2;

/** How long a person still counts as typing after the recorder told of it. */
const TYPING_S = 1;

export class Timeline {
  /** All people, in the order in which they came. */
  readonly people: string[] = [];
  readonly spans: Span[] = [];
  readonly markers: Moment[] = [];
  /** Lines for people: joined, left, chat, windows. */
  readonly news: Moment[] = [];

  constructor(events: readonly CastEvent[]) {
    for (const event of events) {
      if (event.code === "m") this.markers.push({ time: event.time, text: event.data });
      else if (event.code === "p") this.take(event.time, event.data);
    }
  }

  spansOf(name: string): Span[] {
    return this.spans.filter((each) => each.name === name);
  }

  /** Return who types at a time. */
  typistsAt(time: number): string[] {
    const found = this.spans.filter((each) => each.start <= time && time <= each.stop + TYPING_S);
    return [...new Set(found.map((each) => each.name))];
  }

  /** Return when a person types next after a time, the first time of all after the last one; null: they never type. */
  nextOf(name: string, after: number): number | null {
    const spans = this.spansOf(name);
    return (spans.find((each) => each.start > after) ?? spans[0])?.start ?? null;
  }

  /** Return the time of the marker after a time; null: there is none. */
  markerAfter(time: number): number | null {
    return this.markers.find((each) => each.time > time)?.time ?? null;
  }

  /** Return the time of the marker before a time; null: there is none. `slack`: one that was passed just now is skipped. */
  markerBefore(time: number, slack = 1): number | null {
    return this.markers.findLast((each) => each.time < time - slack)?.time ?? null;
  }

  private take(time: number, data: string): void {
    const [kind, name, text = ""] = readPerson(data);
    if (kind === undefined || name === undefined) return;
    if (kind !== "window" && !this.people.includes(name)) this.people.push(name);
    switch (kind) {
      case "typed":
      case "typed-text": {
        const last = this.spans[this.spans.length - 1];
        if (last?.name === name && time <= last.stop + SPAN_S) last.stop = time;
        else this.spans.push({ name, start: time, stop: time });
        break;
      }
      case "joined":
        this.tell(time, `${name} joined`);
        break;
      case "left":
        this.tell(time, `${name} left`);
        break;
      case "keyboard":
        this.tell(time, `${name} has the keyboard`);
        break;
      case "window":
        this.tell(time, `window ${name}`);
        break;
      case "chat":
        this.tell(time, `${name}: ${text}`);
        break;
    }
  }

  private tell(time: number, text: string): void {
    this.news.push({ time, text });
  }
}

/** Return kind, name and text of an event about a person; an empty list if it is none of ours. */
function readPerson(data: string): string[] {
  let found: unknown;
  try {
    found = JSON.parse(data);
  } catch {
    return [];
  }
  const isOurs =
    Array.isArray(found) && found.length >= 2 && found.length <= 3 && found.every((each) => typeof each === "string");
  return isOurs ? (found as string[]) : [];
}

/** Return a time as people read it: 1:02, or 1:02:03. */
export function clockText(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Join spans that would be drawn as one: those with less than a thousandth of the time between them. */
export function drawn(spans: readonly Span[], end: number): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined[joined.length - 1];
    if (last !== undefined && span.start - last.stop < end / 1000) last.stop = Math.max(last.stop, span.stop);
    else joined.push({ ...span });
  }
  return joined;
}
