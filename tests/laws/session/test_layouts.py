"""The laws of layouts: no overlap, no gap, borders of one cell, no small pane, and a notation that says it all."""

from __future__ import annotations

import contextlib
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import UsageError
from pairterm.session.windows.layout import MAX_PANES, Direction, Layout
from pairterm.session.windows.layout_cells import MIN_PANE_COLS, MIN_PANE_ROWS
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES
from pairterm.terminal.frame import blank_frame
from pairterm.types import MAX_COLS, MAX_ROWS, PaneId, Size, WindowId
from pairterm.view.shown_panes import ShownPanes

SIZES = st.builds(Size, rows=st.integers(1, 60), cols=st.integers(2, 120)) | st.builds(
    Size, rows=st.integers(1, MAX_ROWS), cols=st.integers(2, MAX_COLS)
)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@st.composite
def layouts(draw: st.DrawFn, most_steps: int = 12) -> Layout:
    """A layout after random steps."""
    layout = Layout.single(PaneId(0), draw(SIZES))
    for number in range(1, draw(st.integers(0, most_steps)) + 1):
        with contextlib.suppress(UsageError):  # no space
            layout = step(draw, layout, PaneId(number))
    return layout


def step(draw: st.DrawFn, layout: Layout, new: PaneId) -> Layout:
    pane, other = draw(st.sampled_from(layout.panes)), draw(st.sampled_from(layout.panes))
    match draw(
        st.sampled_from(["split"] * 4 + ["without", "resized", "pane", "set", "swap", "rotate", "preset", "drag"])
    ):
        case "split":
            flags = {name: draw(st.booleans()) for name in ("side_by_side", "before", "full")}
            return layout.split(pane, new, **flags, cells=draw(st.none() | st.integers(0, 600)))
        case "without" if len(layout.panes) > 1:
            return layout.without(pane)
        case "resized":
            return layout.resized(draw(SIZES))
        case "pane":
            return layout.resized_pane(pane, draw(st.sampled_from(DIRECTIONS)), draw(st.integers(1, 600)))
        case "set":
            return layout.with_pane_size(
                pane, cols=draw(st.none() | st.integers(0, 600)), rows=draw(st.none() | st.integers(0, 300))
            )
        case "swap":
            return layout.swapped(pane, other)
        case "rotate":
            return layout.rotated(up=draw(st.booleans()))
        case "preset":
            return layout.arranged(draw(st.sampled_from(LAYOUT_NAMES)))
        case _:
            row, col = draw(st.integers(0, layout.size.rows - 1)), draw(st.integers(0, layout.size.cols - 1))
            border = layout.border_at(row, col)
            by = st.integers(-200, 200)
            return layout if border is None else layout.with_border_moved(border, rows=draw(by), cols=draw(by))


def check(layout: Layout) -> None:
    """No overlap, no pane below the minimum, and behind each pane a border of one cell or the end of the window."""
    size, lines = layout.size, [0] * layout.size.rows  # one bit for each cell that a pane has
    for rect in layout.rects.values():
        assert rect.rows >= MIN_PANE_ROWS
        assert rect.cols >= MIN_PANE_COLS
        assert rect.col + rect.cols <= size.cols
        assert rect.row + rect.rows <= size.rows
        for row in range(rect.row, rect.row + rect.rows):
            assert not lines[row] & bits(rect.col, rect.cols)
            lines[row] |= bits(rect.col, rect.cols)
    assert lines[0] & 1
    for rect in layout.rects.values():
        rows, beside = lines[rect.row : rect.row + rect.rows], rect.col + rect.cols
        if beside < size.cols:
            assert not any(line & bits(beside, 1) for line in rows)
            assert any(line & bits(beside + 1, 1) for line in rows)
        below = lines[rect.row + rect.rows :]
        if below:
            assert not below[0] & bits(rect.col, rect.cols)
            assert below[1] & bits(rect.col, rect.cols)


def bits(start: int, count: int) -> int:
    return ((1 << count) - 1) << start


@given(layouts(), st.data())
def test_panes_and_borders_share_the_window(layout: Layout, data: st.DataObject) -> None:
    check(layout)
    assert len(layout.panes) <= MAX_PANES
    row = data.draw(st.integers(0, layout.size.rows - 1))
    for col in range(layout.size.cols):
        in_a_pane = any(
            each.row <= row < each.row + each.rows and each.col <= col < each.col + each.cols
            for each in layout.rects.values()
        )
        assert in_a_pane == (layout.border_at(row, col) is None)


@given(layouts(), st.data())
def test_the_view_finds_the_borders_that_the_mouse_drags(layout: Layout, data: st.DataObject) -> None:
    """The view knows only rectangles. It moves the same borders as tmux, which looks into the tree of splits."""
    own = blank_frame(Size(rows=1, cols=1))
    shown = ShownPanes(WindowId(0), tuple(layout.rects.items()), layout.panes[0], own)
    rect = data.draw(st.sampled_from(list(layout.rects.values())))
    row, col = rect.row + data.draw(st.integers(-1, rect.rows)), rect.col + data.draw(st.integers(-1, rect.cols))
    border, found = layout.border_at(row, col), shown.borders_at(row, col)
    assert bool(found) == (border is not None)
    beside = ((row + 1, col), (row, col + 1), (row - 1, col), (row, col - 1))
    if border is None or any(is_crossing(shown, *cell) for cell in beside):
        return
    down, right = data.draw(st.integers(-20, 20)), data.draw(st.integers(-20, 20))
    moved = layout
    for each in found:
        place = each.place + (right if each.is_column else down)
        moved = moved.with_border_between(each.before, each.behind, max(0, place))
    assert moved == layout.with_border_moved(border, rows=down, cols=right)


def is_crossing(shown: ShownPanes, row: int, col: int) -> bool:
    """Return whether four panes meet at a cell: the tree decides to which border it belongs."""
    around = ((row, col), (row + 1, col), (row, col + 1), (row - 1, col), (row, col - 1))
    corners = ((row - 1, col - 1), (row - 1, col + 1), (row + 1, col - 1), (row + 1, col + 1))
    return all(shown.at(*cell) is None for cell in around) and all(shown.at(*cell) is not None for cell in corners)


@given(layouts(), SIZES, st.data())
def test_notation_size_and_order_of_a_layout(layout: Layout, size: Size, data: st.DataObject) -> None:
    """Its notation is that layout; it has the size that was asked for, or its minimum; its panes keep their order."""
    assert Layout.parse(layout.notation, layout.panes) == layout
    least, resized = layout.resized(Size(rows=1, cols=1)).size, layout.resized(size).size
    assert resized == Size(rows=max(size.rows, least.rows), cols=max(size.cols, least.cols))
    if len(layout.panes) > 1:
        pane = data.draw(st.sampled_from(layout.panes))
        fewer = layout.without(pane)
        assert fewer.panes == tuple(each for each in layout.panes if each != pane)
        assert fewer.size == layout.size
        check(fewer)


@given(st.text(max_size=60) | st.text(alphabet="0123456789abcdefx,{}[]", max_size=60))
def test_any_text_is_a_layout_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        Layout.parse(text, [PaneId(0)])
