"""The publisher and the replica, by examples; `tests/laws/link` has what holds for all frames."""

from __future__ import annotations

from dataclasses import replace

from pairterm.link.messages import ScreenUpdate
from pairterm.link.screen_publisher import MAX_UNACKNOWLEDGED, Publisher, is_small
from pairterm.link.screen_replica import Replica
from pairterm.terminal.frame import Frame, Pen, Row, blank_frame
from pairterm.types import PaneId, Size

SIZE = Size(rows=3, cols=4)


def row(text: str) -> Row:
    blank = blank_frame(SIZE).rows[0]
    return replace(blank, cells=tuple(text.ljust(SIZE.cols)))


def written(base: Frame, *texts: str) -> Frame:
    """Return the frame after `base` with these rows on top."""
    rows = (*map(row, texts), *base.rows[len(texts) :])
    return replace(base, rows=rows, generation=base.generation + 1)


def test_a_screen_nobody_wrote_to_is_a_base_that_can_not_be_named() -> None:
    """A client attached to `cat`, which prints nothing, and lost its link at the first key.

    The blank screen is generation 0, which in an update means "from nothing"; the next update
    then came without a title and modes, and the replica took the host for a liar.
    """
    publisher, replica = Publisher(PaneId(0)), Replica()
    blank = blank_frame(SIZE)
    first = publisher.update(blank)
    assert first is not None
    assert replica.apply(first).same_as(blank)
    next_frame = written(blank, "x")
    second = publisher.update(next_frame)
    assert second is not None
    assert replica.apply(second).same_as(next_frame)


def test_nothing_is_sent_for_a_frame_that_was_sent() -> None:
    publisher = Publisher(PaneId(0))
    frame = written(blank_frame(SIZE), "a")
    assert publisher.update(frame) is not None
    assert publisher.update(frame) is None


def test_a_row_that_moved_travels_as_a_copy() -> None:
    publisher, replica = Publisher(PaneId(0)), Replica()
    frame = written(blank_frame(SIZE), "a", "b", "c")
    scrolled = replace(frame, rows=(*frame.rows[1:], row("d")), generation=9, scrolled=1)
    first = publisher.update(frame)
    second = publisher.update(scrolled)
    assert first is not None
    assert isinstance(second, ScreenUpdate)
    assert second.copies == [(0, 1, 2)]
    assert [text for text, _, _ in second.new_rows] == ["d"]
    base = replica.apply(first)
    assert replica.apply(second).rows[0] is base.rows[1], "a row that did not change is another object"


def test_as_many_small_updates_are_under_way_as_are_let_and_no_more() -> None:
    publisher = Publisher(PaneId(0))
    frame = written(blank_frame(SIZE), "a")
    publisher.update(frame)
    publisher.acknowledge(frame.generation)
    for _ in range(MAX_UNACKNOWLEDGED):
        assert publisher.may_send
        frame = written(frame, "a")
        publisher.update(frame)
    assert not publisher.may_send
    publisher.acknowledge(frame.generation)
    assert publisher.may_send


def test_two_whole_screens_are_under_way_and_no_third() -> None:
    publisher = Publisher(PaneId(0))
    frame = blank_frame(SIZE)
    for text in "ab":
        frame = written(frame, text, text, text)
        publisher.update(frame)
    assert not publisher.may_send


def test_a_row_with_a_pen_for_every_cell_is_no_small_update() -> None:
    """Eight of these would be under way, each with a hyperlink of 2 kB a cell."""
    cols = 40
    publisher = Publisher(PaneId(0))
    frame = blank_frame(Size(rows=3, cols=cols))
    publisher.update(frame)
    pens = tuple(Pen(link=f"http://a.b/{col}") for col in range(cols))
    rows = (replace(frame.rows[0], pens=pens), *frame.rows[1:])
    update = publisher.update(replace(frame, rows=rows, generation=1))
    assert update is not None
    following = replace(frame, rows=(replace(frame.rows[0], pens=pens[::-1]), *rows[1:]), generation=2)
    update = publisher.update(following)
    assert isinstance(update, ScreenUpdate)
    assert len(update.new_rows) == 1
    assert not is_small(update)


def test_an_acknowledgement_stands_for_all_before_it() -> None:
    publisher = Publisher(PaneId(0))
    one = written(blank_frame(SIZE), "a", "a", "a")
    two = written(one, "b", "b", "b")
    three = written(two, "c", "c", "c")
    publisher.update(one)
    publisher.update(two)
    publisher.acknowledge(two.generation - 1)
    assert publisher.may_send
    publisher.update(three)
    assert not publisher.may_send, "the second is still under way"


def test_a_publisher_that_forgets_starts_from_nothing() -> None:
    publisher = Publisher(PaneId(0))
    frame = written(blank_frame(SIZE), "a")
    publisher.update(frame)
    publisher.forget()
    assert publisher.may_send
    update = publisher.update(frame)
    assert update is not None
    assert update.base == 0
    assert Replica().apply(update).same_as(frame)


def test_another_width_is_sent_whole_and_another_height_is_not() -> None:
    publisher, replica = Publisher(PaneId(0)), Replica()
    frame = written(blank_frame(SIZE), "a", "b", "c")
    taller = replace(frame, size=Size(rows=4, cols=4), rows=(*frame.rows, row("d")), generation=5)
    wider = replace(blank_frame(Size(rows=4, cols=5)), generation=6)
    updates = [publisher.update(each) for each in (frame, taller, wider)]
    assert [update.base if update else None for update in updates] == [0, frame.generation, 0]
    for update, target in zip(updates, (frame, taller, wider), strict=True):
        assert update is not None
        assert replica.apply(update).same_as(target)
