// The messages about the files of editors. Lines and columns are 0-based; a column counts code points of its line.

export interface Sharer {
  id: number;
  name: string;
  /** The file in which the person is; `null`: none that is shared. */
  active: number | null;
  /** The person is in a file that is not shared. */
  isWithheld: boolean;
  /** For so long the editor is away; `null`: it is here. */
  awayS: number | null;
}

export interface SharedFile {
  id: number;
  name: string;
  sharer: number;
}

/** Line and column of a start, and of an end. */
export type Selection = [number, number, number, number];

export interface CodeCursor {
  line: number;
  column: number;
  selections: Selection[];
}

/** So many lines from `first` on give way to `lines`. The rows of colours are runs: a length and a kind each. */
export interface LinesChange {
  document: number;
  serial: number;
  /** The page forgets what it had of this file. */
  isNew: boolean;
  first: number;
  removed: number;
  lines: string[];
  colours: number[][];
}

export type CodeReceived =
  | { t: "documents"; sharers: Sharer[]; files: SharedFile[] }
  | ({ t: "lines" } & LinesChange)
  | { t: "cursors"; document: number; cursors: CodeCursor[] };

export type CodeSent =
  | { t: "watch_code"; documents: number[] }
  | { t: "code_ack"; document: number; serial: number };

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function wholeOrNull(value: unknown): number | null {
  return typeof value === "number" ? whole(value) : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function cursor(value: unknown): CodeCursor {
  const [line, column, selections] = list(value);
  return {
    line: whole(line),
    column: whole(column),
    selections: list(selections).map((each) => {
      const ends = list(each);
      return [whole(ends[0]), whole(ends[1]), whole(ends[2]), whole(ends[3])];
    }),
  };
}

/** Return the message of these fields. `null`: it is not about files. */
export function readCode(fields: Fields): CodeReceived | null {
  switch (fields["t"]) {
    case "documents":
      return {
        t: "documents",
        sharers: list(fields["sharers"]).filter(isFields).map((each) => ({
          id: whole(each["id"]),
          name: text(each["name"]),
          active: wholeOrNull(each["active"]),
          isWithheld: each["is_withheld"] === true,
          awayS: wholeOrNull(each["away_s"]),
        })),
        files: list(fields["documents"]).filter(isFields).map((each) => ({
          id: whole(each["id"]),
          name: text(each["name"]),
          sharer: whole(each["sharer"]),
        })),
      };
    case "lines":
      return {
        t: "lines",
        document: whole(fields["document"]),
        serial: whole(fields["serial"]),
        isNew: fields["is_new"] === true,
        first: whole(fields["first"]),
        removed: whole(fields["removed"]),
        lines: list(fields["lines"]).map(text),
        colours: list(fields["colours"]).map((row) => list(row).map(whole)),
      };
    case "cursors":
      return { t: "cursors", document: whole(fields["document"]), cursors: list(fields["cursors"]).map(cursor) };
    default:
      return null;
  }
}
