"""Strategies for texts and for the changes that editors send, and a second model of what a change does.

The model is a flat text: it finds an offset by walking over the text's encoded units. It
shares no code with `document.buffer`.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from pairterm.document.buffer import Change
from pairterm.document.position_encoding import PositionEncoding

__all__ = ["batches", "encodings", "lines_of", "model_applied", "texts"]

_CODECS = {
    PositionEncoding.UTF8: ("utf-8", 1),
    PositionEncoding.UTF16: ("utf-16-le", 2),
    PositionEncoding.UTF32: ("utf-32-le", 4),
}

_PIECES = st.sampled_from(
    [
        "a",
        "b",
        " ",
        "\t",
        "é",
        "e\u0301",
        "汉",
        "😀",
        "👩\u200d💻",
        "\u202e",
        "\x0b",
        "\x0c",
        "\u2028",
        "\x85",
        "\ufeff",
    ]
)
_ENDS = st.sampled_from(["\n", "\r\n", "\r"])

encodings = st.sampled_from(list(PositionEncoding))


def texts(most: int = 12) -> st.SearchStrategy[str]:
    """Return a strategy for texts with all line ends, wide characters, marks, and separators that end no line."""
    return st.lists(_PIECES | _ENDS | _ENDS, max_size=most).map("".join)


_PLACES = st.tuples(st.integers(0, 6), st.integers(0, 14))


def batches() -> st.SearchStrategy[list[Change]]:
    """Return a strategy for one batch of changes: mostly of ranges, sometimes of all the text."""
    ranges = st.builds(
        lambda text, one, other: Change(text, min(one, other), max(one, other)), texts(6), _PLACES, _PLACES
    )
    return st.lists(ranges | ranges | ranges | st.builds(Change, texts()), min_size=1, max_size=4)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text (LSP 3.17, Text Documents)."""
    return tuple(re.split("\r\n|\n|\r", text))


def model_applied(text: str, changes: list[Change], encoding: PositionEncoding) -> str:
    """Return the text after a batch of changes."""
    for change in changes:
        if change.start is None or change.end is None:
            text = change.text
        else:
            text = (
                text[: _offset(text, change.start, encoding)]
                + change.text
                + text[_offset(text, change.end, encoding) :]
            )
    return text


def _offset(text: str, place: tuple[int, int], encoding: PositionEncoding) -> int:
    starts = [0, *(found.end() for found in re.finditer("\r\n|\n|\r", text))]
    line, units = place
    if line >= len(starts):
        return len(text)
    codec, unit_bytes = _CODECS[encoding]
    content = lines_of(text)[line]
    kept = content.encode(codec)[: units * unit_bytes].decode(codec, "ignore")
    return starts[line] + len(kept)
