"""One client's terminal: what it shows, the bytes that bring it up to date, what its keys mean.

A view holds the last picture handed to its transport (the *base*) and the
session's newest frame. It never queues: while the transport is busy, frames are
skipped, and the next painting spans everything that was missed (law 5). No I/O and
no clock: `now_s` is any clock that only goes forward. The idea is mosh's state
synchronisation.

Law 6: a read-only view never yields `Type`, whatever its bytes.

After any call the view may be dirty or want to be woken: look at `is_dirty` and
`wake_at_s`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pairterm.terminal.events import MAX_CLIPBOARD_BYTES
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame, Mouse, MouseEncoding
from pairterm.terminal.parts import next_part
from pairterm.text import safe_line
from pairterm.types import Attendance, Role, Size
from pairterm.view.actions import Action, Type
from pairterm.view.bindings import DEFAULT_PREFIX, Bindings
from pairterm.view.client_widths import ANSWER_TIME_S, QUESTION, WidthQuestion, may_ask
from pairterm.view.controls import Controls
from pairterm.view.input_pieces import InputReader
from pairterm.view.layers import Layers
from pairterm.view.paint_cache import MAX_PART_BYTES, Look, PaintCache
from pairterm.view.painter import enter, forget_title, leave, paint
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["View"]


class View:
    """One attached terminal, from `enter` to `leave`."""

    def __init__(
        self,
        *,
        session: str,
        role: Role,
        size: Size,
        kind: TerminalKind,
        prefix: str = DEFAULT_PREFIX,
        bindings: Mapping[str, str] | None = None,
        status: bool = False,
        mouse: bool = False,
        centred: bool = False,
        term: str = "",
        cache: PaintCache | None = None,
    ) -> None:
        """Make a view that shows nothing yet.

        Args:
            session: The session's name, for the status line.
            role: What the client may do.
            size: The client's terminal.
            kind: What it can do.
            prefix: The prefix key, by tmux's name.
            bindings: Changes of what keys do, as `Bindings.of` takes them.
            status: Whether the terminal's last row is a status line: see `content_size`.
            mouse: Whether the wheel scrolls the history while the program does not want the
                mouse. The client's terminal then selects text with Shift only.
            centred: Whether a session that is smaller than the terminal stands in its middle, not top left.
            term: The program's TERM: keys that terminals spell in different ways reach it in its own spelling.
            cache: Shared by the views of one session.

        Raises:
            UsageError: A name of a key or of a command is not known.
        """
        self.session = session
        self.kind = kind
        self._desk = Layers(
            session=session, role=role, size=size, has_status=status, has_mouse=mouse, is_centred=centred, term=term
        )
        self._controls = Controls(self._desk, Bindings.of(prefix, bindings), has_clipboard=kind.has_clipboard)
        self._reader = InputReader()
        self._cache = cache or PaintCache()
        self._base: Frame | None = None
        self._part_row: int | None = None
        """Where the next part of a picture begins that is too large to be painted at once; None: it is painted."""
        self._look: Look | None = None
        """How this client's pictures look, while they look like others'."""
        self._question: WidthQuestion | None = None
        """What the client's terminal was asked for its widths, while answers are listened for."""

    @property
    def role(self) -> Role:
        """What the client may do."""
        return self._desk.role

    @property
    def size(self) -> Size:
        """The client's terminal."""
        return self._desk.size

    @property
    def content_size(self) -> Size:
        """The part of the client's terminal that is for the session: without the status line."""
        return self._desk.area

    def enter(self) -> bytes:
        """Return what takes the client's terminal over, and asks for its widths. The first bytes to send."""
        if not (self.kind.has_reports and self.kind.is_utf8 and may_ask(self.size)):
            return enter(self.kind)
        self._question = WidthQuestion()
        self._reader.is_listening = True
        return enter(self.kind) + QUESTION

    def leave(self, line: str) -> bytes:
        """Return what gives the client's terminal back, and `line` with CR LF. The last bytes to send."""
        encoded = safe_line(line).encode("utf-8" if self.kind.is_utf8 else "ascii", "replace")
        return leave(self.kind, self._base) + encoded + b"\r\n"

    def show(self, frame: Frame) -> None:
        """Take the session's newest frame, of the session's size; the one before is forgotten."""
        if frame is not self._desk.frame:
            if frame.is_hidden:
                self._controls.hide_session()
            self._desk.show(frame)

    def resize(self, size: Size) -> None:
        """Take the client's new size; the next painting is whole."""
        self._desk.resize(size)

    def set_role(self, role: Role, now_s: float) -> None:
        """Take the client's new role: what its keys do and which modes it mirrors follow.

        Somebody who loses the right to type may be in the middle of a word: its rest is not taken for keys.
        """
        if role is not self._desk.role:
            self._desk.role = role
            self._desk.is_changed = True
            self._controls.reset(now_s)

    def tell(
        self, text: str, now_s: float, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False
    ) -> None:
        """Show a message for a few seconds; a newer one replaces it. With a title: a page, until a key is pressed.

        `items`: the page's lines after the first are people whom commands call so, and it is a list to act on.
        `starts_at_end`: the page shows its last lines first.
        """
        if title:
            self._controls.open_page(title, text, items, starts_at_end=starts_at_end)
        else:
            self._desk.tell(text, now_s)

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """Show a page from which the keys 1 to 9 copy something, if the terminal has a clipboard for programs."""
        self._controls.offer(title, text, copies if self.kind.has_clipboard else ())

    def ask(self, question: str, command: str) -> None:
        """Ask a question; the client's yes is this command."""
        self._controls.ask(question, command)

    def copied(self, text: str) -> bytes:
        """Return what puts a text into the clipboard of the client's terminal (xterm ctlseqs, OSC 52)."""
        return b"\x1b]52;c;" + base64.b64encode(text.encode()) + b"\x07" if self.kind.has_clipboard else b""

    def program_copied(self, data: bytes) -> bytes:
        """Return what puts a program's text into the clipboard of the client's terminal; b"" if they do not allow it.

        For the session's owner only, whatever the setting is.
        """
        if (
            self._desk.role is not Role.OWNER
            or not self._controls.copying.sets_clipboard
            or not self.kind.has_clipboard
        ):
            return b""
        return b"\x1b]52;c;" + base64.b64encode(data[:MAX_CLIPBOARD_BYTES]) + b"\x07"

    def attend(self, attendance: Attendance) -> None:
        """Take who is here, for the status line."""
        self._desk.attend(attendance)

    def link_away(self, since_s: float | None, words: str = "host away") -> None:
        """Take since when the host is away, or what `words` say is so, for the status line; None: all is well."""
        self._desk.link_away(since_s, words)

    def history(self, lines: HistoryLines) -> list[Action]:
        """Take fetched history, the answer to `FetchHistory`; return what else is needed.

        It begins above what was asked for if older lines are gone.
        """
        return self._controls.history(lines)

    @property
    def is_live(self) -> bool:
        """True while the session shows, and nothing that is this client's alone lies over it."""
        return self._desk.is_live

    @property
    def is_dirty(self) -> bool:
        """True if the terminal may not show the newest picture."""
        return (self._desk.is_newer or self._desk.is_changed) and self._desk.frame is not None

    @property
    def wake_at_s(self) -> float | None:
        """When `tick` has something to do; None: nothing is waited for."""
        reader_s, keys_s = self._reader.wake_at_s, self._controls.wake_at_s
        desk_s = self._desk.wake_at_s if self._desk.is_timed else None
        if keys_s is None and desk_s is None:
            return reader_s
        return min(each for each in (reader_s, keys_s, desk_s) if each is not None)

    def paint(self, now_s: float) -> bytes:
        """Return what brings the terminal to the newest picture, and take it as shown; b"" when nothing is to do.

        A very large change is painted in parts: the view is dirty again after each but the last.
        """
        desk = self._desk
        frame = desk.frame
        if frame is None or not (desk.is_newer or desk.is_changed):
            return b""
        desk.pass_time(now_s)
        look, base = self._look, self._base
        if (
            not desk.is_changed
            and look is not None
            and base is not None
            and frame.size is look.shape.size
            and frame.modes is look.shape.modes
        ):
            self._base, self._part_row, painted = self._cache.step(base, frame, look, self._part_row or 0)
        else:
            painted = self._paint(frame, now_s)
        desk.is_changed = desk.is_unknown = False
        desk.is_newer = self._part_row is not None
        return painted

    def _paint(self, frame: Frame, now_s: float) -> bytes:
        """Paint when more may have changed than the frame."""
        desk = self._desk
        self._listen(now_s)
        desk.note_sizes(frame, now_s)
        target = desk.picture(frame, self._cache)
        base = None if desk.is_unknown else self._base
        start = self._part_row or 0
        if desk.is_live:
            target, self._part_row = self._cache.part(base, target, start)
            painted = self._cache.paint(base, target, self.kind)
        else:  # what is private is nobody else's picture: not for the cache
            target, self._part_row = next_part(base, target, start, MAX_PART_BYTES)
            painted = paint(base, target, self.kind)
        if base is None and self._base is not None and self._base.title and not target.title:
            painted = forget_title(self.kind) + painted
        self._base = target
        shape = desk.steady_shape(frame, self._cache)
        self._look = None if shape is None else self._cache.look(shape, self.kind)
        modes = target.modes
        is_old_mouse = modes.mouse is not Mouse.OFF and modes.mouse_encoding is MouseEncoding.X10
        self._reader.mouse_bytes = 3 if is_old_mouse and self.kind.has_input_modes else 0
        return painted

    def keys(self, data: bytes, now_s: float) -> list[Action]:
        """Take input from the client's terminal and return what it asks for, in order."""
        if self._reader.is_idle and self._controls.passes_on(data, now_s):
            return [Type(data)]
        pieces = self._reader.feed(data, now_s)
        self._listen(now_s)
        return self._controls.take(pieces, now_s)

    def _listen(self, now_s: float) -> None:
        """Take the terminal's answers about its widths, as long as they are waited for."""
        question = self._question
        if question is None:
            return
        if question.until_s is None:
            question.until_s = now_s + ANSWER_TIME_S
        heard, self._reader.heard = self._reader.heard, []
        for answer in heard:
            widths = question.take(answer, now_s)
            if widths is not None:
                self.kind = replace(self.kind, has_known_widths=True)
                self._desk.use_widths(widths)
        if question.is_over(now_s):
            self._question = None
            self._reader.is_listening = False

    def tick(self, now_s: float) -> list[Action]:
        """Do what time asks for: let a lone ESC go, obey a watcher's key, end a message, ask for history again."""
        self._desk.pass_time(now_s)
        return self._controls.take(self._reader.tick(now_s), now_s)
