"""Pictures as a program makes them: small edits of the frame before, and now and then a new one.

The rows that an edit leaves alone stay the same objects, as the screen promises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from wcwidth import wcwidth

from pairterm.terminal.frame import (
    BOLD,
    DEFAULT_PEN,
    FAINT,
    INVERSE,
    ITALIC,
    RGB,
    STRIKE,
    UNDERLINE_SHIFT,
    CursorShape,
    Frame,
    Modes,
    Mouse,
    MouseEncoding,
    Pen,
    Row,
    blank_frame,
    blank_row,
)
from pairterm.types import Size

__all__ = ["Edit", "edited", "edits", "frames", "sizes"]

SURE_TEXTS = [
    "a",
    "x",
    "  ",
    "hello world",
    "drwxr-xr-x 2 root",
    "─" * 8,
    "│",
    "漢字",
    "あ",
    "zażółć",
    "~",
    "|",
    "one     two",
]
DOUBTFUL_TEXTS = ["e\u0301", "👩\u200d💻", "❤\ufe0f", "🇩🇪", "😀", "⌚", "👍🏽", "கா", "हिन्दी"]
PENS = [
    DEFAULT_PEN,
    Pen(fg=1),
    Pen(fg=12, flags=BOLD),
    Pen(bg=4),
    Pen(fg=200, bg=17),
    Pen(fg=RGB | 0x102030, flags=ITALIC | FAINT),
    Pen(flags=INVERSE),
    Pen(bg=RGB | 0x303030, flags=STRIKE),
    Pen(flags=1 << UNDERLINE_SHIFT, underline_colour=3),
    Pen(fg=7, flags=3 << UNDERLINE_SHIFT | BOLD),
    Pen(RGB | 0x102030, RGB | 0x304050, 1 << UNDERLINE_SHIFT, RGB | 0xFF0000),
    Pen(RGB | 0x102030, RGB | 0x304050, 1 << UNDERLINE_SHIFT),
    Pen(link="https://example.org/a"),
]
MODES = [
    Modes(),
    Modes(application_cursor=True, application_keypad=True),
    Modes(bracketed_paste=True, focus=True),
    Modes(mouse=Mouse.DRAGS, mouse_encoding=MouseEncoding.SGR),
    Modes(mouse=Mouse.X10),
    Modes(mouse=Mouse.ALL, mouse_encoding=MouseEncoding.SGR_PIXELS, is_reversed=True),
]


@dataclass(frozen=True)
class Edit:
    """One thing a program does to the screen; places are taken modulo the size."""

    what: str
    row: int = 0
    col: int = 0
    count: int = 1
    text: str = ""
    pen: Pen = DEFAULT_PEN
    modes: Modes = Modes()
    title: str = ""
    shape: CursorShape = CursorShape.DEFAULT


def sizes(max_rows: int = 12, max_cols: int = 40) -> st.SearchStrategy[Size]:
    return st.builds(lambda rows, cols: Size(rows=rows, cols=cols), st.integers(1, max_rows), st.integers(2, max_cols))


def edits(*, has_doubtful: bool = True) -> st.SearchStrategy[Edit]:
    texts = SURE_TEXTS + DOUBTFUL_TEXTS if has_doubtful else SURE_TEXTS
    places = {"row": st.integers(0, 11), "col": st.integers(0, 39)}
    pens = st.sampled_from(PENS)
    text = st.lists(st.sampled_from(texts), min_size=1, max_size=4).map("".join)
    write = st.builds(Edit, what=st.sampled_from(["write", "write", "write", "fill"]), text=text, pen=pens, **places)
    scroll = st.builds(Edit, what=st.sampled_from(["up", "down"]), count=st.integers(1, 5), pen=pens, **places)
    erase = st.builds(Edit, what=st.sampled_from(["erase", "erase", "clear_below", "clear"]), pen=pens, **places)
    place = st.builds(Edit, what=st.sampled_from(["cursor", "hide"]), **places)
    mode = st.builds(Edit, what=st.just("modes"), modes=st.sampled_from(MODES))
    shape = st.builds(Edit, what=st.just("shape"), shape=st.sampled_from(CursorShape))
    title = st.builds(Edit, what=st.just("title"), title=st.sampled_from(["vim", "caf\u00e9 ~ 漢", "x" * 300, ""]))
    return st.one_of(write, write, write, scroll, scroll, erase, place, mode, shape, title, st.just(Edit("bell")))


def frames(size: Size, steps: list[Edit]) -> list[Frame]:
    """Return a frame full of text and the frame after each edit."""
    made = [replace(blank_frame(size), rows=_full_rows(size, "the quick brown fox 漢字 jumps", DEFAULT_PEN))]
    for step in steps:
        made.append(edited(made[-1], step))
    return made


def edited(frame: Frame, edit: Edit) -> Frame:
    """Return the frame after one edit."""
    cursor = frame.cursor
    frame = replace(frame, generation=frame.generation + 1)
    match edit.what:
        case "hide":
            return replace(frame, cursor=replace(cursor, is_visible=not cursor.is_visible))
        case "modes":
            return replace(frame, modes=edit.modes)
        case "title":
            return replace(frame, title=edit.title)
        case "bell":
            return replace(frame, bells=frame.bells + edit.count)
        case "shape":
            return replace(frame, cursor=replace(cursor, shape=edit.shape))
    row, col = edit.row % frame.size.rows, edit.col % frame.size.cols
    rows = _edited_rows(list(frame.rows), row, col, edit)
    return replace(frame, rows=tuple(rows), cursor=replace(cursor, row=row, col=col))


def _edited_rows(rows: list[Row], row: int, col: int, edit: Edit) -> list[Row]:
    cols = len(rows[0].cells)
    blank = blank_row(cols, Pen(bg=edit.pen.bg))
    match edit.what:
        case "write":
            rows[row] = written(rows[row], col, edit.text, edit.pen)
        case "fill":
            rows = list(_full_rows(Size(rows=len(rows), cols=cols), edit.text, edit.pen))
        case "up" | "down":
            bottom = min(len(rows), row + 1 + edit.col % len(rows))
            count = min(edit.count, bottom - row)
            fresh = [replace(blank) for _ in range(count)]
            part = rows[row:bottom]
            rows[row:bottom] = part[count:] + fresh if edit.what == "up" else fresh + part[: len(part) - count]
        case "erase":
            rows[row] = written(rows[row], col, " " * (cols - col), Pen(bg=edit.pen.bg))
        case "clear_below":
            rows[row:] = [blank] * (len(rows) - row)
        case "clear":
            rows = [blank] * len(rows)
    return rows


def _full_rows(size: Size, text: str, pen: Pen) -> tuple[Row, ...]:
    """Return rows full of text, no two alike."""
    blank = blank_row(size.cols)
    return tuple(
        replace(written(blank, 0, f"{number} {text} {number * 7} {text * 20}", pen), wrapped=number % 2 == 0)
        for number in range(size.rows)
    )


def clusters(text: str) -> list[tuple[str, int]]:
    """Split text into cells: their text and width, as a screen would."""
    found: list[tuple[str, int]] = []
    for char in text:
        width = max(0, wcwidth(char))
        is_flag = 0x1F1E6 <= ord(char) <= 0x1F1FF
        is_tone = 0x1F3FB <= ord(char) <= 0x1F3FF
        if found and (
            width == 0
            or is_tone
            or found[-1][0].endswith("\u200d")
            or (is_flag and len(found[-1][0]) == 1 and ord(found[-1][0]) in range(0x1F1E6, 0x1F200))
        ):
            before, wide = found[-1]
            found[-1] = (before + char, 2 if char == "\ufe0f" or is_flag else wide)
        elif width:
            found.append((char, width))
    return found


def written(row: Row, col: int, text: str, pen: Pen) -> Row:
    """Return the row with `text` written from `col` on, as far as it fits."""
    cells, pens = list(row.cells), list(row.pens)
    cols = len(cells)
    for cell, width in clusters(text):
        if col + width > cols:
            break
        if cells[col] == "":
            cells[col - 1] = " "
        if col + width < cols and cells[col + width] == "":
            cells[col + width] = " "
        cells[col : col + width] = [cell] + [""] * (width - 1)
        pens[col : col + width] = [pen] * width
        col += width
    return Row(tuple(cells), tuple(pens))
