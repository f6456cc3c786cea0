"""Which changes are the echo of a key, and what a receiver refuses."""

from __future__ import annotations

import pytest

from pairterm.errors import PeerError
from pairterm.link.echo import echo_between, echoed, is_echo_text
from pairterm.link.messages import Echo
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Size

SIZE = Size(rows=3, cols=10)


def echo_of(before: bytes, typed: bytes) -> tuple[Echo | None, Frame, Frame]:
    """Return the echo after a program has printed `before`, and then `typed`, with the frames before and after."""
    terminal = Terminal(SIZE)
    terminal.feed(before)
    base = terminal.snapshot()
    terminal.feed(typed)
    return echo_between(PaneId(0), base, terminal.snapshot()), base, terminal.snapshot()


@pytest.mark.parametrize(
    ("before", "typed"),
    [
        (b"$ ", b"l"),
        (b"$ ", b"ls -l"),
        (b"$ ls", b" "),
        (b"$ ls", b" -"),
        (b"$ ls", b"  "),
        (b"\x1b[1;7m$ \x1b[m", b"x"),
        (b"abcd\x1b[2D", b"x"),
        (b"abcd\x1b[2D", b" "),
        (b"abcd\x1b[2D", b"c"),
    ],
)
def test_characters_at_the_cursor_are_an_echo(before: bytes, typed: bytes) -> None:
    echo, base, target = echo_of(before, typed)
    assert echo is not None
    assert echo.text == typed
    assert echoed(base, echo).same_as(target)


@pytest.mark.parametrize("typed", [b" ", b"\x1b[C"])
def test_a_space_over_a_blank_is_an_echo_that_changes_no_row(typed: bytes) -> None:
    """The screen makes no new row of it, and neither does the receiver."""
    echo, base, target = echo_of(b"$ ls", typed)
    assert echo is not None
    assert echo.text == b" "
    assert target.rows is base.rows
    assert echoed(base, echo).rows is base.rows


@pytest.mark.parametrize(
    ("data", "is_text"),
    [(b" ", True), (b"git status", True), (b"~", True), (b" " * 16, True), (b" " * 17, False), (b"\x7f", False),
     (b"a\r", False), (b"\x1b[C", False), (b"\xc3\xa9", False)],
)  # fmt: skip
def test_only_a_few_characters_of_ascii_are_the_text_of_an_echo(data: bytes, is_text: bool) -> None:
    assert is_echo_text(data) is is_text


@pytest.mark.parametrize(
    ("before", "typed"),
    [
        (b"$ ", b"\r\n"),
        (b"$ ", b"l\a"),
        (b"$ ", b"l\x1b[?25l"),
        (b"$ ", b"\x1b[1ml"),
        (b"$ ", b"l\x1b]2;title\a"),
        (b"$ ", b"l\x1b[?2004h"),
        (b"$ ", "é".encode()),
        (b"$ ", "漢".encode()),
        (b"$ l", b"\b \b"),
        (b"\x1b[1;9H", b"xy"),
        (b"\x1b[1;10H", b"x"),
        ("漢字\r".encode(), b"x"),
        (b"$ ls\r\n$ ", b"l\x1b[1;1H#\x1b[2;4H"),
        (b"$ ls\r\n$ ", b" \x1b[1;1H#\x1b[2;4H"),
        (b"", b"x"),
    ],
)
def test_another_change_is_no_echo(before: bytes, typed: bytes) -> None:
    assert echo_of(before, typed)[0] is None


@pytest.mark.parametrize("text", [b"\x1b[2J", b"a\x07", b"\x7f", b"\xc3\xa9", b"123456789", b" " * 17])
def test_an_echo_that_no_screen_can_show_is_refused(text: bytes) -> None:
    _, base, target = echo_of(b"$ ", b"l")
    with pytest.raises(PeerError):
        echoed(base, Echo(PaneId(0), base.generation, target.generation, text))


def test_an_echo_over_half_of_a_wide_character_is_refused() -> None:
    _, base, _ = echo_of("漢字\r".encode(), b"")
    with pytest.raises(PeerError):
        echoed(base, Echo(PaneId(0), base.generation, base.generation + 1, b"x"))


def test_an_echo_on_another_frame_is_refused() -> None:
    echo, base, target = echo_of(b"$ ", b"l")
    assert echo is not None
    for other in (None, target):
        with pytest.raises(PeerError):
            echoed(other, echo)
    assert echoed(base, echo)
