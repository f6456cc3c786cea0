// The view of an editor's files: tabs with the person whose files they are, and the text in CodeMirror, read-only.
// This is a chunk of its own, with CodeMirror. A page loads it when its reader opens the code.

import { codeFolding, foldGutter, foldKeymap, foldService } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, RangeSetBuilder, StateEffect, StateField, Text, type Extension } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import { button, h, iconButton } from "../dom.js";
import { coloursOf, type Shown } from "../themes.js";
import { coloured, ColourRows, offsetOf } from "./code_text.js";
import type { CodeCursor, CodeReceived, CodeSent, LinesChange } from "./messages.js";
import type { ShownFile } from "./shown_file.js";

/** The colour for each kind of token, by its name in the terminal's theme. The order is that of the gateway's kinds.
 * Comments are faint (style.css): in the dark theme, brightBlack has too little contrast. */
const KINDS = [
  "", "", "magenta", "green", "cyan", "", "yellow", "blue", "", "blue", "red", "yellow", "magenta", "green", "red", "",
] as const;
const PEOPLE = ["green", "yellow", "magenta", "cyan", "blue", "red"] as const;
const TAB_COLUMNS = 8;

interface Cursors {
  cursors: CodeCursor[];
  name: string;
  colour: string;
}

const setCursors = StateEffect.define<Cursors>();
const setColours = StateEffect.define<null>();

class CursorMark extends WidgetType {
  constructor(
    private readonly name: string,
    private readonly colour: string,
  ) {
    super();
  }

  override eq(other: CursorMark): boolean {
    return this.name === other.name && this.colour === other.colour;
  }

  override toDOM(): HTMLElement {
    const mark = h("span", { class: "code-cursor", "aria-hidden": "true" });
    mark.style.setProperty("--person", this.colour);
    if (this.name !== "") mark.append(h("span", { class: "code-name" }, this.name));
    return mark;
  }
}

/** Return the place of a line and a column in the text. It is never behind the end. */
function placeOf(text: Text, line: number, column: number): number {
  if (line >= text.lines) return text.length;
  const at = text.line(line + 1);
  return at.from + offsetOf(at.text, column);
}

function cursorMarks(text: Text, { cursors, name, colour }: Cursors): DecorationSet {
  const marks = cursors.flatMap((each, index) => [
    ...each.selections.flatMap(([line, column, endLine, endColumn]) => {
      const ends = [placeOf(text, line, column), placeOf(text, endLine, endColumn)];
      const [from, to] = [Math.min(...ends), Math.max(...ends)];
      const style = `background: ${colour}55`; // a third of the colour: the theme has it in six digits
      return from < to ? [Decoration.mark({ attributes: { style } }).range(from, to)] : [];
    }),
    Decoration.widget({ widget: new CursorMark(index === 0 ? name : "", colour), side: 1 }).range(
      placeOf(text, each.line, each.column),
    ),
  ]);
  return Decoration.set(marks, true);
}

const cursorField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const told = transaction.effects.find((each) => each.is(setCursors));
    return told === undefined ? marks.map(transaction.changes) : cursorMarks(transaction.state.doc, told.value);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Colour the lines in sight. */
