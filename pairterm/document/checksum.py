"""A checksum of lines that can follow a change without reading all of the text.

It is the sum, modulo 2³², of the CRC-32 of each line, where the CRC of the line before is
the start value. So a replaced range of lines changes the terms of these lines and of the
next one only. It finds faults of programs. It is no defence against an attacker.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from zlib import crc32

__all__ = ["changed_checksum", "checksum_of"]

_MODULUS = 1 << 32


def checksum_of(lines: Sequence[str]) -> int:
    """Return the checksum of a text. Cost: O(text)."""
    return _terms(None, lines) % _MODULUS


def changed_checksum(checksum: int, before: Sequence[str], first: int, removed: int, added: Sequence[str]) -> int:
    """Return the checksum of the text `before` after `removed` lines from `first` on gave way to `added`.

    `checksum` is that of `before`. Cost: O(changed lines).
    """
    previous = before[first - 1] if first else None
    after = before[first + removed : first + removed + 1]
    old = _terms(previous, before[first : first + removed + 1])
    return (checksum - old + _terms(previous, chain(added, after))) % _MODULUS


def _terms(previous: str | None, lines: Sequence[str] | chain[str]) -> int:
    total = 0
    seed = crc32(previous.encode()) if previous is not None else 1
    for line in lines:
        text = line.encode()
        total += crc32(text, seed)
        seed = crc32(text)
    return total
