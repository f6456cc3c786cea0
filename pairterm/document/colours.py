"""The colours of a line: runs of characters with the kind of their token.

A row is `bytes`: two for each run, its length in code points (1 to 255) and the number of
its kind. The text behind the last run is plain. A row can be older than its line:
its runs may end before the line does, or go on behind its end. The editor's process
computes the rows. A view gives each kind a pen.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

__all__ = ["MAX_ROW_BYTES", "TokenKind", "colour_row", "colour_runs"]

MAX_ROW_BYTES = 4096
"""The longest row. The rest of a longer line, as in minified code, is plain."""

_MAX_RUN = 255


class TokenKind(enum.IntEnum):
    """The kinds of tokens that have a look of their own. The numbers travel, so they never change."""

    PLAIN = 0
    COMMENT = 1
    KEYWORD = 2
    STRING = 3
    NUMBER = 4
    NAME = 5
    TYPE = 6
    FUNCTION = 7
    OPERATOR = 8
    HEADING = 9
    ERROR = 10
    ATTRIBUTE = 11
    TAG = 12
    INSERTED = 13
    DELETED = 14
    EMPHASIS = 15


_KINDS = {int(kind): kind for kind in TokenKind}


def colour_row(runs: Iterable[tuple[int, TokenKind]]) -> bytes:
    """Return the row of these runs (length, kind). Neighbours of one kind are joined."""
    joined: list[tuple[int, TokenKind]] = []
    for length, kind in runs:
        if joined and joined[-1][1] is kind:
            joined[-1] = (joined[-1][0] + length, kind)
        elif length:
            joined.append((length, kind))
    if joined and joined[-1][1] is TokenKind.PLAIN:
        joined.pop()
    row = bytearray()
    for length, kind in joined:
        row += bytes((_MAX_RUN, kind)) * (length // _MAX_RUN)
        if length % _MAX_RUN:
            row += bytes((length % _MAX_RUN, kind))
    return bytes(row[:MAX_ROW_BYTES])


def colour_runs(row: bytes) -> Iterator[tuple[int, TokenKind]]:
    """Yield the runs (length, kind) of a row. A kind that is not known is plain."""
    for at in range(0, len(row) - 1, 2):
        yield row[at], _KINDS.get(row[at + 1], TokenKind.PLAIN)
