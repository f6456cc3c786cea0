"""Layouts by example. `tests/laws/session` has their laws, and tmux as their judge."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.windows.layout import MAX_PANES, Layout
from pairterm.session.windows.layout_cells import MAX_DEPTH
from pairterm.session.windows.layout_notation import MAX_NOTATION_CHARS, _checksum
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES, layout_named
from pairterm.types import PaneId, Rect, Size

ONE, TWO, THREE, FOUR = (PaneId(number) for number in (1, 2, 3, 4))
SIZE = Size(rows=24, cols=80)
ALONE = Layout.single(ONE, SIZE)
BESIDE = ALONE.split(ONE, TWO, side_by_side=True)


def notation(body: str) -> str:
    return f"{_checksum(body):04x},{body}"


def test_a_single_pane_has_the_window() -> None:
    assert ALONE.rects == {ONE: Rect(0, 0, 24, 80)}
    assert ALONE.notation == "b25e,80x24,0,0,1"


def test_a_new_pane_stands_after_the_other_with_a_border_between() -> None:
    assert BESIDE.rects == {ONE: Rect(0, 0, 24, 40), TWO: Rect(0, 41, 24, 39)}


def test_a_new_pane_before_the_other() -> None:
    layout = ALONE.split(ONE, TWO, side_by_side=False, before=True, cells=5)
    assert layout.rects == {TWO: Rect(0, 0, 5, 80), ONE: Rect(6, 0, 18, 80)}


def test_a_full_split_takes_from_all_panes() -> None:
    layout = BESIDE.split(ONE, THREE, side_by_side=True, full=True, cells=20)
    assert [rect.cols for rect in layout.rects.values()] == [29, 29, 20]


def test_where_no_space_is_left_there_is_no_new_pane() -> None:
    tiny = Layout.single(ONE, Size(rows=2, cols=4))
    for side_by_side in (True, False):
        with pytest.raises(UsageError, match=r"^no space for new pane$") as error:
            tiny.split(ONE, TWO, side_by_side=side_by_side)
        assert error.value.code == "no_space"


def test_a_window_holds_so_many_panes_and_no_more() -> None:
    layout = Layout.single(PaneId(0), Size(rows=200, cols=500))
    for number in range(1, MAX_PANES):
        layout = layout.split(PaneId(number - 1), PaneId(number), side_by_side=True).arranged("tiled")
    with pytest.raises(UsageError, match=f"at most {MAX_PANES}"):
        layout.split(PaneId(0), PaneId(MAX_PANES), side_by_side=True)


def test_a_closed_pane_leaves_its_space_to_the_one_before_it() -> None:
    three = BESIDE.split(TWO, THREE, side_by_side=True)
    assert three.without(TWO).rects == {ONE: Rect(0, 0, 24, 60), THREE: Rect(0, 61, 24, 19)}
    assert three.without(ONE).rects == {TWO: Rect(0, 0, 24, 60), THREE: Rect(0, 61, 24, 19)}


def test_the_last_pane_and_an_unknown_one_are_errors_of_the_caller() -> None:
    with pytest.raises(ValueError, match="the last pane"):
        ALONE.without(ONE)
    with pytest.raises(ValueError, match="no pane %9"):
        ALONE.resized_pane(PaneId(9), "L")


def test_a_layout_never_shrinks_below_its_panes_minimum() -> None:
    assert BESIDE.resized(Size(rows=1, cols=1)).size == Size(rows=1, cols=5)


def test_resize_pane_moves_the_border_after_the_pane_or_before_the_last_one() -> None:
    assert BESIDE.resized_pane(ONE, "R", 10).rects[ONE].cols == 50
    assert BESIDE.resized_pane(TWO, "R", 10).rects[ONE].cols == 50
    assert BESIDE.resized_pane(TWO, "L", 500).rects[ONE].cols == 2
    assert BESIDE.resized_pane(ONE, "D", 10) == BESIDE


def test_a_pane_gets_the_size_that_is_asked_for() -> None:
    assert BESIDE.with_pane_size(TWO, cols=20).rects[TWO].cols == 20
    assert BESIDE.with_pane_size(ONE, cols=20, rows=3).rects[ONE] == Rect(0, 0, 24, 20)


def test_panes_change_places() -> None:
    three = BESIDE.split(TWO, THREE, side_by_side=False)
    assert three.swapped(ONE, THREE).panes == (THREE, TWO, ONE)
    assert three.rotated().panes == (TWO, THREE, ONE)
    assert three.rotated(up=False).panes == (THREE, ONE, TWO)
    assert three.replaced(TWO, FOUR).panes == (ONE, FOUR, THREE)


def test_a_layout_is_named_by_the_start_of_its_name() -> None:
    assert layout_named("tiled") == layout_named("t") == "tiled"
    assert layout_named("even-v") == "even-vertical"
    assert layout_named("even") is None
    assert layout_named("") is None
    for name in LAYOUT_NAMES:
        assert ALONE.arranged(name) == ALONE


@pytest.mark.parametrize("last", ["U", "D"])
def test_of_several_neighbours_the_last_active_one_is_taken(last: str) -> None:
    layout = BESIDE.split(TWO, THREE, side_by_side=False)
    assert layout.neighbour(ONE, "R") == TWO
    assert layout.neighbour(ONE, "R", [THREE, TWO]) == THREE
    assert layout.neighbour(ONE, "L", [THREE, TWO]) == THREE
    assert layout.neighbour(ONE, "U") is None


def test_the_mouse_drags_a_border() -> None:
    border = BESIDE.border_at(3, 40)
    assert border is not None
    assert BESIDE.with_border_moved(border, rows=7, cols=-10).rects[ONE].cols == 30
    assert BESIDE.border_at(3, 39) is None
    assert BESIDE.border_at(24, 40) is None


def test_at_a_crossing_the_mouse_drags_both_borders() -> None:
    four = BESIDE.split(TWO, THREE, side_by_side=False).split(ONE, FOUR, side_by_side=False)
    corner = four.border_at(12, 40)
    assert corner is not None
    moved = four.with_border_moved(corner, rows=2, cols=3)
    assert moved.rects[ONE] == Rect(0, 0, 14, 43)
    assert moved.rects[TWO] == Rect(0, 44, 14, 36)


def test_a_border_between_two_panes_goes_to_a_place_as_far_as_there_is_room() -> None:
    moved = BESIDE.with_border_between(TWO, ONE, 30)
    assert moved.rects[ONE].cols == 30
    assert moved.with_border_between(ONE, TWO, 30) == moved
    assert moved.with_border_between(ONE, TWO, 500).with_border_between(ONE, TWO, 40) == BESIDE
    below = BESIDE.split(TWO, THREE, side_by_side=False)
    assert below.with_border_between(TWO, THREE, 5).rects[TWO].rows == 5
    assert below.with_border_between(ONE, THREE, 20).rects[TWO].cols == 59
    with pytest.raises(ValueError, match="two sides"):
        below.with_border_between(ONE, ONE, 5)


def test_a_border_of_a_pane_that_has_closed_stays_where_it_is() -> None:
    border = BESIDE.border_at(3, 40)
    assert border is not None
    assert ALONE.with_border_moved(border, cols=5) == ALONE


def test_a_notation_of_tmux_is_read() -> None:
    text = "489f,100x40,0,0{50x40,0,0,0,49x40,51,0[49x20,51,0,1,49x19,51,21,2]}"
    layout = Layout.parse(text, [ONE, TWO, THREE])
    assert layout.rects == {ONE: Rect(0, 0, 40, 50), TWO: Rect(0, 51, 20, 49), THREE: Rect(21, 51, 19, 49)}


def test_cells_without_a_pane_are_closed_and_panes_without_a_cell_are_an_error() -> None:
    assert Layout.parse(BESIDE.notation, [THREE]).rects == {THREE: Rect(0, 0, 24, 80)}
    with pytest.raises(UsageError, match=r"^have 3 panes but need 2$"):
        Layout.parse(BESIDE.notation, [ONE, TWO, THREE])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "starts with a checksum"),
        ("tiled", "starts with a checksum"),
        ("0000,80x24,0,0,1", "the checksum does not fit"),
        (notation("80x24,0,0,1,"), "something follows"),
        (notation("80x24,0,0{40x24,0,0,1,39x24,41,0,2]"), "no end"),
        (notation("80x24,0,0{80x24,0,0,1}"), "no end"),
        (notation("80x24,0,0{40x24,0,0,1,"), "no cell at character 28"),
        (notation("80x24,0,0[80x11,0,0{40x11,0,0,1,40x11,41,0,2},80x12,0,12,3]"), "do not add up"),
        (notation("3x24,0,0{1x24,0,0,1,1x24,2,0,2}"), "too small"),
        (notation("٣x24,0,0,1"), "no cell"),
        (notation("80x24,0,0{" * (MAX_DEPTH + 2)), "nested too deeply"),
        (notation("80x24,0,0[" + ",".join(["80x1,0,0,0"] * (MAX_PANES + 1)) + "]"), "more than 64 panes"),
        (notation("80x24,0,0,1" + "x" * MAX_NOTATION_CHARS), "checksum"),
    ],
)
def test_a_bad_notation_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"^invalid layout: .*{reason}") as error:
        Layout.parse(text, [ONE])
    assert error.value.code == "invalid_layout"


def test_a_notation_larger_than_any_screen_is_made_to_fit() -> None:
    assert Layout.parse(notation("2000x1000,0,0,1"), [ONE]).size == Size(rows=200, cols=500)
