"""The face that the session core uses: generations, synchronised updates, events, bounds of what is kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.events import ClipboardWrite, PromptMark, PromptPart, WorkingDirectory
from pairterm.terminal.frame import DEFAULT_PEN
from pairterm.types import Size

_SIZE = Size(rows=4, cols=20)


def _terminal(data: bytes = b"", history_lines: int = 100) -> Terminal:
    terminal = Terminal(_SIZE, history_lines=history_lines)
    terminal.feed(data)
    return terminal


def test_a_new_terminal_shows_a_blank_frame_of_generation_0() -> None:
    terminal = _terminal()
    frame = terminal.snapshot()
    assert (frame.generation, terminal.generation) == (0, 0)
    assert frame.size == _SIZE
    assert terminal.snapshot() is frame


def test_generation_grows_with_the_picture() -> None:
    terminal = _terminal(b"a")
    assert terminal.generation == 1
    assert terminal.snapshot().generation == 1
    terminal.feed(b"b")
    assert terminal.generation == 2


def test_what_changes_no_picture_gives_the_same_frame() -> None:
    terminal = _terminal(b"abc")
    frame = terminal.snapshot()
    terminal.feed(b"\x1b[6n\x1b[31m\x1b[m")
    assert terminal.snapshot() is frame
    assert terminal.generation == frame.generation


def test_only_the_changed_row_is_new() -> None:
    terminal = _terminal(b"1\r\n2\r\n3")
    before = terminal.snapshot()
    terminal.feed(b"\x1b[2;1HX")
    after = terminal.snapshot()
    assert [a is b for a, b in zip(after.rows, before.rows, strict=True)] == [True, False, True, True]


def test_a_screen_repainted_the_same_keeps_its_rows() -> None:
    """`watch` and the like erase all and write the same again."""
    terminal = _terminal(b"\x1b[2J\x1b[Hone\r\ntwo")
    before = terminal.snapshot()
    terminal.feed(b"\x1b[2J\x1b[Hone\r\ntwo")
    assert terminal.snapshot() is before


def test_what_begins_like_a_pen_after_a_pen_is_not_text() -> None:
    """On Python 3.11.2, Debian 12's, the regular expression lost its place and the `!` stood on the screen."""
    terminal = _terminal(b"\x1b[m\x1b[!")
    assert not terminal.snapshot().rows[0].text.strip()
    terminal.feed(b"p")
    assert not terminal.snapshot().rows[0].text.strip()


def test_a_synchronised_update_is_told_and_ended() -> None:
    terminal = _terminal(b"\x1b[?2026hA")
    states = [terminal.is_synchronised]
    terminal.end_synchronised()
    states.append(terminal.is_synchronised)
    terminal.feed(b"\x1b[?2026hA\x1b[?2026l")
    states.append(terminal.is_synchronised)
    assert states == [True, False, False]


def test_replies_are_taken_once() -> None:
    terminal = _terminal(b"\x1b[5n\x1b[c")
    assert terminal.take_replies() == b"\x1b[0n\x1b[?1;2c"
    assert terminal.take_replies() == b""


def test_a_colour_is_told_whatever_zeros_lead_its_number() -> None:
    terminal = _terminal(b"\x1b]04;0000000000000001;?\x07\x1b]0011;?\x07")
    assert terminal.take_replies() == b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\"


def test_a_reply_says_nothing_that_the_program_sent() -> None:
    """The title, names asked for and colours set can't come back as if typed (CVE-2003-0063 and its like)."""
    terminal = _terminal(
        b"\x1b]2;echo pwned\x07\x1b[21t\x1b]2;?\x07\x1bP$qecho pwned\x1b\\\x1bP+qecho\x1b\\\x1b]4;echo;?\x07"
    )
    assert b"echo" not in terminal.take_replies()


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (b"\x1b]52;c;aGVsbG8=\x07", ClipboardWrite("c", b"hello")),
        (b"\x1b]52;;aGVsbG8=\x1b\\", ClipboardWrite("", b"hello")),
        (b"\x1b]133;A\x07", PromptMark(PromptPart.PROMPT, 0)),
        (b"\x1b]133;D;130\x07", PromptMark(PromptPart.END, 0, 130)),
        (b"\x1b]133;D\x07", PromptMark(PromptPart.END, 0)),
        (b"\x1b]0133;D;00000000000130\x07", PromptMark(PromptPart.END, 0, 130)),
        (b"\x1b]133;D;" + b"9" * 9000 + b"\x07", PromptMark(PromptPart.END, 0)),
        (b"\x1b]7;file://host/home/a%20b\x07", WorkingDirectory("host", "/home/a b")),
        (b"\x1b]7;file:///tmp\x07", WorkingDirectory("", "/tmp")),
    ],
)
def test_events_are_handed_up(data: bytes, event: object) -> None:
    terminal = _terminal(data)
    assert terminal.take_events() == [event]
    assert terminal.take_events() == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b]52;c;?\x07",
        b"\x1b]52;c;not base64!\x07",
        b"\x1b]52;evil\x07",
        b"\x1b]7;http://a/b\x07",
        b"\x1b]7;file:///a%0ab\x07",
        b"\x1b]133;Z\x07",
    ],
)
def test_what_is_no_event_is_none(data: bytes) -> None:
    terminal = _terminal(data)
    assert terminal.take_events() == []
    assert terminal.take_replies() == b""


