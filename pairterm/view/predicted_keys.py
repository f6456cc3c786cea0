"""The keys of which a prediction knows the effect, in a shell and in most editors: text, erase, left and right."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from pairterm.terminal.widths import cells_of, width

__all__ = ["Erase", "Insert", "Move", "PredictedKey", "predicted_keys"]


class Insert(msgspec.Struct, frozen=True):
    """A character is written at the cursor."""

    cells: tuple[str, ...]
    """Its cells: one, or two for a wide one, the second of which is ""."""


class Erase(msgspec.Struct, frozen=True):
    """The character before the cursor goes."""


class Move(msgspec.Struct, frozen=True):
    """The cursor moves by this number of columns, to the right if it is positive."""

    cols: int


PredictedKey: TypeAlias = Insert | Erase | Move

_KEYS: dict[bytes, PredictedKey] = {
    b"\x7f": Erase(),
    b"\x08": Erase(),
    b"\x1b[D": Move(-1),
    b"\x1bOD": Move(-1),
    b"\x1b[C": Move(1),
    b"\x1bOC": Move(1),
}
"""An input that is one of these is that key (xterm ctlseqs, "PC-Style Function Keys")."""


def predicted_keys(data: bytes) -> list[PredictedKey] | None:
    """Return the keys of an input, in order; None: it has something of which the effect is not known."""
    if (key := _KEYS.get(data)) is not None:
        return [key]
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    keys: list[PredictedKey] = []
    for char in text:
        if char in "\x7f\x08":
            keys.append(Erase())
        elif char.isprintable() and width(char):
            keys.append(Insert(tuple(cells_of(char))))
        else:
            return None
    return keys
