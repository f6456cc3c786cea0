"""The pens of a document: a colour for each kind of syntax, and a colour for each person.

They are the 16 colours of the client's own palette, so they fit its theme. Cursors and
selections are inverse too, so they show on a terminal without colours.
"""

from __future__ import annotations

from pairterm.document.colours import TokenKind
from pairterm.document.document import SharerId
from pairterm.terminal.frame import (
    BOLD,
    DEFAULT_PEN,
    FAINT,
    INVERSE,
    ITALIC,
    UNDERLINE_SHIFT,
    Pen,
)

__all__ = [
    "CURRENT_NUMBER_PEN",
    "FOUND_PEN",
    "MATCH_PEN",
    "NOTE_PEN",
    "NUMBER_PEN",
    "VISIBLE_PEN",
    "cursor_pen",
    "name_pen",
    "pen_of_kind",
    "selection_pen",
]

_RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN = range(1, 7)

_UNDERLINED, _CURLY = 1 << UNDERLINE_SHIFT, 3 << UNDERLINE_SHIFT

NUMBER_PEN = Pen(flags=FAINT)
CURRENT_NUMBER_PEN = Pen(flags=BOLD)
NOTE_PEN = Pen(flags=FAINT | ITALIC)
"""Texts of ours where a document has none, and the marks at a cut line."""

VISIBLE_PEN = Pen(fg=_RED, flags=INVERSE)
"""Letters that stand for an unsafe character. Nothing in a document can look like them."""

FOUND_PEN = Pen(flags=INVERSE | BOLD)
"""The match that was searched."""

MATCH_PEN = Pen(flags=_UNDERLINED | BOLD)
"""The other matches."""

_KIND_PENS = {
    TokenKind.COMMENT: Pen(flags=FAINT | ITALIC),
    TokenKind.KEYWORD: Pen(fg=_MAGENTA),
    TokenKind.STRING: Pen(fg=_GREEN),
    TokenKind.NUMBER: Pen(fg=_CYAN),
    TokenKind.TYPE: Pen(fg=_YELLOW),
    TokenKind.FUNCTION: Pen(fg=_BLUE),
    TokenKind.ATTRIBUTE: Pen(fg=_YELLOW),
    TokenKind.TAG: Pen(fg=_MAGENTA),
    TokenKind.HEADING: Pen(fg=_BLUE, flags=BOLD),
    TokenKind.EMPHASIS: Pen(flags=ITALIC),
    TokenKind.INSERTED: Pen(fg=_GREEN),
    TokenKind.DELETED: Pen(fg=_RED),
    TokenKind.ERROR: Pen(flags=_CURLY, underline_colour=_RED),
}

_PEOPLE = (_GREEN, _YELLOW, _MAGENTA, _CYAN, _BLUE, _RED)


def pen_of_kind(kind: TokenKind) -> Pen:
    """Return the pen for a kind of syntax. Names and operators are plain."""
    return _KIND_PENS.get(kind, DEFAULT_PEN)


def selection_pen(sharer: SharerId) -> Pen:
    """Return the pen for what a person has selected."""
    return Pen(fg=_colour(sharer), flags=INVERSE)


def cursor_pen(sharer: SharerId) -> Pen:
    """Return the pen for a person's cursor. It differs from the selection in which it can be."""
    return Pen(fg=_colour(sharer), flags=INVERSE | BOLD | _UNDERLINED)


def name_pen(sharer: SharerId) -> Pen:
    """Return the pen for a person's name at their cursor."""
    return Pen(fg=_colour(sharer), flags=INVERSE | ITALIC)


def _colour(sharer: SharerId) -> int:
    return _PEOPLE[sharer % len(_PEOPLE)]
