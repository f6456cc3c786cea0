"""The bytes of paintings, where they matter: their number, their order, and what must never be in them."""

from dataclasses import replace

import pytest

from pairterm.terminal.frame import DEFAULT_PEN, Cursor, CursorShape, Frame, Modes, Mouse, MouseEncoding, Pen, Row
from pairterm.types import Size
from pairterm.view.painter import enter, leave, paint
from pairterm.view.terminal_kind import TerminalKind
from tests.judge import judge_or_skip

XTERM = TerminalKind.of("xterm-256color", colorterm="truecolor")
LINUX = TerminalKind.of("linux")
VT100 = TerminalKind.of("vt100")


def row(text: str, cols: int = 20, pen: Pen = DEFAULT_PEN) -> Row:
    return Row(tuple(text.ljust(cols)), (pen,) * cols)


def frame(*texts: str, cursor: tuple[int, int] = (0, 0), rows: int = 6) -> Frame:
    lines = [row(text) for text in texts] + [row("") for _ in range(rows - len(texts))]
    return Frame(size=Size(rows=rows, cols=20), rows=tuple(lines), cursor=Cursor(*cursor))


def changed(base: Frame, number: int, text: str, cursor: tuple[int, int] | None = None) -> Frame:
    rows = (*base.rows[:number], row(text), *base.rows[number + 1 :])
    return replace(base, rows=rows, cursor=base.cursor if cursor is None else Cursor(*cursor))


def test_a_typed_letter_is_one_byte() -> None:
    base = frame("$ l", cursor=(0, 3))
    assert paint(base, changed(base, 0, "$ ls", (0, 4)), XTERM) == b"s"


def test_a_typed_space_is_one_byte() -> None:
    """It changes no cell, only the cursor: it went out as a move, three bytes after each word typed."""
    base = frame("$ echo", cursor=(0, 6))
    assert paint(base, replace(base, cursor=Cursor(0, 7)), XTERM) == b" "
    coloured = replace(base, rows=(row("$ echo", pen=Pen(fg=2)), *base.rows[1:]))
    assert paint(coloured, replace(coloured, cursor=Cursor(0, 7)), XTERM) == b"\x1b[C"


def test_a_rubbed_out_letter_is_a_step_back_a_space_and_a_step_back() -> None:
    base = frame("$ ls", cursor=(0, 4))
    assert paint(base, changed(base, 0, "$ l", (0, 3)), XTERM) == b"\b\x1b[K"


def test_the_next_prompt_is_two_line_ends_away() -> None:
    base = frame("$ true", cursor=(0, 6))
    assert paint(base, changed(base, 1, "$ ", (1, 2)), XTERM) in (b"\r\n$ ", b"\r\n$\x1b[C")


def test_a_scroll_of_the_whole_screen_is_one_line_feed() -> None:
    texts = [f"line {number} of the text" for number in range(6)]
    base = frame(*texts, cursor=(5, 0))
    target = replace(base, rows=(*base.rows[1:], row("a new line")), cursor=Cursor(5, 10))
    assert paint(base, target, XTERM) == b"\na new line"


def test_a_scroll_in_a_region_leaves_the_rest_alone() -> None:
    texts = [f"line {number} of the text" for number in range(6)]
    base = frame(*texts, cursor=(5, 0))
    target = replace(base, rows=(base.rows[0], *base.rows[2:5], row("new"), base.rows[5]))
    painted = paint(base, target, XTERM)
    assert painted == b"\x1b[2;5r\n\x1b[M\x1b[r\x1b[5Hnew\r\n"
    assert b"line" not in painted


def test_a_line_above_a_blank_last_row_scrolls_the_whole_screen() -> None:
    """A shell's line feed: the last row is blank before and after, so no region is needed."""
    base = frame(*(f"line {number} of the text" for number in range(5)), cursor=(5, 0))
    target = replace(base, rows=(*base.rows[1:5], row("next"), base.rows[5]))
    assert paint(base, target, XTERM) == b"\n\x1b[Anext\r\n"


def test_a_cleared_screen_is_one_erase() -> None:
    base = frame(*(f"line {number}" for number in range(6)), cursor=(5, 3))
    assert paint(base, frame(), XTERM) == b"\x1b[H\x1b[J"


def test_another_page_begins_with_a_clear_screen_when_that_is_shorter() -> None:
    long, short = ("a long line of text!" for _ in range(14)), (f"{number}" for number in range(14))
    base, target = frame(*long, rows=14), frame(*short, rows=14)
    assert b"\x1b[2J" not in paint(base, target, LINUX)  # nothing hides the blank screen in between
    many = [f"{number} of the lines" for number in range(20, 34)]
    painted = paint(base, replace(frame(*many, rows=14)), XTERM)
    assert painted.startswith(b"\x1b[?2026h\x1b[H\x1b[2J")
    assert len(painted) < sum(map(len, many)) + 16 * 2 + 14 * 2


def test_the_end_of_a_row_is_erased() -> None:
    base = frame("some long text here")
    assert paint(base, changed(base, 0, "some"), XTERM) == b"\x1b[6G\x1b[K\r"


