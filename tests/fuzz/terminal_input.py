"""What a fuzzed input of the terminal core is, and what must hold of it."""

from __future__ import annotations

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.golden.cases import CASES, input_of, read_cases
from tests.laws.terminal.pictures import assert_same, assert_well_formed

__all__ = ["check", "seeds"]

_RECORDINGS = CASES.parent / "recordings"
_SIZES = ((6, 20), (1, 1), (2, 2), (5, 3), (24, 80), (1, 80), (50, 7), (24, 1))
_HISTORY_LINES = 50


def check(data: bytes) -> None:
    """Feed an input to a terminal in one piece and in many; the first two bytes say which sizes and pieces."""
    if len(data) < 3:
        return
    first, second, piece = data[0] % len(_SIZES), data[0] // 8 % len(_SIZES), data[1] % 32 + 1
    body = data[2:]
    terminals = []
    for length in (len(body), piece):
        terminal = Terminal(Size(rows=_SIZES[first][0], cols=_SIZES[first][1]), history_lines=_HISTORY_LINES)
        for start in range(0, len(body), length):
            terminal.feed(body[start : start + length])
        terminals.append(terminal)
    assert_same(terminals[0], terminals[1])
    terminal = terminals[0]
    assert_well_formed(terminal, _HISTORY_LINES)
    terminal.resize(Size(rows=_SIZES[second][0], cols=_SIZES[second][1]))
    assert_well_formed(terminal, _HISTORY_LINES)
    terminal.feed(body)
    assert_well_formed(terminal, _HISTORY_LINES)


def seeds() -> list[bytes]:
    """Return the inputs to begin with."""
    cases = [input_of(case) for path in sorted(CASES.glob("*.golden")) for case in read_cases(path)]
    return cases + [path.read_bytes()[:3000] for path in sorted(_RECORDINGS.glob("*.bytes"))]
