"""Cells of what `tmux capture-pane -e` prints: the text with its attributes, the way it was written left out.

tmux writes an attribute when it changes, so two equal screens may be captured in
different bytes. Here each cell carries its own. It reads what tmux writes, no more.
"""

from __future__ import annotations

import re

__all__ = ["Cell", "cells_of"]

Cell = tuple[str, tuple[str, ...]]
"""A character (with its combining marks in cells of their own) and its attributes, sorted."""

_TOKEN = re.compile(r"\x1b\[([\d;:]*)m|\x1b\]8;([^\x1b]*)\x1b\\|([\x0e\x0f])|([^\x1b])", re.DOTALL)

_LINES = dict(zip("jklmnqtuvwx`a~", "┘┐┌└┼─├┤┴┬│◆▒·", strict=True))
"""The line drawing set (DEC special graphics), where the capture has it after SO."""


def cells_of(captured: str) -> list[list[Cell]]:
    """Return the rows of a capture; blanks without attributes at a row's end are left out.

    Raises:
        ValueError: The capture holds a sequence that is not known here.
    """
    rows: list[list[Cell]] = []
    pen: dict[str, str] = {}
    is_drawing = False
    for line in captured.split("\n"):
        row: list[Cell] = []
        at = 0
        while at < len(line):
            match = _TOKEN.match(line, at)
            if match is None:
                raise ValueError(f"an unknown sequence in a capture: {line[at : at + 20]!r}")
            at = match.end()
            numbers, link, shift, char = match.groups()
            if numbers is not None:
                _select(pen, numbers)
            elif link is not None:
                pen["link"] = link.partition(";")[2]
            elif shift is not None:
                is_drawing = shift == "\x0e"
            else:
                shown = _LINES.get(char, char) if is_drawing else char
                row.append((shown, tuple(sorted(f"{name}={value}" for name, value in pen.items() if value))))
        while row and row[-1] == (" ", ()):
            row.pop()
        rows.append(row)
    return rows


def _select(pen: dict[str, str], numbers: str) -> None:
    """Take a select-graphic-rendition sequence's parameters into `pen`."""
    codes = (numbers or "0").split(";")
    while codes:
        code = codes.pop(0)
        base = int(code.partition(":")[0] or "0")
        if base == 0:
            link = pen.get("link", "")
            pen.clear()
            pen["link"] = link
        elif base in (38, 48, 58):
            taken = 2 if codes[0] == "5" else 4
            pen[str(base)] = ";".join(codes[:taken])
            del codes[:taken]
        elif base in (39, 49, 59):
            pen[str(base - 1)] = ""
        elif 30 <= base <= 37 or 90 <= base <= 97:
            pen["38"] = f"5;{base - 30 if base < 90 else base - 82}"
        elif 40 <= base <= 47 or 100 <= base <= 107:
            pen["48"] = f"5;{base - 40 if base < 100 else base - 92}"
        else:
            pen[f"sgr{base}"] = code
