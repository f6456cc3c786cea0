"""The lines of a recording, made from what a watcher sees and from what happens.

Output is the painting from one frame to the next, as a watching client's terminal gets
it, without a status line. A frame of another size is a resize and a whole painting. The
hash chain covers every line. Times are seconds since the recording began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pairterm.record.asciicast import CastWriter
from pairterm.record.chain import Chain
from pairterm.record.events import MARKER, OUTPUT, RESIZE, SEAL, Event, Header
from pairterm.record.keyframes import Keyframe, MarkFinder, painted_keyframe
from pairterm.terminal.frame import Frame
from pairterm.types import Role
from pairterm.view.client_modes import modes_for
from pairterm.view.painter import forget_title, paint
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["RECORDED_KIND", "RecordingWriter"]

RECORDED_KIND = replace(
    TerminalKind.of("xterm-256color", colorterm="truecolor", lang="C.UTF-8"), has_key_protocols=False
)
"""The terminal for which recordings are painted: the players are xterm-like, with 24-bit colours."""


class RecordingWriter:
    """Makes the lines of one file."""

    def __init__(self, header: Header, sign: Callable[[bytes], bytes]) -> None:
        self._cast = CastWriter(header)
        self._size = header.size
        self._sign = sign
        self._chain = Chain()
        self._base: Frame | None = None
        self._lines: list[bytes] = []
        self._events = 0
        self._marks = MarkFinder()
        self._keyframes: list[Keyframe] = []
        self._last_s = 0.0
        self._is_sealed = False
        self._put(self._cast.header())

    @property
    def chain_value(self) -> str:
        """The hash over all lines so far, in hex."""
        return self._chain.value

    def show(self, frame: Frame, at_s: float) -> None:
        """Record what a watcher sees from now on."""
        frame = replace(frame, modes=modes_for(Role.READ_ONLY, frame.modes))
        base = self._base if self._base is not None and self._base.size == frame.size else None
        if frame.size != self._size:
            self._size = frame.size
            self.event(at_s, RESIZE, f"{frame.size.cols}x{frame.size.rows}")
        painted = paint(base, frame, RECORDED_KIND)
        if base is None and self._base is not None and self._base.title and not frame.title:
            painted += forget_title(RECORDED_KIND)  # a whole painting does not paint an empty title
        self._base = frame
        if painted:
            self.event(at_s, OUTPUT, painted.decode("utf-8", "replace"))

    def event(self, at_s: float, code: str, data: str) -> None:
        """Record an event. Its time is not before that of the event before it."""
        self._last_s = max(self._last_s, at_s)
        event = Event(self._last_s, code, data)
        self._put(self._cast.event(event))
        self._events += 1
        if self._marks.is_mark(event) and self._base is not None:
            self._keyframes.append(painted_keyframe(self._base, RECORDED_KIND, self._events, self._chain.value))

    def mark(self, text: str, at_s: float) -> None:
        """Record a marker."""
        self.event(at_s, MARKER, text)

    def seal(self, *, is_last: bool = False) -> None:
        """Seal all lines so far, if there is a new one or it is the last seal."""
        if is_last or not self._is_sealed:
            self.event(self._last_s, SEAL, self._chain.seal(self._sign, is_last=is_last))
            self._is_sealed = True

    def take(self) -> bytes:
        """Return the lines since the last call. They are whole lines."""
        lines, self._lines = self._lines, []
        return b"".join(lines)

    def take_keyframes(self) -> list[Keyframe]:
        """Return the keyframes since the last call."""
        keyframes, self._keyframes = self._keyframes, []
        return keyframes

    def _put(self, line: str) -> None:
        data = line.encode()
        self._chain.add(data)
        self._lines.append(data)
        self._is_sealed = False
