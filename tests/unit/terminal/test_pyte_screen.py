"""The edge to pyte: its streams drive our screen, and what its users read is there."""

from __future__ import annotations

import re
from pathlib import Path

import pyte
import pytest
from pyte.screens import Margins

from pairterm.terminal.pyte_screen import PyteScreen

_RECORDINGS = Path(__file__).parents[2] / "golden" / "recordings"
_SAME_TEXT = ("dialog-80x24", "mc-80x24", "mc-200x50")
"""pyte's erased cells keep the foreground of the pen; ours do not ("bce")."""
_SAME_CELLS = ("git-log-80x24", "git-log-200x50", "shell-80x24", "tmux-80x24", "tmux-200x50")
_OURS_ONLY = ("htop-80x24", "less-80x24", "nano-80x24", "vim-80x24", "vim-200x50")
"""pyte has no alternate screen, or raises."""


class _Answering(PyteScreen):
    """Keeps the answers, as users of pyte do it."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self.answers: list[str] = []

    def write_process_input(self, data: str) -> None:
        self.answers.append(data)


def _driven(text: str, columns: int = 20, lines: int = 4) -> _Answering:
    screen = _Answering(columns, lines)
    pyte.Stream(screen).feed(text)
    return screen


def _played(name: str) -> tuple[PyteScreen, pyte.Screen]:
    found = re.search(r"(\d+)x(\d+)$", name)
    assert found
    columns, lines = int(found[1]), int(found[2])
    ours, theirs = PyteScreen(columns, lines), pyte.Screen(columns, lines)
    data = (_RECORDINGS / f"{name}.bytes").read_bytes()
    pyte.ByteStream(ours).feed(data)
    if name not in _OURS_ONLY:
        pyte.ByteStream(theirs).feed(data)
    return ours, theirs


@pytest.mark.parametrize("name", [*_SAME_TEXT, *_SAME_CELLS])
def test_a_recording_shows_what_pyte_shows(name: str) -> None:
    ours, theirs = _played(name)
    assert ours.display == theirs.display
    if name in _SAME_CELLS:
        cells = [
            [screen.buffer[y][x] for x in range(screen.columns)] for screen in (ours, theirs) for y in range(ours.lines)
        ]
        assert cells[: ours.lines] == cells[ours.lines :]
        assert (ours.cursor.x, ours.cursor.y) == (theirs.cursor.x, theirs.cursor.y)


@pytest.mark.parametrize("name", _OURS_ONLY)
def test_a_recording_that_pyte_shows_otherwise_is_driven_to_its_end(name: str) -> None:
    ours, _ = _played(name)
    assert (ours.columns, ours.lines) == (len(ours.display[0]), len(ours.display))


def test_called_as_pytes_screen_it_reads_as_one() -> None:
    screen = PyteScreen(20, 4)
    assert isinstance(screen, pyte.Screen)
    screen.draw("ab")
    screen.cursor_position(2, 3)
    screen.select_graphic_rendition(1, 31)
    screen.draw("c")
    assert screen.display[:2] == ["ab" + " " * 18, "  c" + " " * 17]
    char = screen.buffer[1][2]
    assert (char.data, char.bold, char.fg) == ("c", True, "red")
    assert (screen.cursor.x, screen.cursor.y, screen.margins) == (3, 1, None)


def test_colours_have_pytes_names() -> None:
    screen = _driven("\x1b[33mA\x1b[93mB\x1b[44mC\x1b[38;5;196mD\x1b[38;2;1;2;3mE\x1b[mF")
    row = screen.buffer[0]
    assert [row[x].fg for x in range(6)] == ["brown", "brightbrown", "brightbrown", "ff0000", "010203", "default"]
    assert [row[x].bg for x in range(1, 4)] == ["default", "blue", "blue"]


def test_the_cursor_object_stays_and_moves_the_screens_own() -> None:
    screen = PyteScreen(20, 4)
    cursor = screen.cursor
    pyte.Stream(screen).feed("abc\x1b[?25l\x1b[7m")
    assert (cursor.x, cursor.y, cursor.hidden, cursor.attrs.reverse) == (3, 0, True, True)
    cursor.x = 1
    screen.draw("X")
    assert screen.display[0].rstrip() == "aXc"


def test_margins_modes_tabs_and_titles_are_read_as_in_pyte() -> None:
    screen = _driven("\x1b[2;3r\x1b[?6h\x1b]2;title\x1b\\\x1b]1;icon\x1b\\")
    assert screen.margins == Margins(1, 2)
    assert pyte.modes.DECOM in screen.mode
    assert pyte.modes.DECAWM in screen.mode
    assert (screen.title, screen.icon_name, screen.tabstops) == ("title", "icon", {8, 16})
    assert screen.cursor.y == 1


def test_rows_that_changed_are_dirty_until_they_are_cleared() -> None:
    screen = PyteScreen(20, 4)
    assert screen.dirty == {0, 1, 2, 3}
    screen.dirty.clear()
    pyte.Stream(screen).feed("\x1b[3;1Hx")
    assert screen.dirty == {2}
    assert screen.dirty == {2}
    screen.dirty.clear()
    assert screen.dirty == set()


def test_answers_go_where_pytes_users_take_them() -> None:
    assert _driven("\x1b[2;3H\x1b[6n\x1b[5n\x1b[c").answers == ["\x1b[2;3R", "\x1b[0n", "\x1b[?1;2c"]


def test_it_has_what_pyte_lacks() -> None:
    """The alternate screen, a private SGR (stock pyte raises), control characters in text."""
    screen = _driven("shell\x1b[?1049hvim\x1b[?4m\x1b[?6n\x1b[?1049l\x01!")
    assert screen.display[0].rstrip() == "shell!"
    screen.resize(3, 3)
    assert [row.rstrip() for row in screen.display] == ["she", "ll!", ""]


def test_an_attribute_that_is_not_there_raises() -> None:
    with pytest.raises(AttributeError, match="PyteScreen"):
        _ = PyteScreen(20, 4).no_such_thing
