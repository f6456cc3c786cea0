"""A new size: what goes to the history, what comes back, where the cursor stays."""

from __future__ import annotations

import re

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.terminal.history import Block
from pairterm.types import MAX_COLS, MAX_ROWS, Size


def _shown(frame: Frame) -> list[str]:
    return [row.text.rstrip() for row in frame.rows]


def _terminal(rows: int, cols: int, text: str) -> Terminal:
    terminal = Terminal(Size(rows=rows, cols=cols))
    terminal.feed(text.encode())
    return terminal


def _history(terminal: Terminal) -> list[str]:
    return [row.text.rstrip() for row in terminal.history(0, terminal.history_length)]


def test_a_smaller_screen_drops_blank_rows_first() -> None:
    terminal = _terminal(6, 20, "1\r\n2\r\n$ ")
    terminal.resize(Size(rows=3, cols=20))
    assert _shown(terminal.snapshot()) == ["1", "2", "$"]
    assert terminal.history_length == 0
    assert terminal.snapshot().cursor.row == 2


def test_rows_that_leave_the_top_come_back() -> None:
    terminal = _terminal(6, 20, "1\r\n2\r\n3\r\n4\r\n5\r\n6")
    terminal.resize(Size(rows=3, cols=20))
    assert (_history(terminal), _shown(terminal.snapshot())) == (["1", "2", "3"], ["4", "5", "6"])
    assert terminal.snapshot().scrolled == 3
    terminal.resize(Size(rows=6, cols=20))
    assert (_history(terminal), _shown(terminal.snapshot())) == ([], ["1", "2", "3", "4", "5", "6"])
    assert terminal.snapshot().cursor.row == 5
    assert terminal.snapshot().scrolled == 0


def test_rows_come_back_only_to_a_screen_that_is_full() -> None:
    """After `clear` a taller window shows blank rows below, as xterm.js does, not old text above."""
    terminal = _terminal(3, 20, "1\r\n2\r\n3\r\n4\r\n5\x1b[2J\x1b[H$ ")
    terminal.resize(Size(rows=5, cols=20))
    assert _shown(terminal.snapshot()) == ["$", "", "", "", ""]
    assert _history(terminal) == ["1", "2"]


def test_long_lines_wrap_anew_and_back() -> None:
    terminal = _terminal(6, 20, "abcdefghijklmnopqrstuvwxyz\r\n$ ")
    terminal.resize(Size(rows=6, cols=10))
    assert _shown(terminal.snapshot()) == ["abcdefghij", "klmnopqrst", "uvwxyz", "$", "", ""]
    assert (terminal.snapshot().cursor.row, terminal.snapshot().cursor.col) == (3, 2)
    terminal.resize(Size(rows=6, cols=40))
    assert _shown(terminal.snapshot()) == ["abcdefghijklmnopqrstuvwxyz", "$", "", "", "", ""]
    assert terminal.snapshot().cursor.row == 1


def test_the_cursor_stays_on_its_character() -> None:
    terminal = _terminal(6, 20, "abcdefghijklmnop\x1b[1;13H")
    terminal.resize(Size(rows=6, cols=5))
    cursor = terminal.snapshot().cursor
    assert (cursor.row, cursor.col) == (2, 2)
    terminal.feed(b"X")
    assert "".join(_shown(terminal.snapshot())) == "abcdefghijklXnop"


def test_wide_characters_wrap_whole() -> None:
    terminal = _terminal(4, 9, "a漢字漢字\r\n")
    terminal.resize(Size(rows=4, cols=4))
    assert _shown(terminal.snapshot()) == ["a漢", "字漢", "字", ""]
    terminal.resize(Size(rows=4, cols=9))
    assert _shown(terminal.snapshot())[0] == "a漢字漢字"


def test_history_wraps_anew_and_places_stay() -> None:
    terminal = _terminal(2, 20, "abcdefghijklmnopqrstuvwxyz\r\n1\r\n2\r\n3")
    assert _history(terminal) == ["abcdefghijklmnopqrst", "uvwxyz", "1"]
    terminal.resize(Size(rows=2, cols=10))
    assert _history(terminal) == ["abcdefghij", "klmnopqrst", "uvwxyz", "1"]
    assert terminal.snapshot().scrolled == 3
    lines = terminal.history_lines(-9, 9)
    assert (lines.start, lines.places, lines.kept) == (-1, [0, 0, 1, 2], 4)
    assert terminal.history_lines(0, 1, place=1).start == 1
    assert terminal.history_lines(0, 1, place=2).rows[0].text.rstrip() == "1"


@pytest.mark.parametrize("is_flood", [False, True])
def test_a_narrow_visit_takes_no_line_of_a_full_history(is_flood: bool) -> None:
    """It cut 10,000 lines to 4,976: lines were counted as they were wrapped."""
    terminal = Terminal(Size(rows=24, cols=80), history_lines=1000)
    lines = [b"%-6d" % number + b"the quick brown fox " * 3 + b"jumps\r\n" for number in range(1500)]
    for start in range(0, len(lines), 100 if is_flood else 1):
        terminal.feed(b"".join(lines[start : start + (100 if is_flood else 1)]))
    before = _history(terminal)
    assert len(before) == 1000
    for cols in (40, 20, 33, 100, 80):
        terminal.resize(Size(rows=24, cols=cols))
    assert _history(terminal) == before
    assert _shown(terminal.snapshot())[0] == lines[-23].decode().rstrip()


