"""Law 1: no bytes make the parser or the screen raise, whatever they are; state stays within named bounds."""

from __future__ import annotations

import sys
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.types import MAX_COLS, MAX_ROWS, Size
from tests.laws.terminal.pictures import assert_well_formed
from tests.laws.terminal.programs import joined, programs, sizes


@given(programs, sizes, sizes, st.sampled_from([0, 3, 500]))
def test_no_program_raises_and_all_stays_in_bounds(program: list[bytes], size: Size, other: Size, lines: int) -> None:
    terminal = Terminal(size, history_lines=lines)
    terminal.feed(joined(program))
    assert_well_formed(terminal, lines)
    terminal.resize(other)
    assert_well_formed(terminal, lines)
    terminal.feed(joined(program))
    terminal.resize(size)
    assert_well_formed(terminal, lines)


@given(st.binary(max_size=400), sizes)
def test_no_bytes_raise(data: bytes, size: Size) -> None:
    terminal = Terminal(size, history_lines=50)
    terminal.feed(data)
    assert_well_formed(terminal, 50)


_SWARMS = {
    "combining marks on one cell": b"e" + "\u0301".encode() * 50_000,
    "an unfinished OSC": b"\x1b]2;" + b"x" * 300_000,
    "an unfinished DCS": b"\x1bP" + b"x" * 300_000,
    "endless parameters": b"\x1b[" + b"1;" * 100_000,
    "endless intermediates": b"\x1b[" + b"!" * 100_000,
    "saved cursors": b"\x1b7" * 50_000,
    "pushed titles": b"\x1b]2;" + b"t" * 5000 + b"\x07" + b"\x1b[22t" * 20_000,
    "pushed pens": b"\x1b[1m\x1b[#{" * 20_000,
    "pushed keyboards": b"\x1b[>1u" * 50_000,
    "questions": b"\x1b[c\x1b[6n\x1b]4;1;?\x07" * 20_000,
    "clipboard writes": b"\x1b]52;c;" + b"aGk=" * 2000 + b"\x07" + b"\x1b]52;c;aGk=\x07" * 5000,
    "prompt marks": b"\x1b]133;A\x07" * 20_000,
    "links": b"".join(b"\x1b]8;;http://a.b/%d\x07x" % n for n in range(20_000)),
    "true colours": b"".join(b"\x1b[38;2;%d;%d;7mx" % (n % 256, n // 256) for n in range(40_000)),
    "sequences never seen before": b"".join(b"\x1b[%d;%dH" % (n, n * 7) for n in range(20_000)),
    "saved modes": b"".join(b"\x1b[?%ds" % n for n in range(5000)),
    "tab stops": b"\x1bH\x1b[C" * 5000,
    "repeats": b"A\x1b[99999999b" * 20,
    "pens without text": b"\x1b[31m\x1b[m" * 50_000,
}


@pytest.mark.parametrize("swarm", _SWARMS)
def test_what_a_program_repeats_does_not_pile_up(swarm: str) -> None:
    """What three swarms more add to three is next to nothing.

    Sizes are counted in bytes of all that hangs on the terminal, not in time.
    """
    terminal = Terminal(Size(rows=24, cols=80), history_lines=100)
    weights = []
    for _ in range(2):
        for _ in range(3):
            terminal.feed(_SWARMS[swarm])
            terminal.snapshot()
        weights.append(_weight(terminal))
    assert_well_formed(terminal, 100)
    assert weights[1] <= weights[0] + 200_000
    assert weights[0] < 12_000_000


def test_the_largest_screen_can_be_erased_and_filled() -> None:
    terminal = Terminal(Size(rows=MAX_ROWS, cols=MAX_COLS), history_lines=10)
    terminal.feed(b"\x1b[44m\x1b[2J\x1b#8\x1b[9999;9999H\x1b[9999@\x1b[9999L")
    assert_well_formed(terminal, 10)


def _weight(terminal: Terminal) -> int:
    """Return about how many bytes hang on a terminal."""
    seen: set[int] = set()
    stack: list[object] = [terminal]
    size = 0
    while stack:
        thing = stack.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        size += sys.getsizeof(thing)
        if isinstance(thing, dict):
            stack += [*thing.keys(), *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset, deque)):
            stack += thing
        elif not callable(thing):
            names = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
            stack += [getattr(thing, name) for name in names if hasattr(thing, name)]
            stack += getattr(thing, "__dict__", {}).values()
    return size