def test_a_prompt_mark_counts_lines_from_the_first_ever() -> None:
    terminal = _terminal(b"line\r\n" * 10 + b"\x1b]133;A\x07")
    assert terminal.take_events() == [PromptMark(PromptPart.PROMPT, 10)]


def test_a_title_has_no_control_characters_and_an_end() -> None:
    terminal = _terminal(b"\x1b]2;a\tb\x01c" + b"x" * 1000 + b"\x07")
    title = terminal.snapshot().title
    assert title.startswith("abcx")
    assert len(title) == 256


def test_history_can_be_none_at_all() -> None:
    terminal = _terminal(b"line\r\n" * 10, history_lines=0)
    assert terminal.history_length == 0
    assert terminal.history(0, 10) == []
    assert terminal.snapshot().scrolled == 7


def test_history_keeps_the_newest_lines() -> None:
    terminal = _terminal(b"".join(b"%d\r\n" % number for number in range(1000)), history_lines=50)
    lines = [row.text.rstrip() for row in terminal.history(0, 50)]
    assert lines == [str(number) for number in range(947, 997)]


def test_history_is_cleared_by_ed_3_and_not_by_ris() -> None:
    terminal = _terminal(b"line\r\n" * 10 + b"\x1bc")
    assert terminal.history_length == 7
    terminal.feed(b"\x1b[3J")
    assert terminal.history_length == 0


def test_history_keeps_pens_and_wide_characters() -> None:
    terminal = _terminal("\x1b[31mred\x1b[m 漢字 e\u0301\x1b[44m\r\n".encode() + b"\r\n" * 5)
    row = terminal.history(0, 1)[0]
    assert row.text.rstrip() == "red 漢字 e\u0301"
    assert [pen.fg for pen in row.pens[:4]] == [1, 1, 1, -1]
    assert row.cells[4:8] == ("漢", "", "字", "")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pairterm.terminal.frame", "pairterm.terminal.screen"),
        ("pairterm.terminal.terminal", "pyte"),
        ("pairterm.terminal.terminal", "wcwidth"),
        ("pairterm.terminal.terminal", "asyncio"),
    ],
)
def test_little_is_loaded(module: str, absent: str) -> None:
    """Every session's process pays for what this package loads."""
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_sequence_with_parameters_without_end_does_nothing(step: int) -> None:
    """Neither when it comes at once nor in pieces: it is passed over to its end."""
    terminal = _terminal(b"")
    data = b"\x1b[" + b"0;" * 5000 + b"31mA\x1b[0;32mB"
    for start in range(0, len(data), step):
        terminal.feed(data[start : start + step])
    row = terminal.snapshot().rows[0]
    assert row.text.rstrip() == "AB"
    assert (row.pens[0].fg, row.pens[1].fg) == (DEFAULT_PEN.fg, 2)


def test_a_string_that_grew_too_long_is_passed_over_to_its_end() -> None:
    terminal = _terminal(b"\x1b]2;" + b"x" * 200_000 + b"\x07A\x1bP" + b"y" * 200_000 + b"\x07z\x1b\\B")
    frame = terminal.snapshot()
    assert (frame.title, frame.rows[0].text.rstrip()) == ("", "AB")


def test_the_scheme_of_a_link_may_be_in_capitals_and_is_passed_on_in_small_letters() -> None:
    """The parts behind the screen take small letters only: a gateway would disconnect the host for others."""
    terminal = Terminal(Size(rows=2, cols=10))
    terminal.feed(b"\x1b]8;;hTtPs://A.example/B\x1b\\x")
    assert terminal.snapshot().rows[0].pens[0].link == "https://A.example/B"