def test_a_resize_leaves_the_history_alone() -> None:
    """It took up to 0.4 s with 10,000 lines, up to ten times a second while a window was dragged."""
    terminal = Terminal(Size(rows=24, cols=80))
    for _ in range(50):
        terminal.feed((b"\x1b[31m%s\x1b[m and plain\r\n" % (b"word " * 30)) * 100)
    terminal.snapshot()
    segments = list(terminal._screen.history._segments)
    assert sum(isinstance(segment, Block) for segment in segments) > 10
    for rows, cols in ((24, 79), (24, 120), (30, 60), (24, 80)):
        terminal.resize(Size(rows=rows, cols=cols))
        terminal.snapshot()
    after = list(terminal._screen.history._segments)
    assert all(one is other for one, other in zip(segments[:-2], after, strict=False))


@pytest.mark.parametrize("cols", [20, 60, 100, 200])
def test_a_resize_takes_up_no_more_than_the_end_of_an_endless_line(cols: int) -> None:
    """The text goes on from the history on the screen: it was wrapped anew whole."""
    terminal = Terminal(Size(rows=24, cols=80), history_lines=5000)
    text = "".join(f"{number:07} " for number in range(40_000))
    terminal.feed(text.encode())
    segments = list(terminal._screen.history._segments)
    terminal.resize(Size(rows=24, cols=cols))
    after = list(terminal._screen.history._segments)
    assert all(one is other for one, other in zip(segments[:-2], after, strict=False))
    rows = [*terminal.history(0, terminal.history_length), *terminal.snapshot().rows]
    found = re.sub(r"(?<=\d) +|(?<= ) +", " ", "".join(row.text for row in rows)).split()
    assert "".join(found)[-7 * 30_000 :] == text.replace(" ", "")[-7 * 30_000 :]
    assert all(row.wrapped for row in rows[:-1]) or cols > 80


def test_a_line_that_goes_on_from_the_history_is_one_paragraph() -> None:
    terminal = _terminal(2, 5, "abcdefghijklmno")
    assert _history(terminal) == ["abcde"]
    terminal.resize(Size(rows=2, cols=20))
    assert _history(terminal) == []
    assert _shown(terminal.snapshot()) == ["abcdefghijklmno", ""]


def test_the_alternate_screen_is_cut_and_the_primary_one_kept() -> None:
    terminal = _terminal(4, 20, "a long line of text\r\n$ \x1b[?1049h\x1b[Hfull screen program")
    terminal.resize(Size(rows=4, cols=10))
    assert _shown(terminal.snapshot()) == ["full scree", "", "", ""]
    terminal.feed(b"\x1b[?1049l")
    assert _shown(terminal.snapshot()) == ["a long lin", "e of text", "$", ""]


def test_the_region_becomes_the_whole_screen() -> None:
    terminal = _terminal(6, 20, "\x1b[2;3r")
    terminal.resize(Size(rows=4, cols=20))
    terminal.feed(b"\x1b[4;1Hx\r\ny")
    assert _shown(terminal.snapshot()) == ["", "", "x", "y"]


def test_the_same_size_changes_nothing() -> None:
    terminal = _terminal(6, 20, "abc")
    before = terminal.snapshot()
    terminal.resize(Size(rows=6, cols=20))
    assert terminal.snapshot() is before


@pytest.mark.parametrize("cols", [1, 2])
def test_protected_cells_show_no_mark_after_a_resize(cols: int) -> None:
    """A find of the fuzzer: DECSCA's mark came to the history with lines that were wrapped anew."""
    terminal = _terminal(6, 20, '\x1b[1"qabcdef\r\nghi')
    terminal.resize(Size(rows=2, cols=cols))
    rows = [*terminal.history(0, 99), *terminal.snapshot().rows]
    assert {pen.flags for row in rows for pen in row.pens} == {0}


def test_tab_stops_grow_with_the_screen() -> None:
    terminal = _terminal(2, 10, "")
    terminal.resize(Size(rows=2, cols=40))
    terminal.feed(b"\t\t\t\tX")
    assert terminal.snapshot().rows[0].text.index("X") == 32


def test_a_size_beyond_the_model_is_the_nearest() -> None:
    terminal = Terminal(Size(rows=10_000, cols=65_535))
    assert terminal.size == Size(rows=MAX_ROWS, cols=MAX_COLS)
    terminal.resize(Size(rows=0, cols=3))
    assert terminal.size == Size(rows=24, cols=3)
    assert terminal.snapshot().size == terminal.size


def test_a_space_at_the_margin_before_a_wide_character_is_text() -> None:
    """Only the blank that a wide character left goes when the line is wrapped anew."""
    terminal = _terminal(8, 80, "aaaaaaa字字 字\r\naaaaaaa字字字字")
    terminal.resize(Size(rows=8, cols=12))
    assert _shown(terminal.snapshot())[:4] == ["aaaaaaa字字", "字", "aaaaaaa字字", "字字"]
    terminal.resize(Size(rows=8, cols=80))
    assert _shown(terminal.snapshot())[:2] == ["aaaaaaa字字 字", "aaaaaaa字字字字"]


def test_a_long_line_that_a_narrow_screen_takes_back_keeps_the_history_in_its_bound() -> None:
    terminal = Terminal(Size(rows=2, cols=400), history_lines=5)
    terminal.feed(b"\r\n".join([*[b"x" * 390] * 12, b"a", b"b"]))
    terminal.resize(Size(rows=60, cols=3))
    assert len(terminal._screen.history) <= 10
