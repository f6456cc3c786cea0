"""One client's terminal: what it shows, the bytes that bring it up to date, what its keys mean.

A view holds the last picture handed to its transport (the *base*) and the
session's newest frame. It never queues: while the transport is busy, frames are
skipped, and the next painting spans everything that was missed (law 5). No I/O and
no clock: `now_s` is any clock that only goes forward. The idea is mosh's state
synchronisation.

Law 6: a read-only view never yields `Type`, whatever its bytes.
"""

from __future__ import annotations

from pairterm.terminal.frame import Frame, Mouse, MouseEncoding
from pairterm.types import Role, Size
from pairterm.view.actions import Action, Detach, Redraw, Type
from pairterm.view.bindings import parse_key
from pairterm.view.cache import PaintCache
from pairterm.view.compose import Offset, compose, follow
from pairterm.view.input import InputReader, Kind, Piece
from pairterm.view.kind import TerminalKind
from pairterm.view.modes import modes_for
from pairterm.view.overlay import with_message
from pairterm.view.painter import enter, leave

__all__ = ["View"]

MESSAGE_S = 4.0
"""How long a message stays on the screen."""

_READ_ONLY_HINT = "read-only: q detaches"


class View:
    """One attached terminal, from `enter` to `leave`."""

    def __init__(
        self,
        *,
        session: str,
        role: Role,
        size: Size,
        kind: TerminalKind,
        prefix: str = "C-b",
        cache: PaintCache | None = None,
    ) -> None:
        self.session = session
        self.role = role
        self.size = size
        self.kind = kind
        self._prefix = parse_key(prefix)
        self._cache = cache or PaintCache()
        self._reader = InputReader()
        self._after_prefix = False
        self._frame: Frame | None = None
        self._base: Frame | None = None
        self._shown: Frame | None = None
        self._offset = Offset()
        self._message = ""
        self._message_until_s = 0.0
        self._needs_paint = False

    def enter(self) -> bytes:
        """Return what takes the client's terminal over. The first bytes to send."""
        return enter(self.kind)

    def leave(self, line: str) -> bytes:
        """Return what gives the client's terminal back, and `line` with CR LF. The last bytes to send."""
        text = "".join(char for char in line if char.isprintable())
        encoded = text.encode("utf-8" if self.kind.is_utf8 else "ascii", "replace")
        return leave(self.kind, self._base) + encoded + b"\r\n"

    def show(self, frame: Frame) -> None:
        """Take the session's newest frame, of the session's size; the one before is forgotten."""
        if frame is not self._frame:
            self._frame = frame
            self._needs_paint = True

    def resize(self, size: Size) -> None:
        """Take the client's new size; the next painting is whole."""
        if size != self.size:
            self.size = size
        self._base = None
        self._needs_paint = True

    def set_role(self, role: Role) -> None:
        """Take the client's new role: what its keys do and which modes it mirrors follow."""
        if role is not self.role:
            self.role = role
            self._after_prefix = False
            self._needs_paint = True

    def tell(self, text: str, now_s: float) -> None:
        """Show a message for `MESSAGE_S`; a newer one replaces it."""
        self._message = text
        self._message_until_s = now_s + MESSAGE_S
        self._needs_paint = True

    @property
    def is_dirty(self) -> bool:
        """True if the terminal may not show the newest picture."""
        return self._needs_paint and self._frame is not None

    @property
    def wake_at_s(self) -> float | None:
        """When `tick` has something to do; None: nothing is waited for."""
        times = [
            at for at in (self._reader.wake_at_s, self._message_until_s if self._message else None) if at is not None
        ]
        return min(times, default=None)

    def paint(self, now_s: float) -> bytes:
        """Return what brings the terminal to the newest picture, and take it as shown; b"" when nothing is to do."""
        if not self.is_dirty or self._frame is None:
            return b""
        self._end_message(now_s)
        target = self._picture(self._frame)
        painted = self._cache.paint(self._base, target, self.kind)
        self._base = target
        self._needs_paint = False
        self._follow_modes(target)
        return painted

    def keys(self, data: bytes, now_s: float) -> list[Action]:
        """Take input from the client's terminal and return what it asks for, in order."""
        actions: list[Action] = []
        for piece in self._reader.feed(data, now_s):
            self._read(piece, now_s, actions)
        return _joined(actions)

    def tick(self, now_s: float) -> list[Action]:
        """Do what time asks for: let a lone ESC go, end a message."""
        actions: list[Action] = []
        for piece in self._reader.tick(now_s):
            self._read(piece, now_s, actions)
        self._end_message(now_s)
        return _joined(actions)

    def _end_message(self, now_s: float) -> None:
        if self._message and now_s >= self._message_until_s:
            self._message = ""
            self._needs_paint = True

    def _picture(self, frame: Frame) -> Frame:
        self._offset = follow(self._offset, frame.cursor, frame.size, self.size)
        modes = modes_for(self.role, frame.modes)
        size, offset, message = self.size, self._offset, self._message

        def make() -> Frame:
            cutter = self._cache.cutter(col=offset.col, cols=size.cols, width=frame.size.cols)
            picture = compose(frame, size, offset=offset, modes=modes, cutter=cutter)
            return with_message(picture, message) if message else picture

        return self._cache.picture(frame, (size, offset, modes, message), make)

    def _follow_modes(self, shown: Frame) -> None:
        modes = shown.modes
        is_old_mouse = modes.mouse is not Mouse.OFF and modes.mouse_encoding in (MouseEncoding.X10, MouseEncoding.UTF8)
        self._reader.mouse_bytes = 3 if is_old_mouse and self.kind.has_input_modes else 0

    def _read(self, piece: Piece, now_s: float, actions: list[Action]) -> None:
        if piece.kind is not Kind.TEXT:
            self._after_prefix = False
            if self.role.may_type:
                actions.append(Type(piece.data))
            return
        if self.role.may_type and not self._after_prefix and self._prefix not in piece.data:
            actions.append(Type(piece.data))
            return
        for number in range(len(piece.data)):
            self._read_byte(piece.data[number : number + 1], now_s, actions)

    def _read_byte(self, byte: bytes, now_s: float, actions: list[Action]) -> None:
        if self._after_prefix:
            self._after_prefix = False
            self._read_command(byte, now_s, actions)
        elif byte == self._prefix:
            self._after_prefix = True
        elif self.role.may_type:
            actions.append(Type(byte))
        elif byte in b"q\x03\x04":
            actions.append(Detach())
        elif byte == b"?":
            self.tell(_READ_ONLY_HINT, now_s)

    def _read_command(self, byte: bytes, now_s: float, actions: list[Action]) -> None:
        if byte == b"d":
            actions.append(Detach())
        elif byte == b"r":
            self._base = None
            self._needs_paint = True
            actions.append(Redraw())
        elif byte == b"?":
            hint = f"{_READ_ONLY_HINT}; " if not self.role.may_type else ""
            self.tell(f"{hint}prefix d detaches, prefix r redraws", now_s)
        elif byte == self._prefix and self.role.may_type:
            actions.append(Type(byte))


def _joined(actions: list[Action]) -> list[Action]:
    """Join neighbouring `Type`s: one write to the pty instead of many."""
    joined: list[Action] = []
    for action in actions:
        last = joined[-1] if joined else None
        if isinstance(action, Type) and isinstance(last, Type):
            joined[-1] = Type(last.data + action.data)
        else:
            joined.append(action)
    return joined
