"""The session as its recorder sees it: the newest picture, the people and the windows, as lines of a recording.

It keeps state, not bytes: while the disk takes nothing, pictures are skipped. Content that
guests may not see never arrives here. No I/O, no clock.
"""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from collections import defaultdict

from pairterm.link.messages import AttendanceWire, LookAt, PictureChange, RecordEvent, Windows
from pairterm.link.relay import SELF
from pairterm.link.screen_publisher import LARGE_UPDATE, MAX_UNACKNOWLEDGED, is_small
from pairterm.link.session_replica import HIDDEN_TEXT, SessionReplica
from pairterm.record.events import INPUT, MARKER, PEOPLE, people_data
from pairterm.record.writer import RecordingWriter
from pairterm.session.privacy import paused_frame
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Size

__all__ = ["Watcher"]

_MAX_WAITING = 10_000
"""Events that wait for a disk that takes nothing. Later ones are dropped."""


class Watcher:
    """The session as its recorder sees it."""

    def __init__(self) -> None:
        self._replica = SessionReplica()
        self._people: dict[str, str] = {}
        self._window = ""
        self._shown: Frame | None = None
        self._events: list[tuple[float, str, str]] = []
        self._unacknowledged: dict[PaneId, int] = {}
        """The weight of the pictures of each pane that the host does not know to be shown."""
        self._decoders: dict[str, IncrementalDecoder] = defaultdict(lambda: getincrementaldecoder("utf-8")("replace"))
        """Of what each person types: a link may cut their input within a character."""
        self._attendance_later: AttendanceWire | None = None
        """The people as they are now, while nothing is recorded."""
        self.is_held = False
        """The owner holds the recording: nothing is recorded."""

    @property
    def size(self) -> Size | None:
        """The size of the picture; None: there is none yet."""
        return self.frame.size if self.frame is not None else None

    # What happens.

    def take_screen(self, message: Windows | LookAt | PictureChange, at_s: float) -> None:
        """Take windows, looks and pictures.

        Raises:
            PeerError: It does not fit.
        """
        match message:
            case Windows():
                self._replica.take_windows(message)
            case LookAt():
                self._replica.take_look(message)
            case _:
                self._replica.update(message)
                pane = PaneId(message.pane)
                weight = 1 if is_small(message) else LARGE_UPDATE
                self._unacknowledged[pane] = self._unacknowledged.get(pane, 0) + weight
        if isinstance(message, Windows | LookAt) and not self.is_held:
            self._tell_window(at_s)

    def _tell_window(self, at_s: float) -> None:
        """Note in which window the others are, if it is another one or has another name."""
        current = self._replica.shown_windows(SELF).current
        name = "" if current is None or current.is_hidden else f"{current.index}: {current.name}"
        if name and name != self._window:
            self._window = name
            self._add(at_s, PEOPLE, people_data("window", name))

    def attend(self, message: AttendanceWire, at_s: float) -> None:
        """Take the people who are here."""
        if self.is_held:
            self._attendance_later = message
            return
        now: dict[str, str] = {each.label: each.role for each in message.people}
        for name in [each for each in self._people if each not in now]:
            self._add(at_s, PEOPLE, people_data("left", name))
        for name, role in now.items():
            if name not in self._people:
                self._add(at_s, PEOPLE, people_data("joined", name, role))
            elif self._people[name] != role:
                self._add(at_s, PEOPLE, people_data("role", name, role))
        self._people = now

    def happened(self, event: RecordEvent, at_s: float) -> None:
        """Take an event of the host."""
        match event.kind:
            case "hold" if not self.is_held:
                self._add(at_s, MARKER, "recording paused")
                self.is_held = True
            case "go-on" if self.is_held:
                self.is_held = False
                # The picture that is here is of the time that is not recorded. The host sends a whole one.
                self._replica.expire()
                self._add(at_s, MARKER, "recording goes on")
                self._tell_window(at_s)
                if (later := self._attendance_later) is not None:
                    self._attendance_later = None
                    self.attend(later, at_s)
            case "typed" | "keyboard" | "chat" if not self.is_held:
                self._add(at_s, PEOPLE, people_data(event.kind, event.name, event.text))
            case "typed-text" if not self.is_held:
                typed = self._decoders[event.name].decode(event.typed)
                self._add(at_s, PEOPLE, people_data("typed-text", event.name, typed))
                self._add(at_s, INPUT, typed)

    def _add(self, at_s: float, code: str, data: str) -> None:
        if len(self._events) < _MAX_WAITING:
            self._events.append((at_s, code, data))

    # Recording.

    def begin(self, writer: RecordingWriter) -> None:
        """Write into a new file the people who are here, the window, and the picture."""
        self._events.clear()
        for name, role in self._people.items():
            writer.event(0.0, PEOPLE, people_data("joined", name, role))
        if self._window:
            writer.event(0.0, PEOPLE, people_data("window", self._window))
        if self._shown is not None:
            writer.show(self._shown, 0.0)

    def record(self, writer: RecordingWriter, began_s: float, now_s: float) -> None:
        """Write what has happened, and the newest picture. Times on the same clock; the file began at `began_s`."""
        events, self._events = self._events, []
        for at_s, code, data in events:
            writer.event(at_s - began_s, code, data)
        frame = self.frame
        if frame is None or self.is_held or frame is self._shown:
            return
        was_hidden = self._shown is not None and self._shown.is_hidden
        if frame.is_hidden != was_hidden:
            writer.mark("paused by the owner" if frame.is_hidden else "shown again", now_s - began_s)
        writer.show(frame, now_s - began_s)
        self._shown = frame

    @property
    def frame(self) -> Frame | None:
        """The picture of a guest who follows. Without a window for guests, a blank of the size as it was."""
        picture = self._replica.picture(SELF)
        if picture is None:
            return None
        if picture.panes is None:
            if self._shown is None or self._shown.is_hidden:
                return self._shown
            return paused_frame(self._shown, HIDDEN_TEXT)
        return picture.frame

    def acknowledgements(self) -> list[tuple[PaneId, int]]:
        """Return the panes and generations to acknowledge now: of each pane, half of what may be unacknowledged.

        So the host does not wake up for each picture.
        """
        found = []
        for pane in self._replica.panes_of(SELF):
            frame = self._replica.frame_of(pane)
            if frame is not None and self._unacknowledged.get(pane, 0) >= MAX_UNACKNOWLEDGED // 2:
                del self._unacknowledged[pane]
                found.append((pane, frame.generation))
        return found
