"""The pictures of a range of a recording, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pairterm.record.events import OUTPUT, RESIZE, Event, Header
from pairterm.record.playback import Playback
from pairterm.terminal.frame import Frame

__all__ = ["pictures"]

_MIN_STEP_S = 0.04
"""Pictures that follow each other faster than this are shown as one."""


def pictures(
    header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float = float("inf")
) -> Iterator[tuple[float, Frame]]:
    """Yield the pictures of a range with their times since its start. The first is the one at its start."""
    playback = Playback(header, events)
    frame = playback.seek(start_s)
    pending: tuple[float, Frame] = (0.0, frame)
    while playback.position < len(events) and events[playback.position].time_s <= stop_s:
        event = playback.step()
        if event.code not in (OUTPUT, RESIZE):
            continue
        at_s = event.time_s - start_s
        if at_s >= pending[0] + _MIN_STEP_S:
            yield pending
            pending = (at_s, playback.frame)
        else:
            pending = (pending[0], playback.frame)
    yield pending