function colouring(rows: ColourRows): Extension {
  const kinds = KINDS.map((_, kind) => Decoration.mark({ class: `code-${kind}` }));
  const marks = (view: EditorView): DecorationSet => {
    const builder = new RangeSetBuilder<Decoration>();
    for (const { from, to } of view.visibleRanges) {
      for (let at = from; at <= to; ) {
        const line = view.state.doc.lineAt(at);
        for (const span of coloured(line.text, rows.of(line.number - 1))) {
          const mark = kinds[span.kind];
          if (mark !== undefined) builder.add(line.from + span.from, line.from + span.to, mark);
        }
        at = line.to + 1;
      }
    }
    return builder.finish();
  };
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = marks(view);
      }

      update(update: ViewUpdate): void {
        const isNew = update.transactions.some((each) => each.effects.some((effect) => effect.is(setColours)));
        if (update.docChanged || update.viewportChanged || isNew) this.decorations = marks(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

/** Fold what is indented deeper than a line: it works for all languages, and needs no parser. */
const byIndentation = foldService.of((state, from) => {
  const depth = (text: string) => (text.trim() === "" ? null : text.length - text.trimStart().length);
  const line = state.doc.lineAt(from);
  const own = depth(line.text);
  if (own === null) return null;
  let end = line.to;
  for (let number = line.number + 1; number <= state.doc.lines; number++) {
    const next = state.doc.line(number);
    const its = depth(next.text);
    if (its !== null && its <= own) break;
    if (its !== null) end = next.to;
  }
  return end > line.to ? { from: line.to, to: end } : null;
});

/** Characters that could change the text around them, beside those that CodeMirror knows. */
const UNSAFE = /[\u202a-\u202e\u2066-\u206f]/g;

/** Show a character that does something to the text as letters, as terminals do. */
function visible(code: number): HTMLElement {
  const text = code < 0x20 || code === 0x7f ? `^${String.fromCharCode(code ^ 0x40)}` : `<${code.toString(16).padStart(4, "0")}>`;
  return h("span", { class: "cm-specialChar" }, text);
}

export interface PanelActs {
  send(message: CodeSent): boolean;
  close(): void;
}

export class CodePanel {
  readonly element: HTMLElement;
  private readonly tabs = h("div", { class: "code-tabs", role: "tablist", "aria-label": "files" });
  private readonly followButton: HTMLButtonElement;
  private readonly note = h("p", { class: "code-note", role: "status", hidden: true });
  private readonly rows = new ColourRows();
  private readonly view: EditorView;
  private watched: number | null = null;
  private hasText = false;
  private cursors: CodeCursor[] = [];
  private theme: Shown = "dark";

  constructor(
    private readonly shown: ShownFile,
    private readonly acts: PanelActs,
  ) {
    this.followButton = button("Follow", () => this.follow(null), { test: "code-follow" });
    const bar = h("div", { class: "code-bar" }, this.tabs, this.followButton, iconButton("close", "close the code", () => acts.close(), { test: "code-close" }));
    const place = h("div", { class: "code-text", test: "code-text" });
    this.element = h("section", { class: "code", "aria-label": "code" }, bar, this.note, place);
    this.view = new EditorView({ parent: place, state: this.fresh() });
    place.addEventListener("wheel", () => this.stay(), { passive: true });
    place.addEventListener("touchmove", () => this.stay(), { passive: true });
    place.addEventListener("keydown", () => this.stay());
    place.addEventListener("mousedown", () => this.stay());
  }

  private fresh(): EditorState {
    return EditorState.create({
      doc: Text.empty,
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false), // or a phone shows its keyboard
        EditorState.tabSize.of(TAB_COLUMNS),
        EditorView.contentAttributes.of({ "aria-label": "the text of the file", "aria-readonly": "true", tabindex: "0" }),
        lineNumbers(),
        byIndentation,
        codeFolding(),
        foldGutter(),
        highlightSpecialChars({ render: visible, addSpecialChars: UNSAFE }),
        highlightSelectionMatches(),
        search({ top: true }),
        keymap.of([...searchKeymap, ...foldKeymap]),
        cursorField,
        colouring(this.rows),
      ],
    });
  }

  styled(theme: Shown, fontPx: number): void {
    this.theme = theme;
    this.element.style.setProperty("--code-font", `${fontPx}px`);
    this.view.requestMeasure();
    const colours = coloursOf(theme).theme;
    KINDS.forEach((name, kind) => {
      if (name !== "") this.element.style.setProperty(`--code-${kind}`, colours[name] ?? "inherit");
    });
    this.showCursors();
  }

  /** The list of files, or the file that is shown, may be another one. */
  update(): void {
    const { file, sharer, person } = this.shown;
    if ((file?.id ?? null) !== this.watched) this.watch(file?.id ?? null);
    this.tabs.replaceChildren(...this.shown.files.map((each) => this.tab(each.id, each.name, each.sharer)));
    if (this.shown.isWithheld) this.tabs.append(h("span", { class: "code-tab", role: "tab", "aria-selected": "true" }, "a file that is not shared"));
    this.followButton.textContent = person === null ? "Follow" : `${this.shown.isFollowing ? "following" : "Follow"} ${person.name}`;
    this.followButton.setAttribute("aria-pressed", String(this.shown.isFollowing));
    this.showNote(sharer?.awayS ?? null);
    this.showCursors();
  }

  private tab(id: number, name: string, sharer: number): HTMLElement {
    const owner = this.shown.sharers.find((each) => each.id === sharer)?.name ?? "somebody";
    const tab = button(name, () => this.choose(id), { class: "code-tab", role: "tab", "aria-selected": String(id === this.watched), title: `${name}, shared by ${owner}` });
    tab.prepend(h("span", { class: "faint" }, `${owner}: `));
    return tab;
  }

  private showNote(awayS: number | null): void {
    const { file, person, isWithheld } = this.shown;
    let text = "";
    if (awayS !== null) text = `the editor is away ${awayS} s`;
    else if (isWithheld) text = "a file that is not shared";
    else if (file === null) text = person === null ? "no editor shares a file now" : `${person.name} has opened no file yet`;
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  /** Take a message about the text that is shown. */
  take(message: CodeReceived): void {
    if (message.t === "lines" && message.document === this.watched) this.change(message);
    else if (message.t === "cursors" && message.document === this.watched) {
      this.cursors = message.cursors;
      this.showCursors();
    }
  }

  /** Ask for the text of the file that is shown: the line is new. */
  askAgain(): void {
    this.watch(this.shown.file?.id ?? null);
  }

  private watch(file: number | null): void {
    this.watched = file;
    this.hasText = false;
    this.cursors = [];
    this.view.setState(this.fresh());
    this.acts.send({ t: "watch_code", documents: file === null ? [] : [file] });
  }

  private change(change: LinesChange): void {
    this.acts.send({ t: "code_ack", document: change.document, serial: change.serial });
    if (change.isNew) {
      this.view.setState(this.fresh());
      this.hasText = false;
    }
    this.rows.apply(change);
    const changes = this.hasText ? replaced(this.view.state.doc, change) : whole(this.view.state.doc, change);
    this.hasText = this.hasText || change.lines.length > 0;
    this.view.dispatch({ changes, effects: setColours.of(null) });
    this.showCursors();
  }

  private showCursors(): void {
    const sharer = this.shown.sharer;
    const colour = coloursOf(this.theme).theme[PEOPLE[(sharer?.id ?? 0) % PEOPLE.length] ?? "green"] ?? "green";
    const first = this.cursors[0];
    const effects: StateEffect<unknown>[] = [setCursors.of({ cursors: this.cursors, name: sharer?.name ?? "", colour })];
    if (this.shown.isFollowing && first !== undefined)
      effects.push(EditorView.scrollIntoView(placeOf(this.view.state.doc, first.line, first.column), { y: "nearest", yMargin: 60 }));
    this.view.dispatch({ effects });
  }

  private choose(file: number): void {
    this.shown.choose(file);
    this.update();
  }

  private follow(person: number | null): void {
    this.shown.follow(person);
    this.update();
  }

  private stay(): void {
    if (!this.shown.isFollowing) return;
    this.shown.stay();
    this.update();
  }

  /** The page shows the code no more. */
  closed(): void {
    this.watched = null;
    this.acts.send({ t: "watch_code", documents: [] });
  }

  focus(): void {
    this.view.focus();
  }
}

/** Return the change that makes the first lines of a file. */
function whole(text: Text, change: LinesChange): { from: number; to: number; insert: Text } {
  return { from: 0, to: text.length, insert: change.lines.length > 0 ? Text.of(change.lines) : Text.empty };
}

/** Return the change of a text in CodeMirror's places. Line ends belong to the line before, except at the end. */
function replaced(text: Text, { first, removed, lines }: LinesChange): { from: number; to: number; insert: Text } {
  const stop = Math.min(first + removed, text.lines);
  if (first >= text.lines) return { from: text.length, to: text.length, insert: Text.of(["", ...lines]) };
  const from = text.line(first + 1).from;
  if (removed === 0) return { from, to: from, insert: lines.length > 0 ? Text.of([...lines, ""]) : Text.empty };
  const to = text.line(stop).to;
  if (lines.length > 0) return { from, to, insert: Text.of(lines) };
  if (stop < text.lines) return { from, to: to + 1, insert: Text.empty };
  return { from: Math.max(0, from - 1), to, insert: Text.empty };
}
