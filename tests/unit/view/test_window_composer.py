"""The frame of a window: its panes' frames side by side, with lines between them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairterm.terminal.frame import DEFAULT_PEN, INVERSE, Cursor, Frame, Modes, Row
from pairterm.types import PaneId, Rect, Size
from pairterm.view.pane_borders import ACTIVE_PEN
from pairterm.view.window_composer import WindowComposer

LEFT, RIGHT, BELOW = PaneId(3), PaneId(5), PaneId(8)
SIZE = Size(rows=5, cols=9)
THREE = [(LEFT, Rect(0, 0, 3, 4)), (RIGHT, Rect(0, 5, 3, 4)), (BELOW, Rect(4, 0, 1, 9))]


def row(text: str, *, wrapped: bool = False) -> Row:
    cells: list[str] = []
    for char in text:
        cells += [char, ""] if ord(char) > 0x2E80 else [char]
    return Row(tuple(cells), (DEFAULT_PEN,) * len(cells), wrapped)


def frame(*texts: str, cursor: tuple[int, int] = (0, 0)) -> Frame:
    rows = tuple(row(text) for text in texts)
    return Frame(size=Size(rows=len(rows), cols=len(rows[0].cells)), rows=rows, cursor=Cursor(*cursor))


def three() -> dict[PaneId, Frame]:
    return {
        LEFT: frame("abcd", "efgh", "ijkl"),
        RIGHT: frame("ABCD", "EFGH", "IJKL", cursor=(1, 2)),
        BELOW: frame("123456789"),
    }


def texts(picture: Frame) -> list[str]:
    return [each.text for each in picture.rows]


def greens(picture: Frame) -> list[str]:
    """Return the rows with only the cells that have the active border's pen."""
    return [
        "".join(cell if pen == ACTIVE_PEN else " " for cell, pen in zip(each.cells, each.pens, strict=True))
        for each in picture.rows
    ]


def test_panes_are_side_by_side_with_lines_between_them() -> None:
    picture = WindowComposer(SIZE, THREE, RIGHT).compose(three())
    assert texts(picture) == ["abcd│ABCD", "efgh│EFGH", "ijkl│IJKL", "────┴────", "123456789"]
    assert (picture.cursor.row, picture.cursor.col) == (1, 7)


@pytest.mark.parametrize(
    ("active", "lines"),
    [
        (LEFT, ["    │    ", "    │    ", "    │    ", "────┴    ", "         "]),
        (RIGHT, ["    │    ", "    │    ", "    │    ", "    ┴────", "         "]),
        (BELOW, ["         ", "         ", "         ", "────┴────", "         "]),
    ],
)
def test_the_lines_around_the_active_pane_are_green(active: PaneId, lines: list[str]) -> None:
    assert greens(WindowComposer(SIZE, THREE, active).compose(three())) == lines


def test_each_of_two_panes_has_its_half_of_the_only_line() -> None:
    """As in tmux: the left or upper half belongs to the first pane, with the middle."""
    columns = [(LEFT, Rect(0, 0, 5, 4)), (RIGHT, Rect(0, 5, 5, 4))]
    rows = [(LEFT, Rect(0, 0, 2, 9)), (RIGHT, Rect(3, 0, 2, 9))]
    assert "".join(each[4] for each in greens(WindowComposer(SIZE, columns, LEFT).compose({}))) == "│││  "
    assert "".join(each[4] for each in greens(WindowComposer(SIZE, columns, RIGHT).compose({}))) == "   ││"
    assert greens(WindowComposer(SIZE, rows, LEFT).compose({}))[2] == "─────    "
    assert greens(WindowComposer(SIZE, rows, RIGHT).compose({}))[2] == "     ────"


def test_a_frame_of_another_size_is_cut_or_filled() -> None:
    """The size of a pane is on its way. Half of a wide character is a blank, and a pane without a frame is blank."""
    frames = {LEFT: frame("abc漢字", "zzzzzzz", "zzzzzzz", "zzzzzzz", cursor=(3, 6)), RIGHT: frame("xy")}
    picture = WindowComposer(SIZE, THREE, LEFT).compose(frames)
    assert texts(picture) == ["abc │xy  ", "zzzz│    ", "zzzz│    ", "────┴────", "         "]
    assert picture.cursor == Cursor(2, 3, is_visible=False)


