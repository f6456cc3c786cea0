"""Frames share what did not change: the same frame while nothing changed, the same rows where nothing did."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.laws.terminal.programs import joined, programs, sizes


@given(programs, sizes)
def test_a_row_that_shows_the_same_is_the_same_object(program: list[bytes], size: Size) -> None:
    terminal = Terminal(size)
    before = terminal.snapshot()
    for piece in program:
        terminal.feed(piece)
        after = terminal.snapshot()
        assert after.generation <= terminal.generation
        if after is not before:
            assert after.generation > before.generation
        for row, old in zip(after.rows, before.rows, strict=True):
            if row.same_as(old) and row.wrapped == old.wrapped:
                assert row is old or row in before.rows, "a row that neither stayed nor moved"
        before = after


@given(st.lists(st.text("abc 漢é", min_size=1, max_size=30), min_size=8, max_size=30), sizes)
def test_rows_that_scroll_keep_their_identity(lines: list[str], size: Size) -> None:
    terminal = Terminal(size)
    for line in lines:
        terminal.feed(line.encode() + b"\r\n")
    before = terminal.snapshot()
    terminal.feed(b"more\r\n")
    after = terminal.snapshot()
    moved = after.scrolled - before.scrolled
    assume(moved > 0)
    kept = size.rows - moved - 1
    assert all(after.rows[y] in (before.rows[y + moved], before.rows[y]) for y in range(kept))


@given(programs, sizes)
def test_history_rows_are_the_same_objects_when_asked_again(program: list[bytes], size: Size) -> None:
    terminal = Terminal(size)
    terminal.feed(joined(program))
    count = terminal.history_length
    assert all(a is b for a, b in zip(terminal.history(0, count), terminal.history(0, count), strict=True))


_lines = st.lists(st.text("abcdefgh 漢字é", max_size=70), min_size=1, max_size=12)


@given(
    _lines, st.sampled_from([(24, 80), (10, 40), (30, 21)]), st.sampled_from([(24, 33), (8, 12), (40, 100), (5, 60)])
)
def test_no_text_is_lost_by_a_new_size(lines: list[str], first: tuple[int, int], second: tuple[int, int]) -> None:
    """Resized there and back, each line of text reads as it was written, in history and screen together."""
    terminal = Terminal(Size(rows=first[0], cols=first[1]))
    terminal.feed("\r\n".join(lines).encode())
    for rows, cols in (second, first):
        terminal.resize(Size(rows=rows, cols=cols))
        expected = [line.rstrip() for line in "\n".join(lines).rstrip().split("\n")]
        found = _paragraphs(terminal)
        assert len(found) == len(expected)
        for text, line in zip(found, expected, strict=True):
            assert re.fullmatch(re.escape(text).replace("\0", " ?"), line), (text, line)


@given(
    _lines,
    st.sampled_from([(24, 80), (10, 40), (3, 21)]),
    st.lists(st.tuples(st.integers(1, 40), st.integers(2, 120)), max_size=6),
)
def test_sizes_that_come_and_go_leave_the_text(
    lines: list[str], first: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    """However often the size changes, a screen of the first size and its history show the same rows again."""
    terminal = Terminal(Size(rows=first[0], cols=first[1]))
    terminal.feed("\r\n".join([*lines, *lines, *lines, "end"]).encode())
    before = _paragraphs(terminal)
    for rows, cols in (*others, first):
        terminal.resize(Size(rows=rows, cols=cols))
    assert _paragraphs(terminal) == before


@given(programs, sizes, sizes)
def test_a_row_of_the_history_is_found_by_its_place(program: list[bytes], size: Size, other: Size) -> None:
    """Places never fall, and the row that a place leads to begins at its line, or before it."""
    terminal = Terminal(size)
    terminal.feed(joined(program))
    terminal.resize(other)
    lines = terminal.history_lines(-(10**6), 10**6)
    assert lines.kept == len(lines.rows) == len(lines.places) == terminal.history_length
    assert lines.places == sorted(lines.places)
    assert all(place < terminal.snapshot().scrolled for place in lines.places)
    for at, place in enumerate(lines.places):
        found = terminal.history_lines(0, 1, place)
        assert found.places[0] <= place
        assert found.start <= lines.start + at


def _paragraphs(terminal: Terminal) -> list[str]:
    found, is_open = [""], False
    rows = [*terminal.history(0, terminal.history_length), *terminal.snapshot().rows]
    for number, row in enumerate(rows):
        text = row.text
        if row.wrapped and text.endswith(" ") and rows[number + 1].cells[1:2] == ("",):
            text = text[:-1] + "\0"  # a space of the text, or the gap that a wide character left
        found = [*found[:-1], found[-1] + text] if is_open else [*found, text]
        is_open = row.wrapped
    return [line.rstrip() for line in "\n".join(line.rstrip() for line in found[1:]).rstrip().split("\n")]
