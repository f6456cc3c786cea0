"""Viewports and borders: what a terminal of another size than the session shows."""

from dataclasses import replace
from itertools import pairwise

import pytest

from pairterm.terminal.frame import DEFAULT_PEN, PLAIN_MODES, Cursor, Frame, Modes, Mouse, Row
from pairterm.types import Role, Size
from pairterm.view.client_modes import modes_for
from pairterm.view.compose import RowCutter, compose
from pairterm.view.paint_cache import PaintCache
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.viewport import ORIGIN, Offset, Viewport

KIND = TerminalKind.of("xterm")


def row(text: str) -> Row:
    cells: list[str] = []
    for char in text:
        cells += [char, ""] if ord(char) > 0x2E80 else [char]
    return Row(tuple(cells), (DEFAULT_PEN,) * len(cells))


def frame(*texts: str, cursor: tuple[int, int] = (0, 0)) -> Frame:
    rows = tuple(row(text) for text in texts)
    return Frame(size=Size(rows=len(rows), cols=len(rows[0].cells)), rows=rows, cursor=Cursor(*cursor))


def texts(picture: Frame) -> list[str]:
    return [each.text for each in picture.rows]


def test_a_session_of_the_same_size_is_shown_as_it_is() -> None:
    base = frame("abcd", "efgh")
    assert compose(base, base.size, offset=ORIGIN, modes=PLAIN_MODES) is base


def test_a_larger_terminal_shows_a_border_and_quiet_blanks() -> None:
    picture = compose(frame("abcd", "efgh", cursor=(1, 3)), Size(rows=4, cols=7), offset=ORIGIN, modes=PLAIN_MODES)
    assert texts(picture) == ["abcd│  ", "efgh│  ", "────┘  ", "       "]
    assert (picture.cursor.row, picture.cursor.col) == (1, 3)


def test_a_terminal_larger_in_one_direction_only_gets_one_line() -> None:
    base = frame("abcd", "efgh")
    assert texts(compose(base, Size(rows=4, cols=4), offset=ORIGIN, modes=PLAIN_MODES))[2:] == ["────", "    "]
    assert texts(compose(base, Size(rows=2, cols=5), offset=ORIGIN, modes=PLAIN_MODES)) == ["abcd│", "efgh│"]


def test_wide_characters_at_a_viewport_s_edges_are_blanks() -> None:
    base = frame("漢字漢字漢字")
    assert texts(compose(base, Size(rows=1, cols=5), offset=Offset(0, 1), modes=PLAIN_MODES)) == [" 字漢"]
    assert texts(compose(base, Size(rows=1, cols=5), offset=Offset(0, 2), modes=PLAIN_MODES)) == ["字漢 "]
    assert all(
        len(picture.rows[0].cells) == 5
        for start in range(8)
        if (picture := compose(base, Size(rows=1, cols=5), offset=Offset(0, start), modes=PLAIN_MODES))
    )


def test_a_cursor_out_of_the_viewport_is_hidden() -> None:
    base = frame("abcdefgh", "ijklmnop", cursor=(1, 7))
    picture = compose(base, Size(rows=1, cols=4), offset=ORIGIN, modes=PLAIN_MODES)
    assert not picture.cursor.is_visible
    assert 0 <= picture.cursor.row < 1
    assert 0 <= picture.cursor.col < 4


def test_rows_that_did_not_change_stay_the_same_objects() -> None:
    cutter = RowCutter(col=1, cols=3, has_border=True)
    rows = [row("abcdef"), row("ghijkl"), row("mnopqr")]
    first = cutter.cut_all(rows)
    second = cutter.cut_all([rows[1], rows[2], row("new..x")])
    assert second[0] is first[1]
    assert second[1] is first[2]


def test_the_viewport_follows_the_cursor_with_a_margin_and_moves_no_more_than_it_must() -> None:
    session, area = Size(rows=50, cols=200), Size(rows=10, cols=40)
    viewport = Viewport()
    assert viewport.settle(Cursor(0, 0), session, area) == Offset(0, 0)
    assert viewport.settle(Cursor(7, 31), session, area) == Offset(0, 0)
    assert viewport.settle(Cursor(8, 32), session, area) == Offset(1, 1)
    assert viewport.settle(Cursor(49, 199), session, area) == Offset(40, 160)
    assert viewport.settle(Cursor(41, 165), session, area) == Offset(39, 157)


@pytest.mark.parametrize("area", [Size(rows=1, cols=1), Size(rows=2, cols=3), Size(rows=60, cols=10)])
def test_the_cursor_is_always_in_a_following_viewport(area: Size) -> None:
    session = Size(rows=50, cols=200)
    viewport = Viewport()
    for at in ((0, 0), (49, 199), (25, 3), (3, 100), (49, 0)):
        offset = viewport.settle(Cursor(*at), session, area)
        assert 0 <= at[0] - offset.row < area.rows
        assert 0 <= at[1] - offset.col < area.cols