def test_the_active_pane_gives_the_frame_its_title_and_modes() -> None:
    modes = Modes(bracketed_paste=True)
    frames = {pane: replace(each, title=f"pane {pane}", bells=pane) for pane, each in three().items()}
    frames[RIGHT] = replace(frames[RIGHT], modes=modes, scrolled=7, is_alternate=True)
    picture = WindowComposer(SIZE, THREE, RIGHT).compose(frames)
    assert (picture.title, picture.scrolled, picture.is_alternate, picture.is_hidden) == ("pane 5", 7, True, False)
    assert picture.modes is modes
    assert picture.bells == LEFT + RIGHT + BELOW


def test_a_window_with_a_hidden_pane_is_hidden() -> None:
    """The history that a client fetched may be that of the hidden pane."""
    frames = three()
    frames[LEFT] = replace(frames[LEFT], is_hidden=True)
    assert WindowComposer(SIZE, THREE, RIGHT).compose(frames).is_hidden


def test_only_a_row_of_the_whole_width_goes_on_in_the_next_row() -> None:
    """Such a row is the pane's own. The text of a pane beside another one does not wrap at the window's margin."""
    frames = three()
    wrapped = tuple(replace(each, wrapped=True) for each in frames[LEFT].rows)
    frames[LEFT] = replace(frames[LEFT], rows=wrapped)
    frames[BELOW] = replace(frames[BELOW], rows=(row("123456789", wrapped=True),))
    picture = WindowComposer(SIZE, THREE, LEFT).compose(frames)
    assert [each.wrapped for each in picture.rows] == [False, False, False, False, True]
    assert picture.rows[4] is frames[BELOW].rows[0]


def test_a_change_in_one_pane_leaves_the_other_rows_as_they_are() -> None:
    composer = WindowComposer(SIZE, THREE, LEFT)
    frames = three()
    before = composer.compose(frames)
    frames[LEFT] = replace(frames[LEFT], rows=(*frames[LEFT].rows[:2], row("IJKL")))
    after = composer.compose(frames)
    assert [new is old for new, old in zip(after.rows, before.rows, strict=True)] == [True, True, False, True, True]
    assert after.size is before.size
    assert after.modes is before.modes


def test_rows_that_moved_together_are_the_same_objects() -> None:
    """So the painter sees that the text beside an empty pane scrolled. Each blank row may be another object."""
    columns = [(LEFT, Rect(0, 0, 5, 4)), (RIGHT, Rect(0, 5, 5, 4))]
    composer = WindowComposer(SIZE, columns, LEFT)
    frames = {LEFT: frame("1111", "2222", "3333", "4444", "5555"), RIGHT: frame(*["    "] * 5)}
    before = composer.compose(frames)
    frames[LEFT] = replace(frames[LEFT], rows=(*frames[LEFT].rows[1:], row("6666")))
    after = composer.compose(frames)
    assert after.rows[0] is before.rows[1]
    assert after.rows[3] is before.rows[4]
    assert after.rows[2].text == before.rows[3].text, "the line's colour changes here: it is another row"


def test_the_memory_of_rows_is_bounded() -> None:
    composer = WindowComposer(SIZE, THREE, LEFT)
    frames = three()
    for number in range(100):
        frames[LEFT] = replace(frames[LEFT], rows=(row(f"{number:4}"), *frames[LEFT].rows[:2]))
        composer.compose(frames)
        assert len(composer._known) <= 3 * SIZE.rows


def test_one_reversed_pane_is_inverse_and_the_others_are_not() -> None:
    """DECSCNM of a pane was not shown at all beside other panes."""
    composer, frames = WindowComposer(SIZE, THREE, LEFT), three()
    plain = composer.compose(frames)
    reversed_left = replace(frames[LEFT], modes=Modes(is_reversed=True), generation=1)
    picture = composer.compose({**frames, LEFT: reversed_left})
    inverse = ["".join("i" if pen.flags & INVERSE else "." for pen in each.pens) for each in picture.rows]
    assert inverse == ["iiii.....", "iiii.....", "iiii.....", ".........", "........."]
    assert texts(picture) == texts(plain)
    assert not picture.modes.is_reversed, "it would reverse the whole terminal"
    changed = replace(reversed_left, rows=(row("new "), *reversed_left.rows[1:]), generation=2)
    after = composer.compose({**frames, LEFT: changed})
    assert [one is two for one, two in zip(picture.rows, after.rows, strict=True)] == [False, True, True, True, True]
    assert composer.compose(frames).rows[0].pens == plain.rows[0].pens, "and it ends"


def test_a_pane_that_is_alone_reverses_the_terminal_itself() -> None:
    alone = replace(frame("abcdefghi"), modes=Modes(is_reversed=True))
    assert WindowComposer(alone.size, [(LEFT, Rect(0, 0, 1, 9))], LEFT).compose({LEFT: alone}) is alone
