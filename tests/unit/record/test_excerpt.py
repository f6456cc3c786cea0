"""A part of a recording shows the same screens, and one without input has nothing that was typed."""

from __future__ import annotations

import pytest

from pairterm.record.events import Event, Header, people_data
from pairterm.record.excerpt import excerpt, without_input
from pairterm.record.playback import Playback
from pairterm.record.timeline import timeline_of
from pairterm.types import Size

HEADER = Header(size=Size(rows=3, cols=20), timestamp=1000, key="a2V5")
EVENTS = [
    Event(0.0, "p", people_data("joined", "ada", "owner")),
    Event(0.0, "p", people_data("joined", "bea", "rw")),
    Event(1.0, "o", "\x1b[31mone\x1b[m"),
    Event(2.0, "r", "30x4"),
    Event(2.0, "o", "\x1b[2J\x1b[Htwo"),
    Event(3.0, "p", people_data("left", "ada")),
    Event(4.0, "p", people_data("typed-text", "bea", "hunter2")),
    Event(4.0, "i", "hunter2"),
    Event(4.5, "o", "\x1b[2;1Hthree"),
    Event(5.0, "h", "last 00 00"),
]


@pytest.mark.parametrize("start_s", [0.0, 0.5, 1.0, 2.0, 3.5, 4.6, 9.0])
def test_a_part_shows_what_the_whole_shows_then(start_s: float) -> None:
    header, events = excerpt(HEADER, EVENTS, start_s=start_s, stop_s=4.6)
    assert header.key == ""
    assert all(each.code != "h" for each in events)
    for at_s in (start_s, max(start_s, 4.6)):
        whole, part = Playback(HEADER, EVENTS).seek(at_s), Playback(header, events).seek(at_s - start_s)
        assert [(row.cells, row.pens) for row in part.rows] == [(row.cells, row.pens) for row in whole.rows]


def test_a_part_begins_with_the_people_who_are_there() -> None:
    header, events = excerpt(HEADER, EVENTS, start_s=3.5)
    assert timeline_of(events).people == ["bea"]
    assert (header.timestamp, header.size) == (1003, Size(rows=4, cols=30))


def test_without_input_who_typed_when_stays() -> None:
    kept = without_input(EVENTS)
    assert "hunter2" not in repr(kept)
    assert timeline_of(kept).spans == timeline_of(EVENTS).spans
