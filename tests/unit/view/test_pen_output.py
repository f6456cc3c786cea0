"""Pens as bytes: every change of pen is judged by our own screen, and none takes more bytes than starting afresh."""

import itertools

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.frame import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT_PEN,
    FAINT,
    INVERSE,
    ITALIC,
    OVERLINE,
    RGB,
    STRIKE,
    UNDERLINE_SHIFT,
    Pen,
)  # fmt: skip
from pairterm.types import Size
from pairterm.view.colour_reduction import nearest_colour, rgb_of
from pairterm.view.pen_output import MAX_HYPERLINK_CHARS, PenTable
from pairterm.view.terminal_kind import TerminalKind
from tests.judge import judge_or_skip

MODERN = TerminalKind.of("xterm-256color", colorterm="truecolor")
PENS = [
    DEFAULT_PEN,
    *(Pen(flags=flag) for flag in (BOLD, FAINT, ITALIC, BLINK, INVERSE, CONCEAL, STRIKE, OVERLINE)),
    *(Pen(flags=style << UNDERLINE_SHIFT) for style in (1, 2, 3, 4, 5)),
    Pen(flags=BOLD | FAINT | ITALIC),
    Pen(flags=BOLD | INVERSE, fg=1, bg=12),
    Pen(fg=9), Pen(bg=15), Pen(fg=99, bg=200), Pen(fg=RGB | 0x010203, bg=RGB),
    Pen(flags=3 << UNDERLINE_SHIFT, underline_colour=5),
    Pen(flags=1 << UNDERLINE_SHIFT, underline_colour=RGB | 0xFFEE00),
    Pen(link="https://example.org/?a=b", fg=4),
]  # fmt: skip


@pytest.mark.parametrize("kind", [MODERN, TerminalKind.of("vt100"), TerminalKind.of("linux"), TerminalKind.of("tmux")])
def test_every_change_of_pen_arrives(kind: TerminalKind) -> None:
    table = PenTable(kind)
    for old, new in itertools.product(PENS, PENS):
        old, new = table.reduced(old), table.reduced(new)
        terminal = Terminal(Size(rows=1, cols=4))
        terminal.feed(table.delta(DEFAULT_PEN, old) + b"a" + table.delta(old, new) + b"b")
        assert terminal.snapshot().rows[0].pens[:2] == (old, new)
        assert (table.delta(old, new) == b"") == (old == new)
        assert len(table.delta(old, new)) <= len(table.delta(old, DEFAULT_PEN) + table.delta(DEFAULT_PEN, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (Pen(fg=1), Pen(fg=2), b"\x1b[32m"),
        (Pen(fg=1, flags=BOLD), Pen(flags=BOLD), b"\x1b[39m"),
        (Pen(fg=1, flags=BOLD), DEFAULT_PEN, b"\x1b[m"),
        (DEFAULT_PEN, Pen(fg=12, bg=100), b"\x1b[94;48;5;100m"),
        (DEFAULT_PEN, Pen(fg=RGB | 0x0A0B0C), b"\x1b[38;2;10;11;12m"),
        (Pen(flags=BOLD | FAINT), Pen(flags=FAINT), b"\x1b[;2m"),
    ],
)
def test_the_shortest_change_is_taken(old: Pen, new: Pen, expected: bytes) -> None:
    assert PenTable(MODERN).delta(old, new) == expected


def test_an_underline_s_colour_ends_with_a_whole_pen() -> None:
    """After SGR 59, xterm.js and VS Code draw white underlines: 59 was sent where it was the shortest change."""
    plain = Pen(fg=RGB | 0x102030, bg=RGB | 0x304050, flags=1 << UNDERLINE_SHIFT)
    change = PenTable(MODERN).delta(plain._replace(underline_colour=9), plain)
    assert change == b"\x1b[;4;38;2;16;32;48;48;2;48;64;80m"
    verdict = judge_or_skip().show(
        [PenTable(MODERN).delta(DEFAULT_PEN, plain._replace(underline_colour=9)), b"a", change, b"b"],
        Size(rows=1, cols=4),
    )
    assert verdict.frame.rows[0].pens[:2] == (plain._replace(underline_colour=9), plain)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://a\x1b\\\x1b]0;x\x07",
        "http://a b",
        "http://ex\u00e4mple",
        "https://" + "a" * MAX_HYPERLINK_CHARS,
    ],
)
def test_only_plain_web_links_reach_a_client(link: str) -> None:
    assert PenTable(MODERN).reduced(Pen(link=link)).link == ""


def test_erasing_is_writing_spaces_only_with_a_background_alone() -> None:
    table = PenTable(MODERN)
    assert table.is_erasable(DEFAULT_PEN)
    assert table.is_erasable(Pen(bg=4))
    assert not table.is_erasable(Pen(fg=3, bg=4))
    assert not table.is_erasable(Pen(flags=BOLD))
    assert not table.is_erasable(Pen(link="https://example.org/"))
    assert not PenTable(TerminalKind.of("screen")).is_erasable(Pen(bg=4))  # no back colour erase


@pytest.mark.parametrize(
    ("colour", "colours", "expected"),
    [
        (-1, 16, -1),
        (7, 16, 7),
        (200, 256, 200),
        (196, 16, 9),
        (RGB | 0xFF0000, 16, 9),
        (RGB | 0xFF0000, 256, 196),
        (RGB | 0x808080, 256, 244),
        (RGB | 0x5F87AF, 256, 67),
        (RGB | 0x123456, 1 << 24, RGB | 0x123456),
        (3, 0, -1),
    ],
)
def test_the_nearest_colour(colour: int, colours: int, expected: int) -> None:
    assert nearest_colour(colour, colours) == expected


def test_each_palette_colour_is_its_own_nearest() -> None:
    for index in range(16, 256):
        assert rgb_of(nearest_colour(RGB | rgb_of(index), 256)) == rgb_of(index)
