"""A recording as its player reads it: the events so far, the timeline, and the keyframes beside the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pairterm.errors import PairtermError, UsageError
from pairterm.record.asciicast import CastReader
from pairterm.record.chain import Chain
from pairterm.record.events import Event, Header
from pairterm.record.keyframes import Keyframe, MarkFinder
from pairterm.record.timeline import Timeline
from pairterm.runtime.keyframe_file import load_keyframes, save_keyframes
from pairterm.runtime.recording_lines import RecordingLines

__all__ = ["RecordingReader"]


class RecordingReader:
    """Reads the events that a file has so far."""

    def __init__(self, path: Path, lines: RecordingLines) -> None:
        """Read all that is there.

        Raises:
            UsageError: It is no recording.
            SystemFault: It can't be read.
        """
        self._path = path
        self._lines = lines
        self._reader = CastReader()
        self._chain = Chain()
        self._finder = MarkFinder()
        self._marks: dict[int, str] = {}
        """The hash chain's value at each mark, by the number of events before it."""
        self.events: list[Event] = []
        self.times: list[float] = []
        self.timeline = Timeline()
        self.problem = ""
        """Why the events after the last one can't be read; "": they can."""
        self.read()
        if self._reader.header is None:
            raise UsageError("the recording is empty", code="recording")
        self.header: Header = self._reader.header

    def read(self) -> bool:
        """Read what is new; return whether there is anything. A line that has no end yet waits for it."""
        count = len(self.events)
        try:
            for line in () if self.problem else self._lines.read():
                event = self._reader.line(line.decode("utf-8", "replace"))
                self._chain.add(line)
                if event is not None:
                    self._add(event)
        except PairtermError as error:
            if self._reader.header is None:
                raise
            self.problem = error.message
        return len(self.events) > count

    def _add(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(event.time_s)
        self.timeline.add(event)
        if self._finder.is_mark(event):
            self._marks[len(self.events)] = self._chain.value

    def keyframes(self) -> list[Keyframe]:
        """Return the keyframes beside the file that are this recording's."""
        return [
            each for each in load_keyframes(self._path) if each.chain and self._marks.get(each.events) == each.chain
        ]

    def keep(self, keyframes: Sequence[Keyframe]) -> None:
        """Keep these keyframes beside the file, unless they are kept already."""
        mine = [replace(each, chain=self._marks[each.events]) for each in keyframes if each.events in self._marks]
        if len(mine) > len(self.keyframes()):
            save_keyframes(self._path, mine)
