"""The text of a cell as characters that a terminal draws in exactly that cell.

The result never has an unsafe character (see `pairterm.safe_text`). Frames come from a
checked source already, so this is a second check.
"""

from __future__ import annotations

from pairterm.safe_text import without_unsafe

__all__ = [
    "MAX_TITLE_CHARS",
    "ascii_text",
    "doubtful_text",
    "is_doubtful",
    "is_emoji",
    "is_symbol",
    "safe_title",
]

MAX_TITLE_CHARS = 256
"""The length of a window title that is sent to a client."""

_EMOJI_START = 0x1F000
_EMOJI_END = 0x20000
_BMP_SYMBOLS = range(0x231A, 0x2E80)
"""Symbols below CJK. Some became wide with Unicode 9, and terminals disagree about them."""

_ASCII = {
    "─": "-", "━": "-", "═": "=", "╌": "-", "┄": "-", "┈": "-", "│": "|", "┃": "|", "║": "|", "╎": "|", "┆": "|",
    "┊": "|",
    "▀": '"', "▄": "_", "█": "#", "▌": "|", "▐": "|", "░": ".", "▒": ":", "▓": "#", "■": "#", "□": "o",
    "←": "<", "↑": "^", "→": ">", "↓": "v", "◀": "<", "▶": ">", "▲": "^", "▼": "v", "⏎": "<",
    "•": "*", "·": ".", "◆": "+", "●": "*", "○": "o", "✓": "v", "✔": "v", "✗": "x", "✘": "x", "…": ".",
    "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "×": "x", "\u00a0": " ", "°": "o",
    "≤": "<", "≥": ">", "≠": "#", "π": "p", "£": "L",
}  # fmt: skip


def safe_title(title: str) -> str:
    """Return a title without unsafe characters, cut to `MAX_TITLE_CHARS`."""
    return without_unsafe(title[:MAX_TITLE_CHARS])


def is_doubtful(cell: str, *, is_wide: bool) -> bool:
    """Return whether terminals disagree about the width of this cell's text."""
    if len(cell) != 1:
        return cell != ""
    code = ord(cell)
    return _EMOJI_START <= code < _EMOJI_END or (is_wide and code in _BMP_SYMBOLS)


def is_emoji(char: str) -> bool:
    """Return whether a character is from the blocks of emoji and similar symbols."""
    return _EMOJI_START <= ord(char) < _EMOJI_END


def is_symbol(char: str) -> bool:
    """Return whether a character is from the blocks in which some symbols became wide with Unicode 9."""
    return ord(char) in _BMP_SYMBOLS


def doubtful_text(cell: str) -> str:
    """Return the text of a cell with several characters, without unsafe ones. It is never empty."""
    return without_unsafe(cell) or "?"


def ascii_text(cell: str) -> str:
    """Return one ASCII character for a cell. Lines and blocks keep their shape."""
    first = cell[:1]
    if first.isascii():
        return first if first.isprintable() else "?"
    known = _ASCII.get(first)
    if known is not None:
        return known
    if 0x2500 <= ord(first) < 0x2580:
        return "+"
    return "?"
