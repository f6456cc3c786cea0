// Reads an asciicast of version 2 or 3, line by line. A recording is foreign text: a line that is none is an error, and no
// number in it is believed.

/** The codes of events: asciicast's own, and pairterm's "p" for people. Seals ("h") are of no use here. */
export type Code = "o" | "r" | "m" | "x" | "p";

export interface CastEvent {
  /** Seconds since the recording began. */
  time: number;
  code: Code;
  data: string;
}

export interface Size {
  rows: number;
  cols: number;
}

export interface Header {
  version: 2 | 3;
  size: Size;
  title: string;
  /** Seconds since 1970; 0: unknown. */
  timestamp: number;
  /** The longest pause that its author wants to see, in seconds; null: any. */
  idleLimit: number | null;
  /** pairterm wrote it: each output is a step from one picture to the next. */
  isPictures: boolean;
}

export interface Cast {
  header: Header;
  events: CastEvent[];
}

export class NoCast extends Error {}

const CODES: ReadonlySet<unknown> = new Set<Code>(["o", "r", "m", "x", "p"]);

/** As pairterm's own bounds of a screen. */
const MOST_ROWS = 200;
const MOST_COLS = 500;

const MOST_SECONDS = 10 * 366 * 86_400;

export class CastReader {
  private header: Header | null = null;
  private readonly events: CastEvent[] = [];
  private rest = "";
  private now = 0;

  /** Take the next piece of the text. */
  push(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  /** Return the recording. A last line without its end is one that is still being written: it is left out. */
  finish(): Cast {
    if (this.header === null && this.rest) this.line(this.rest); // a header alone
    if (this.header === null) throw new NoCast("the recording is empty");
    return { header: this.header, events: this.events };
  }

  private line(line: string): void {
    if (this.header === null) {
      this.header = readHeader(parsed(line));
      return;
    }
    if (line.trim() === "" || line.startsWith("#")) return;
    const value = parsed(line);
    if (!Array.isArray(value)) throw notALine(line);
    const [time, code, data] = value as unknown[];
    if (typeof time !== "number" || !Number.isFinite(time) || typeof code !== "string" || typeof data !== "string") {
      throw notALine(line);
    }
    const at = this.header.version === 2 ? time : this.now + time;
    this.now = Math.min(Math.max(this.now, at), MOST_SECONDS);
    if (CODES.has(code)) this.events.push({ time: this.now, code: code as Code, data });
  }
}

export function readCast(text: string): Cast {
  const reader = new CastReader();
  reader.push(text);
  return reader.finish();
}

/** Return the size in the data of a resize; null: it has none. */
export function sizeOf(data: string): Size | null {
  const found = /^([0-9]{1,5})x([0-9]{1,5})$/.exec(data);
  return found === null ? null : validSize(Number(found[2]), Number(found[1]));
}

function validSize(rows: unknown, cols: unknown): Size | null {
  if (!Number.isInteger(rows) || !Number.isInteger(cols)) return null;
  const [r, c] = [rows as number, cols as number];
  return r >= 1 && r <= MOST_ROWS && c >= 1 && c <= MOST_COLS ? { rows: r, cols: c } : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw notALine(line);
  }
}

function notALine(line: string): NoCast {
  return new NoCast(`not a line of an asciicast: ${line.slice(0, 60)}`);
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readHeader(found: unknown): Header {
  if (!isFields(found) || (found["version"] !== 2 && found["version"] !== 3)) {
    throw new NoCast("not an asciicast of version 2 or 3");
  }
  const { version } = found;
  const term = isFields(found["term"]) ? found["term"] : {};
  const size = version === 2 ? validSize(found["height"], found["width"]) : validSize(term["rows"], term["cols"]);
  if (size === null) throw new NoCast("the recording has no size that a terminal can have");
  const positive = (value: unknown): number => (typeof value === "number" && value > 0 && Number.isFinite(value) ? value : 0);
  const title = found["title"];
  return {
    version,
    size,
    title: typeof title === "string" ? title.slice(0, 1000) : "",
    timestamp: positive(found["timestamp"]),
    idleLimit: positive(found["idle_time_limit"]) || null,
    isPictures: isFields(found["pairterm"]),
  };
}
