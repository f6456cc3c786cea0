"""Motions of the cursor in a text of rows: by words, by paragraphs, to the ends of a line, to a character.

Each function takes a spot and returns another one. A motion ends at a line that is not
known yet, because it has to be fetched. It also ends after `_MAX_STEPS`, so that no key
costs much. A word continues over the margin if its line is wrapped.
Source: tmux's copy mode and vi.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pairterm.terminal.frame import Row
from pairterm.view.selection import Spot, length_of

__all__ = [
    "Jump",
    "Text",
    "indentation",
    "jump",
    "line_end",
    "line_start",
    "next_word",
    "paragraph",
    "previous_word",
    "word_at",
    "word_end",
]

_MAX_STEPS = 500
"""The most cells or lines that one motion examines."""

_SEPARATORS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~")
"""tmux's word-separators. They form their own words."""


class Text(NamedTuple):
    """The lines of the text: `first` to before `end`. `row` returns None for a line that is not known."""

    row: Callable[[int], Row | None]
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump to a character in a line. It can be repeated."""

    char: str
    step: int
    is_before: bool


def next_word(text: Text, spot: Spot, *, by_spaces: bool = False) -> Spot:
    """Return the start of the next word."""
    at, kind = spot, _kind(text, spot, by_spaces)
    for _ in range(_MAX_STEPS):
        after = _forward(text, at)
        if after is None:
            return at
        at, is_new_line = after
        here = _kind(text, at, by_spaces)
        if here and (is_new_line or here != kind):
            return at
        kind = here
    return at


def word_end(text: Text, spot: Spot, *, by_spaces: bool = False) -> Spot:
    """Return the last character of this word. From there, return the last character of the next word."""
    at, has_begun = spot, False
    for _ in range(_MAX_STEPS):
        after = _forward(text, at)
        if after is None:
            return at
        here, there = _kind(text, at, by_spaces), _kind(text, after[0], by_spaces)
        if has_begun and here and (after[1] or there != here):
            return at
        at, has_begun = after[0], True
    return at


def previous_word(text: Text, spot: Spot, *, by_spaces: bool = False) -> Spot:
    """Return the start of this word. From there, return the start of the word before."""
    at, has_begun = spot, False
    for _ in range(_MAX_STEPS):
        before = _backward(text, at)
        if before is None:
            return at
        here, there = _kind(text, at, by_spaces), _kind(text, before[0], by_spaces)
        if has_begun and here and (before[1] or there != here):
            return at
        at, has_begun = before[0], True
    return at


def word_at(text: Text, spot: Spot) -> tuple[Spot, Spot] | None:
    """Return the first and the last character of the word at a spot. None: no word is there."""
    if not _kind(text, spot, by_spaces=False):
        return None
    return previous_word(text, Spot(spot.line, spot.col + 1)), word_end(text, Spot(spot.line, spot.col - 1))


def paragraph(text: Text, spot: Spot, step: int) -> Spot:
    """Return the blank line after this paragraph (step 1) or before it (-1), or the end of the text."""
    line, has_text = spot.line, False
    for _ in range(_MAX_STEPS):
        row = text.row(line)
        if row is None:
            break
        if length_of(row):
            has_text = True
        elif has_text:
            return Spot(line, 0)
        if not text.first <= line + step < text.end:
            break
        line += step
    row = text.row(line)
    return Spot(line, 0 if step < 0 or row is None else max(0, length_of(row) - 1))


def line_start(text: Text, spot: Spot) -> Spot:
    """Return the start of the line, in the first of its rows."""
    line = spot.line
    while line > text.first and spot.line - line < _MAX_STEPS:
        before = text.row(line - 1)
        if before is None or not before.wrapped:
            break
        line -= 1
    return Spot(line, 0)


def line_end(text: Text, spot: Spot) -> Spot:
    """Return the last character of the line, in the last of its rows."""
    line = spot.line
    row = text.row(line)
    while row is not None and row.wrapped and line + 1 < text.end and line - spot.line < _MAX_STEPS:
        after = text.row(line + 1)
        if after is None:
            break
        line, row = line + 1, after
    return Spot(line, max(0, length_of(row) - 1) if row is not None else 0)


def indentation(text: Text, spot: Spot) -> Spot:
    """Return the first character of the line that is not a space."""
    start = line_start(text, spot)
    row = text.row(start.line)
    if row is None:
        return start
    return Spot(start.line, next((col for col, cell in enumerate(row.cells) if cell != " "), 0))


def jump(text: Text, spot: Spot, char: str, step: int, *, is_before: bool, again: bool = False) -> Spot:
    """Return where `char` stands next in the row, to the right (step 1) or left (-1); the spot itself if nowhere.

    `is_before`: stop one short of it. `again`: the one that this jump stopped short of the last time does not count.
    """
    row = text.row(spot.line)
    if row is None:
        return spot
    col = spot.col + step * (2 if again and is_before else 1)
    while 0 <= col < len(row.cells):
        if row.cells[col][:1] == char:
            col -= step if is_before else 0
            return Spot(spot.line, col - (row.cells[col] == "" and col > 0))
        col += step
    return spot


def _kind(text: Text, spot: Spot, by_spaces: bool) -> int:
    """Return the kind of the character there. 0: a blank. 1: a separator. 2: a character of a word."""
    row = text.row(spot.line)
    cell = row.cells[spot.col] if row is not None and spot.col < len(row.cells) else " "
    if cell == " ":
        return 0
    return 1 if cell in _SEPARATORS and not by_spaces else 2


def _forward(text: Text, spot: Spot) -> tuple[Spot, bool] | None:
    """Return the next character, and whether it is in another line. None: at the end of the known lines."""
    row = text.row(spot.line)
    if row is None:
        return None
    col = spot.col + 1
    while col < len(row.cells) and row.cells[col] == "":
        col += 1
    if col < length_of(row):
        return Spot(spot.line, col), False
    if spot.line + 1 >= text.end or text.row(spot.line + 1) is None:
        return None
    return Spot(spot.line + 1, 0), not row.wrapped


def _backward(text: Text, spot: Spot) -> tuple[Spot, bool] | None:
    """Return the character before, and whether it is in another line. None: at the start of the known lines."""
    row = text.row(spot.line)
    if row is None:
        return None
    if spot.col > 0:
        col = spot.col - 1
        while col > 0 and row.cells[col] == "":
            col -= 1
        return Spot(spot.line, col), False
    before = text.row(spot.line - 1) if spot.line > text.first else None
    if before is None:
        return None
    col = max(0, length_of(before) - 1)
    while col > 0 and before.cells[col] == "":
        col -= 1
    return Spot(spot.line - 1, col), not before.wrapped
