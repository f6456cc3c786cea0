"""A recording played on a screen model: the screen at any time, forwards cheaply, backwards from a keyframe.

Law 13: a recording played to a given time shows what a watcher saw at that time.
"""

from __future__ import annotations

import sys
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence

from pairterm.record.asciicast import resize_size
from pairterm.record.events import OUTPUT, Event, Header
from pairterm.record.keyframes import Keyframe, MarkFinder, painted_keyframe
from pairterm.record.writer import RECORDED_KIND
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame

__all__ = ["Playback"]


class Playback:
    """The screen of a recording at one time."""

    def __init__(self, header: Header, events: Sequence[Event], keyframes: Iterable[Keyframe] = ()) -> None:
        """`keyframes`: those that are known, each at a mark of these events."""
        self._events = events
        self._times: list[float] = []
        self._terminal = Terminal(header.size, history_lines=0)
        self._marks = MarkFinder()
        known = sorted(keyframes, key=lambda each: each.events)
        self.keyframes = [Keyframe(0, self._terminal.size, ""), *known]
        """In order. Playing adds those that it comes by."""
        self.position = 0
        """How many events have been played."""

    @property
    def frame(self) -> Frame:
        """What the screen shows."""
        return self._terminal.snapshot()

    @property
    def time_s(self) -> float:
        """The time of the last event that has been played."""
        return self._events[self.position - 1].time_s if self.position else 0.0

    def step(self) -> Event:
        """Play the next event, and return it."""
        event = self._events[self.position]
        if event.code == OUTPUT:
            self._terminal.feed(event.data.encode("utf-8", "surrogatepass"))
            self._terminal.take_replies()
            self._terminal.take_events()
        elif (size := resize_size(event)) is not None:
            self._terminal.resize(size)
        self.position += 1
        if self._marks.is_mark(event) and self._near(self.position).events < self.position:
            insort(
                self.keyframes, painted_keyframe(self._terminal.snapshot(), RECORDED_KIND, self.position), key=_place
            )
        return event

    def seek(self, time_s: float) -> Frame:
        """Show the screen at a time: after all events until then. Return it."""
        while not self.approach(time_s):
            pass
        return self.frame

    def approach(self, time_s: float, max_chars: int = sys.maxsize) -> bool:
        """Go towards a time, and play events of about so many characters at most. Return whether it is reached."""
        self._index()
        target = bisect_right(self._times, time_s)
        near = self._near(target)
        if target < self.position or near.events > self.position:
            self._begin_at(near)
        while self.position < target and max_chars > 0:
            max_chars -= len(self.step().data) + 1
        return self.position == target

    def find(self, text: str, after_s: float) -> float | None:
        """Return when the text comes on the screen next after a time; None: it does not."""
        return next((found_s for found_s in self.search(text, after_s) if found_s is not None), None)

    def search(self, text: str, after_s: float, turn_chars: int = sys.maxsize) -> Iterator[float | None]:
        """Look for the next time at which the text comes on the screen, and yield it.

        It may take long: None is yielded after each `turn_chars` of output. Meanwhile, nothing else may use this.
        """
        while not self.approach(after_s, turn_chars):
            yield None
        was_shown, before, chars = self._shows(text, self.frame), self.frame, 0
        while self.position < len(self._events):
            event = self.step()
            frame = self.frame
            if frame is not before:
                is_shown, before = self._shows(text, frame), frame
                if is_shown and not was_shown and event.time_s > after_s:
                    yield event.time_s
                    return
                was_shown = is_shown
            chars += len(event.data) + 1
            if chars >= turn_chars:
                chars = 0
                yield None

    @staticmethod
    def _shows(text: str, frame: Frame) -> bool:
        return any(text in row.text for row in frame.rows)

    def _near(self, position: int) -> Keyframe:
        """Return the last keyframe that is not after a position."""
        return self.keyframes[bisect_right(self.keyframes, position, key=_place) - 1]

    def _begin_at(self, keyframe: Keyframe) -> None:
        self._terminal = Terminal(keyframe.size, history_lines=0)
        self._terminal.feed(keyframe.painting.encode("utf-8", "surrogatepass"))
        self._marks = MarkFinder()
        self.position = keyframe.events

    def _index(self) -> None:
        for event in self._events[len(self._times) :]:
            self._times.append(event.time_s)


def _place(keyframe: Keyframe) -> int:
    return keyframe.events
