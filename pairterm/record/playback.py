"""A recording played on a screen model: the screen at any time, forwards cheaply, backwards from a keyframe.

Law 13: a recording played to a given time shows what a watcher saw at that time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pairterm.record.asciicast import resize_size
from pairterm.record.events import OUTPUT, Event, Header
from pairterm.record.writer import RECORDED_KIND
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame, blank_frame
from pairterm.view.painter import paint

__all__ = ["Playback"]

_KEYFRAME_EVENTS = 1000
"""A keyframe after so many events, each about 0.1 ms: a seek replays a tenth of a second."""


class Playback:
    """The screen of a recording at one time."""

    def __init__(self, header: Header, events: Sequence[Event]) -> None:
        self._header = header
        self._events = events
        self._times: list[float] = []
        self._terminal = Terminal(header.size, history_lines=0)
        self._keyframes: list[tuple[int, Frame]] = [(0, blank_frame(self._terminal.size))]
        self.position = 0
        """How many events have been played."""

    @property
    def frame(self) -> Frame:
        """What the screen shows."""
        return self._terminal.snapshot()

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
        if self.position >= self._keyframes[-1][0] + _KEYFRAME_EVENTS:
            self._keyframes.append((self.position, self._terminal.snapshot()))
        return event

    def seek(self, time_s: float) -> Frame:
        """Show the screen at a time: after all events until then. Return it."""
        self._index()
        target = bisect_right(self._times, time_s)
        at = bisect_right(self._keyframes, target, key=lambda each: each[0]) - 1
        start, frame = self._keyframes[at]
        if target < self.position or start > self.position:
            self._restore(start, frame)
        while self.position < target:
            self.step()
        return self.frame

    def find(self, text: str, after_s: float) -> float | None:
        """Return when the text comes on the screen next after a time; None: it does not."""
        was_shown = self._shows(text, self.seek(after_s))
        before: Frame | None = None
        while self.position < len(self._events):
            event = self.step()
            frame = self.frame
            if frame is before:
                continue
            is_shown, before = self._shows(text, frame), frame
            if is_shown and not was_shown and event.time_s > after_s:
                return event.time_s
            was_shown = is_shown
        return None

    @staticmethod
    def _shows(text: str, frame: Frame) -> bool:
        return any(text in row.text for row in frame.rows)

    def _restore(self, position: int, frame: Frame) -> None:
        self._terminal = Terminal(frame.size, history_lines=0)
        self._terminal.feed(paint(None, frame, RECORDED_KIND))
        self.position = position

    def _index(self) -> None:
        for event in self._events[len(self._times) :]:
            self._times.append(event.time_s)
