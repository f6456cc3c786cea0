"""Law 3: a fast path gives the same screen and scrollback as the plain path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.terminal.history import Block
from pairterm.terminal.screen import Screen
from pairterm.types import Size
from tests.laws.terminal.pictures import assert_same
from tests.laws.terminal.programs import floods, joined, programs, sizes


class PlainTerminal(Terminal):
    """A terminal whose every character goes through the state machine: nothing is cut up, nothing set aside."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes, the plain way."""
        self._screen.is_touched = True
        self._parser.feed_slowly(self._decoder.decode(data))


def _both(data: bytes, size: Size, piece_bytes: int, history_lines: int = 100) -> tuple[Terminal, Terminal]:
    fast, plain = Terminal(size, history_lines=history_lines), PlainTerminal(size, history_lines=history_lines)
    for start in range(0, len(data), piece_bytes):
        fast.feed(data[start : start + piece_bytes])
    plain.feed(data)
    return fast, plain


@given(programs, sizes)
def test_cutting_by_expression_is_as_the_machine(program: list[bytes], size: Size) -> None:
    fast, plain = _both(joined(program), size, 1 << 20)
    assert_same(fast, plain)


@given(floods(), sizes, st.sampled_from([1024, 4096, 1 << 20]), st.sampled_from([0, 5, 100, 1000]))
def test_a_flood_set_aside_is_as_one_parsed(data: bytes, size: Size, piece_bytes: int, history_lines: int) -> None:
    fast, plain = _both(data, size, piece_bytes, history_lines)
    assert_same(fast, plain)


@given(floods(), sizes, sizes, st.sampled_from([5, 100, 1000]))
def test_a_flood_set_aside_wraps_anew_as_one_parsed(data: bytes, size: Size, other: Size, history_lines: int) -> None:
    fast, plain = _both(data, size, 4096, history_lines)
    for terminal in (fast, plain):
        terminal.resize(other)
    assert_same(fast, plain)
    for terminal in (fast, plain):
        terminal.resize(size)
    assert_same(fast, plain)


def test_a_flood_is_set_aside_indeed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above would hold of a path that is never taken."""
    blocks: list[Block] = []
    scroll_past = Screen.scroll_past

    def watched(self: Screen, passed: list[Block]) -> None:
        blocks.extend(passed)
        scroll_past(self, passed)

    monkeypatch.setattr(Screen, "scroll_past", watched)
    data = b"".join(b"%d \x1b[1;32mgreen\x1b[0m line\r\n" % number for number in range(3000))
    fast, plain = _both(data, Size(rows=24, cols=80), 4096, 10_000)
    assert_same(fast, plain)
    assert sum(block.count for block in blocks) > 2900


def test_a_block_that_nobody_looks_at_stays_unparsed() -> None:
    terminal = Terminal(Size(rows=24, cols=80))
    terminal.feed(b"line of a flood\r\n" * 5000)
    terminal.snapshot()
    segments = terminal._screen.history._segments
    unparsed = sum(isinstance(segment, Block) for segment in segments)
    assert unparsed > 2
    assert terminal.history(1000, 1001)[0].text.rstrip() == "line of a flood"
    assert sum(isinstance(segment, Block) for segment in segments) == unparsed - 1, "no more than is looked at"


@pytest.mark.parametrize(
    ("before", "rest"),
    [(b"5\r", b"\n"), (b"\x1b[3", b"1mred\r\n"), ("é".encode()[:1], "é".encode()[1:] + b"\r\n")],
    ids=["line end", "SGR", "character"],
)
def test_a_flood_that_begins_in_the_middle_is_set_aside(
    monkeypatch: pytest.MonkeyPatch, before: bytes, rest: bytes
) -> None:
    """`yes` ended every third piece inside of a line end: the next piece took 33 ms instead of 1."""
    terminal = Terminal(Size(rows=25, cols=100))
    terminal.feed(before)
    terminal.snapshot()
    parsed_bytes = 0
    parse = terminal._parse

    def watched(data: bytes) -> None:
        nonlocal parsed_bytes
        parsed_bytes += len(data)
        parse(data)

    monkeypatch.setattr(terminal, "_parse", watched)
    terminal.feed(rest + b"5\r\n" * 5000)
    terminal.snapshot()
    assert parsed_bytes < 1000