def test_colours_change_once_a_run() -> None:
    red = Pen(fg=1)
    cells = tuple("red words here".ljust(20))
    base = frame()
    target = replace(base, rows=(Row(cells, (red,) * 14 + (DEFAULT_PEN,) * 6), *base.rows[1:]))
    assert paint(base, target, XTERM) == b"\x1b[31mred words here\x1b[m\r"


def test_large_paintings_are_synchronised_where_the_terminal_has_it() -> None:
    target = frame(*(f"a line with text {number}" for number in range(14)), rows=14)
    base = frame(rows=14)
    painted = paint(base, target, XTERM)
    assert painted.startswith(b"\x1b[?2026h")
    assert painted.endswith(b"\x1b[?2026l")
    painted = paint(base, target, LINUX)
    assert painted.startswith(b"\x1b[?25l")
    assert painted.endswith(b"\x1b[?25h")


def test_bells_ring_once_and_never_for_one_who_comes_late() -> None:
    base = frame("x")
    assert paint(base, replace(base, bells=5), XTERM) == b"\a"
    late = paint(None, replace(base, bells=5), XTERM)
    assert b"\a" not in late


def test_a_vt100_gets_nothing_newer_than_itself() -> None:
    base = frame(*(f"line {number} of the text" for number in range(6)), cursor=(5, 0))
    busy = replace(
        base,
        rows=(*base.rows[2:], row("x" + " " * 14 + "y", pen=Pen(fg=1, bg=2, flags=2)), row("─│")),
        title="no",
        modes=Modes(bracketed_paste=True, mouse=Mouse.ALL, mouse_encoding=MouseEncoding.SGR, kitty_keys=1),
        cursor=Cursor(2, 2, shape=CursorShape.BAR),
    )
    painted = enter(VT100) + paint(None, base, VT100) + paint(base, busy, VT100) + leave(VT100, busy)
    assert painted.isascii()
    for newer in (b"1049", b"2004", b"2026", b"\x1b]", b"X", b" q", b"u", b"M", b"G", b"22;"):
        assert newer not in painted.replace(b"text", b"").replace(b"\x1bM", b"")
    assert b"-|" in painted  # line drawing as ASCII


@pytest.mark.parametrize("kind", [XTERM, LINUX, VT100])
def test_no_control_character_of_a_cell_or_title_reaches_a_client(kind: TerminalKind) -> None:
    """The screen lets none through; the painter does not rely on it."""
    evil = ["\x1b", "\x07", "\x9b", "a\x1b]0;x\x07", "\x7f", "\n", "\u2028", "\x85", "\ud800"]
    base = frame()
    cells = tuple((evil + [" "] * 20)[:20])
    target = replace(base, rows=(Row(cells, (DEFAULT_PEN,) * 20), *base.rows[1:]), title="".join(evil))
    painted = paint(base, target, kind)
    for allowed in (b"\x1b[?25l", b"\x1b[?25h", b"\x1b[?2026h", b"\x1b[?2026l", b"\x1b[H", b"\x1b[;2H", b"\x1b[1;1H"):
        painted = painted.replace(allowed, b"")
    if kind.has_title:
        assert painted.startswith(b"\x1b]2;")
        painted = painted[4:].replace(b"\a", b"", 1)
    text = painted.decode("utf-8")
    import re

    text = re.sub(r"\x1b\[(\d*(;\d*)?[HCGKJXm]|\?7[hl])|\r", "", text)
    assert not [char for char in text if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char == "\u2028"]


def test_the_modes_of_the_program_are_mirrored_and_taken_back() -> None:
    base = frame()
    modes = Modes(
        application_cursor=True,
        application_keypad=True,
        bracketed_paste=True,
        focus=True,
        mouse=Mouse.DRAGS,
        mouse_encoding=MouseEncoding.SGR,
        kitty_keys=5,
        modify_other_keys=2,
    )
    target = replace(base, modes=modes)
    painted = paint(base, target, XTERM)
    for on in (b"?1h", b"\x1b=", b"?2004h", b"?1004h", b"?1002h", b"?1006h", b"[=5u", b"[>4;2m"):
        assert on in painted
    for gone in (leave(XTERM, target), paint(target, base, XTERM)):
        for off in (b"?1l", b"\x1b>", b"?2004l", b"?1004l", b"?1002l", b"?1006l", b"[=0u", b"[>4m"):
            assert off in gone


def test_leaving_restores_title_screen_cursor_and_pen_in_this_order() -> None:
    left = leave(XTERM, None)
    parts = [b"\x1b[m", b"\x1b[r", b"\x1b[0 q", b"\x1b[?25h", b"\x1b[?1049l", b"\x1b[23;0;0t"]
    places = [left.index(part) for part in parts]
    assert places == sorted(places)
    assert b"\x1b[22;0;0t" in enter(XTERM)


def test_text_that_goes_on_in_the_next_row_is_one_line_to_the_client_s_terminal() -> None:
    """Selecting a long URL in the client's terminal copied a line end into it."""
    size = Size(rows=3, cols=20)
    rows = (replace(row("https://example.org/"), wrapped=True), row("a/long/path"), row("$ "))
    target = Frame(size=size, rows=rows, cursor=Cursor(2, 2))
    shown = judge_or_skip().show(paint(None, target, XTERM), size).frame
    assert [each.wrapped for each in shown.rows] == [True, False, False]
    assert [each.text for each in shown.rows] == [each.text for each in rows]
