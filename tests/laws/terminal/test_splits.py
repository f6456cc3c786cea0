"""Law 2: any split of the input gives the same screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.laws.terminal.pictures import assert_same
from tests.laws.terminal.programs import floods, joined, programs, sizes


def _fed(size: Size, pieces: list[bytes]) -> Terminal:
    terminal = Terminal(size, history_lines=60)
    for piece in pieces:
        terminal.feed(piece)
    return terminal


@given(programs, sizes)
def test_byte_by_byte_is_as_at_once(program: list[bytes], size: Size) -> None:
    data = joined(program)
    assert_same(_fed(size, [data[at : at + 1] for at in range(len(data))]), _fed(size, [data]))


@given(programs, sizes, st.lists(st.integers(1, 40), min_size=1, max_size=10))
def test_any_cuts_are_as_at_once(program: list[bytes], size: Size, lengths: list[int]) -> None:
    data = joined(program)
    pieces, at, number = [], 0, 0
    while at < len(data):
        length = lengths[number % len(lengths)]
        pieces.append(data[at : at + length])
        at, number = at + length, number + 1
    assert_same(_fed(size, pieces), _fed(size, [data]))


@given(floods(), sizes, st.sampled_from([1000, 1024, 3000, 4096, 20_000]))
def test_a_flood_in_pieces_is_as_at_once(data: bytes, size: Size, length: int) -> None:
    assert_same(_fed(size, [data[at : at + length] for at in range(0, len(data), length)]), _fed(size, [data]))


@given(programs, sizes, st.sets(st.integers(0, 40)))
def test_looking_in_between_changes_nothing(program: list[bytes], size: Size, looks: set[int]) -> None:
    terminal = Terminal(size, history_lines=60)
    for number, piece in enumerate(program):
        terminal.feed(piece)
        if number in looks:
            terminal.snapshot()
            terminal.history(0, 5)
    assert_same(terminal, _fed(size, program))
