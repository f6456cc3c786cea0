"""Law 11: a client sees the composition of the newest frames of the panes that it looks at, and nothing else.

And the rule that painting rests on: a composed row is the same object while its parts are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import PaneId, Rect, Size
from pairterm.view.window_composer import WindowComposer
from tests.laws.view.pictures import Edit, edited, edits, frames, sizes
from tests.laws.view.splits import Cell, Panes, is_alone, naive_cell, splits


@dataclass(frozen=True)
class Update:
    """What happens to one pane; the pane's number is taken modulo the number of panes."""

    pane: int
    edit: Edit | None = None
    size: Size | None = None
    """The pane gets a frame of this size. None without an edit: its frame is lost."""


def updates() -> st.SearchStrategy[list[Update]]:
    numbers = st.integers(0, 5)
    edit = st.builds(Update, numbers, edit=edits())
    resize = st.builds(Update, numbers, size=sizes())
    return st.lists(st.one_of(edit, edit, edit, edit, resize, st.builds(Update, numbers)), max_size=12)


def updated(shown: dict[PaneId, Frame], panes: Panes, update: Update) -> dict[PaneId, Frame]:
    """Return the frames of the panes after an update. A lost frame comes back with the next edit."""
    pane, rect = panes[update.pane % len(panes)]
    others = {other: frame for other, frame in shown.items() if other != pane}
    if update.edit is not None:
        return others | {pane: edited(shown.get(pane, full(rect)), update.edit)}
    if update.size is not None:
        return others | {pane: frames(update.size, [])[0]}
    return others


def full(rect: Rect) -> Frame:
    """Return a frame full of text for this rectangle."""
    return frames(Size(rows=rect.rows, cols=rect.cols), [])[0]


def assert_is_composed(picture: Frame, size: Size, panes: Panes, active: PaneId, shown: dict[PaneId, Frame]) -> None:
    """Fail unless the picture is what the reference says."""
    assert picture.size == size
    assert len(picture.rows) == size.rows
    for at, row in enumerate(picture.rows):
        wanted = [naive_cell(size, panes, active, shown, at, col) for col in range(size.cols)]
        assert list(zip(row.cells, row.pens, strict=True)) == wanted, f"row {at}"
    rect, own = dict(panes)[active], shown.get(active)
    cursor = own.cursor if own is not None else Cursor()
    is_shown = cursor.row < rect.rows and cursor.col < rect.cols
    assert picture.cursor.is_visible is (cursor.is_visible and is_shown)
    if is_shown:
        assert (picture.cursor.row, picture.cursor.col) == (rect.row + cursor.row, rect.col + cursor.col)
    assert rect.row <= picture.cursor.row < rect.row + rect.rows
    assert rect.col <= picture.cursor.col < rect.col + rect.cols
    assert picture.cursor.shape is cursor.shape
    assert picture.bells == sum(frame.bells for frame in shown.values())
    if own is not None:
        modes = own.modes if is_alone(size, panes, own) else replace(own.modes, is_reversed=False)
        assert (picture.title, picture.modes) == (own.title, modes)


@given(splits(), st.integers(0, 5), updates())
def test_law_11_a_window_shows_the_newest_frames_of_its_panes(
    window: tuple[Size, Panes], number: int, steps: list[Update]
) -> None:
    """After any updates. A composer that saw all of them and a new one show the same."""
    size, panes = window
    active = panes[number % len(panes)][0]
    composer = WindowComposer(size, panes, active)
    shown = {pane: full(rect) for pane, rect in panes}
    for step in steps:
        shown = updated(shown, panes, step)
        picture = composer.compose(shown)
        assert_is_composed(picture, size, panes, active, shown)
        assert picture.same_as(WindowComposer(size, panes, active).compose(shown))


Parts = tuple[list[Cell], list[tuple[int, Row, bool]]]
"""What a row of a window is made of: its borders, and each pane's row with its column, and whether it is inverse."""


def parts_of(size: Size, panes: Panes, active: PaneId, shown: dict[PaneId, Frame], at: int) -> Parts:
    crossed = [(pane, rect) for pane, rect in panes if rect.row <= at < rect.row + rect.rows]
    covered = {col for _, rect in crossed for col in range(rect.col, rect.col + rect.cols)}
    borders = [naive_cell(size, panes, active, shown, at, col) for col in range(size.cols) if col not in covered]
    return borders, [
        (rect.col, shown[pane].rows[at - rect.row], shown[pane].modes.is_reversed) for pane, rect in crossed
    ]


def scrolled(shown: dict[PaneId, Frame], count: int) -> dict[PaneId, Frame]:
    """Return the frames after all panes scrolled up by so many lines. Their first rows come back below."""
    moved = {pane: count % len(frame.rows) for pane, frame in shown.items()}
    return {
        pane: replace(frame, rows=frame.rows[moved[pane] :] + frame.rows[: moved[pane]])
        for pane, frame in shown.items()
    }


@given(
    splits(),
    st.integers(0, 5),
    st.lists(st.one_of(st.builds(Update, st.integers(0, 5), edit=edits()), st.integers(1, 3)), max_size=12),
)
def test_a_composed_row_is_the_same_object_while_its_parts_are(
    window: tuple[Size, Panes], number: int, steps: list[Update | int]
) -> None:
    """Also if all of them moved to another row. A number as a step scrolls all panes by so many lines."""
    size, panes = window
    active = panes[number % len(panes)][0]
    composer = WindowComposer(size, panes, active)
    shown = {pane: full(rect) for pane, rect in panes}
    before = composer.compose(shown)
    for step in steps:
        known = [(parts_of(size, panes, active, shown, at), row) for at, row in enumerate(before.rows)]
        shown = scrolled(shown, step) if isinstance(step, int) else updated(shown, panes, step)
        picture = composer.compose(shown)
        for at, row in enumerate(picture.rows):
            parts = parts_of(size, panes, active, shown, at)
            for old_parts, old_row in known:
                if old_parts == parts:
                    assert row is old_row, f"row {at}"
        before = picture


@given(splits(), st.integers(0, 5), updates())
def test_a_frame_that_shows_nothing_new_is_the_same_object(
    window: tuple[Size, Panes], number: int, steps: list[Update]
) -> None:
    """Whether no frame is new, or only the generation of one is. The titles of other panes are not shown."""
    size, panes = window
    active = panes[number % len(panes)][0]
    composer = WindowComposer(size, panes, active)
    shown = {pane: full(rect) for pane, rect in panes}
    for step in steps:
        shown = updated(shown, panes, step)
        picture = composer.compose(shown)
        assert composer.compose(dict(shown)) is picture
        if len(panes) > 1:
            shown = {
                pane: replace(
                    frame,
                    generation=frame.generation + 1,
                    title=frame.title if pane == active else "other",
                    cursor=frame.cursor if pane == active else Cursor(),
                )
                for pane, frame in shown.items()
            }
            assert composer.compose(shown) is picture


@given(splits(max_panes=1), st.lists(edits(), max_size=8))
def test_a_pane_of_the_whole_window_gives_its_own_frame(window: tuple[Size, Panes], steps: list[Edit]) -> None:
    size, panes = window
    [(pane, _)] = panes
    composer = WindowComposer(size, panes, pane)
    for frame in frames(size, steps):
        assert composer.compose({pane: frame}) is frame