def test_a_panned_viewport_stays_until_it_may_follow_again() -> None:
    session, area = Size(rows=50, cols=200), Size(rows=10, cols=40)
    viewport = Viewport()
    assert viewport.pan(1, 0, session, area)
    at = viewport.offset
    assert viewport.settle(Cursor(49, 199), session, area) == at
    assert viewport.note(session, area) == f"view 40×10 of 200×50 +0+{at.row} pinned"
    viewport.is_following = True
    assert viewport.settle(Cursor(49, 199), session, area) == Offset(40, 160)


def test_there_is_nothing_to_pan_where_all_of_the_session_shows() -> None:
    viewport = Viewport()
    assert not viewport.pan(1, 1, Size(rows=10, cols=10), Size(rows=20, cols=20))
    assert viewport.is_following
    assert viewport.note(Size(rows=10, cols=10), Size(rows=20, cols=20)) == ""


def test_a_shrunken_session_pulls_a_panned_viewport_back() -> None:
    viewport = Viewport()
    viewport.pan(9, 9, Size(rows=50, cols=200), Size(rows=10, cols=40))
    assert viewport.settle(Cursor(), Size(rows=12, cols=50), Size(rows=10, cols=40)) == Offset(2, 10)


def test_who_may_not_type_mirrors_no_input_mode() -> None:
    modes = Modes(True, True, True, True, Mouse.ALL, kitty_keys=3, modify_other_keys=1, is_reversed=True)
    assert modes_for(Role.READ_ONLY, modes) == Modes(is_reversed=True)
    assert modes_for(Role.READ_WRITE, modes) is modes


def test_clients_in_step_get_the_same_bytes_object() -> None:
    cache = PaintCache()
    one, other = frame("abcd"), frame("abXd")
    painted = cache.paint(one, other, KIND)
    assert cache.paint(one, other, KIND) is painted
    assert cache.paint(one, other, TerminalKind.of("linux")) is not painted
    assert cache.paint(other, other, KIND) == b""


def test_the_cache_keeps_a_bounded_number_of_paintings() -> None:
    cache = PaintCache()
    frames = [frame(f"{number:4}") for number in range(200)]
    for number, (old, new) in enumerate(pairwise(frames)):
        cache.paint(old, new, KIND)
        shape = cache.shape(new, number, lambda: lambda picture: picture)
        assert cache.step(old, new, cache.appearance(shape, KIND))[0] is new
    assert len(cache._paintings) <= 32
    assert len(cache._pictures) <= 32
    assert len(cache._shapes) <= 64
    assert len(cache._appearances) <= 64
    assert len(cache._steps) <= 32


def test_views_of_one_shape_get_the_same_picture_object() -> None:
    """Also when one came to it by a step and one did not: they stay in step from there on."""
    cache = PaintCache()
    old, new = frame("abcd"), frame("abXd")
    shape = cache.shape(old, "key", lambda: lambda picture: replace(picture))
    assert cache.shape(replace(new, size=old.size), "key", lambda: lambda picture: picture) is shape
    stepped, *_ = cache.step(old, new, cache.appearance(shape, KIND))
    assert cache.picture(new, shape) is stepped


def test_a_centred_session_has_a_border_all_round() -> None:
    area = Size(rows=6, cols=8)
    viewport = Viewport(is_centred=True)
    base = frame("abcd", "efgh", cursor=(1, 3))
    offset = viewport.settle(base.cursor, base.size, area)
    assert offset == Offset(-2, -2)
    picture = compose(base, area, offset=offset, modes=PLAIN_MODES)
    assert texts(picture) == ["        ", " ┌────┐ ", " │abcd│ ", " │efgh│ ", " └────┘ ", "        "]
    assert (picture.cursor.row, picture.cursor.col) == (3, 5)
    assert picture.cursor.is_visible


@pytest.mark.parametrize("rows", range(1, 7))
@pytest.mark.parametrize("cols", range(1, 9))
def test_a_centred_session_fits_any_terminal(rows: int, cols: int) -> None:
    area = Size(rows=rows, cols=cols)
    base = frame("abcd", "efgh", "ijkl", cursor=(2, 3))
    offset = Viewport(is_centred=True).settle(base.cursor, base.size, area)
    picture = compose(base, area, offset=offset, modes=PLAIN_MODES)
    assert [len(each.cells) for each in picture.rows] == [cols] * rows
    assert [len(each.pens) for each in picture.rows] == [cols] * rows
    assert picture.rows[picture.cursor.row].cells[picture.cursor.col] == "l"


def test_a_session_centred_one_way_is_panned_the_other() -> None:
    area = Size(rows=4, cols=2)
    viewport = Viewport(is_centred=True)
    base = frame("abcd", "efgh", cursor=(0, 0))
    assert viewport.settle(base.cursor, base.size, area) == Offset(-1, 0)
    assert not viewport.pan(1, 0, base.size, area)
    assert viewport.pan(0, 1, base.size, area)
    offset = viewport.settle(base.cursor, base.size, area)
    assert texts(compose(base, area, offset=offset, modes=PLAIN_MODES)) == ["──", "cd", "gh", "──"]
    assert viewport.note(base.size, area) == "view 2×2 of 4×2 +2+0 pinned"
