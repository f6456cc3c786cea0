"""Detecting a flood: output that is provably nothing but plain text, line ends and harmless SGR.

Proven output is set aside unparsed: the screen shows only its end, and the rest is for
the history. The proof uses operations on the whole buffer, which run at several hundred
megabytes a second (at tens beyond ASCII). SGR that sets a background is not harmless,
because lines that scroll in take it. Output with more SGR than text is not harmless
either, because the bytes of a line would have no bound.

This module knows bytes only; `pairterm.terminal.terminal` decides whether the screen allows it.
"""

from __future__ import annotations

import re

from pairterm.terminal.reflow import rows_of
from pairterm.terminal.widths import EMOJI_PRESENTATION, cells_of, not_narrow

__all__ = ["MIN_FLOOD_BYTES", "Flood", "count_lines", "pieces_of", "sgr_after_reset", "tail_start"]

MIN_FLOOD_BYTES = 1024
"""A smaller piece begins no flood: a pty gives 3 to 4 KiB then, and far less for a prompt or an echo."""

_MAX_BYTES = 256 * 1024
"""Bytes that are set aside at most, about."""

_PIECE_BYTES = 8 * 1024
"""Bytes of whole lines in one block of history, about: they are parsed together when somebody scrolls there."""

_MAX_SGR_SHARE = 4
"""Bytes per byte of text; `ls --color` has 1.3."""

_CODE = rb"(?:38;5;[0-9]{1,3}|38;2;[0-9]{1,3};[0-9]{1,3};[0-9]{1,3}|0?[0-9]|2[1-9]|3[0-79]|9[0-7]|49|53|55)"
_SGR = re.compile(rb"\x1b\[(?:" + _CODE + rb"(?:;" + _CODE + rb")*)?m")
_without_sgr = _SGR.sub
_cut_off = re.compile(rb"(?:\r|\x1b(?:\[[0-9;]{0,32})?|[\xc2-\xf4][\x80-\xbf]{0,3})\Z").search
"""The end of a piece, if it may be the start of a line end, of an SGR or of a character (or a whole one)."""

_control = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]").search

_PLAIN = bytes((*b"\t\r\n", *range(0x20, 0x7F)))


class Flood:
    """Pieces that are set aside."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._rest = b""
        self.is_on = False
        """Something is set aside."""

    @property
    def is_full(self) -> bool:
        """No more may be set aside."""
        return self._size >= _MAX_BYTES

    def take(self, data: bytes) -> bool:
        """Set the piece aside if it is proven plain; return whether it was."""
        if len(data) < MIN_FLOOD_BYTES and not self.is_on:
            return False
        data = self._rest + data
        cut = _cut_off(data)
        body = data[: cut.start()] if cut else data
        if not _is_plain(body):
            return False
        self._pieces.append(body)
        self._size += len(body)
        self._rest = data[len(body) :]
        self.is_on = self._size > 0 or self._rest != b""
        return True

    def release(self) -> tuple[bytes, bytes]:
        """Return and forget all that was set aside: proven text, and a rest that may be the start of a sequence."""
        text, rest = b"".join(self._pieces), self._rest
        self._pieces, self._size, self._rest, self.is_on = [], 0, b"", False
        return text, rest


def _is_plain(data: bytes) -> bool:
    text = _without_sgr(b"", data) if b"\x1b" in data else data
    if len(data) > _MAX_SGR_SHARE * len(text):
        return False
    if text.isascii():
        if text.translate(None, _PLAIN):
            return False
    else:
        try:
            if _control(text.decode("utf-8")):
                return False
        except UnicodeDecodeError:
            return False
    ends = text.count(b"\r\n")
    return ends == text.count(b"\n") == text.count(b"\r")


def tail_start(text: bytes, rows: int) -> int:
    """Return the start of the text's last `rows` lines; 0 if there are fewer."""
    at = len(text)
    for _ in range(rows):
        at = text.rfind(b"\n", 0, at)
        if at < 0:
            return 0
    return at + 1


def pieces_of(text: bytes) -> list[bytes]:
    """Return whole lines in pieces of whole lines. A piece is at most one line longer than `_PIECE_BYTES`."""
    pieces: list[bytes] = []
    start = 0
    while start < len(text):
        stop = text.find(b"\n", start + _PIECE_BYTES) + 1 or len(text)
        pieces.append(text[start:stop])
        start = stop
    return pieces


def count_lines(text: bytes, cols: int) -> tuple[int, int]:
    """Return how many screen lines proven whole lines take, and an upper bound of the longest one's columns.

    (0, 0) if only parsing can tell: a long line has tabs or U+FE0F.
    """
    plain = _without_sgr(b"", text) if b"\x1b" in text else text
    if not plain.isascii():
        return _count_mixed(plain.decode("utf-8", "replace").split("\r\n")[:-1], cols)
    lines = plain.split(b"\r\n")[:-1]
    widest = max(map(len, lines), default=0)
    if b"\t" not in text:
        if widest <= cols:
            return len(lines), widest
        return sum(max(1, -(-len(line) // cols)) for line in lines), widest
    widest = max(len(line.expandtabs(8)) for line in lines)
    return (len(lines), widest) if widest <= cols else (0, 0)


def _count_mixed(lines: list[str], cols: int) -> tuple[int, int]:
    """Do the same as `count_lines` for text in any script."""
    count = widest = 0
    for line in lines:
        columns = len(line) + sum(map(len, not_narrow(line))) if 2 * len(line) > cols else 2 * len(line)
        if "\t" in line:
            columns = 8 * columns
        widest = max(widest, columns)
        if columns <= cols:
            count += 1
        elif cols > 1 and EMOJI_PRESENTATION not in line and "\t" not in line:
            count += rows_of(cells_of(line), cols)
        else:
            return 0, 0
    return count, widest


def sgr_after_reset(text: bytes) -> list[bytes]:
    """Return the SGR sequences, in order, that lead to the pen at the end of proven text."""
    start = max(text.rfind(b"\x1b[m"), text.rfind(b"\x1b[0m"), 0)
    return _SGR.findall(text, start)
