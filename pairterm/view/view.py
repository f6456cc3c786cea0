"""A view: one client's terminal, the bytes that bring it up to date, and the meaning of its keys.

A view holds the last picture that it gave to its transport (the *base*) and the
session's newest frame. It never queues: while the transport is busy, frames are
skipped, and the next painting spans everything that was missed (law 5). No I/O and
no clock: `now_s` is any clock that only goes forward. The idea is mosh's state
synchronisation.

Law 6: a read-only view never yields `Type`, whatever its bytes.

After any call the view may be dirty, or have a new time to be woken: check `is_dirty`
and `wake_at_s`.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from pairterm.document.document import DocumentId
from pairterm.safe_text import safe_line
from pairterm.terminal.events import MAX_CLIPBOARD_BYTES
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame, Mouse, MouseEncoding
from pairterm.terminal.partial_frames import next_part
from pairterm.types import Attendance, PaneId, Role, Size
from pairterm.view.actions import Action, Type
from pairterm.view.bindings import DEFAULT_PREFIX, Bindings
from pairterm.view.client_widths import ANSWER_TIME_S, QUESTION, WidthQuestion, may_ask
from pairterm.view.controls import Controls
from pairterm.view.input_pieces import InputReader
from pairterm.view.layers import Layers
from pairterm.view.paint_cache import MAX_PART_BYTES, Appearance, PaintCache
from pairterm.view.painter import enter, forget_title, leave, paint
from pairterm.view.shown_documents import ShownDocuments
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.typing_place import TypingPlace, typing_place

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
            mouse: Whether the mouse selects panes, windows and text, and the wheel scrolls the
                history. The client's terminal then selects text with Shift only.
            centred: Whether a session that is smaller than the terminal is shown in its middle, and not top left.
            term: The program's TERM. Keys reach the program in the encoding of this terminal.
            cache: Shared by the views of one session.

        Raises:
            UsageError: A name of a key or of a command is unknown.
        """
        self.session = session
        self.kind = kind
        self._layers = Layers(
            session=session, role=role, size=size, has_status=status, has_mouse=mouse, is_centred=centred, term=term
        )
        self._controls = Controls(self._layers, Bindings.of(prefix, bindings), has_clipboard=kind.has_clipboard)
        self._reader = InputReader()
        self._cache = cache or PaintCache()
        self._base: Frame | None = None
        self._base_bells: Hashable = None
        """The source of the bells that the base counts: see `Layers.bell_source`."""
        self._part_row: int | None = None
        """The row at which the next part of a large picture begins. None: the picture is painted whole."""
        self._appearance: Appearance | None = None
        """The pictures' appearance, if other clients may have the same. None: a private layer covers them."""
        self._question: WidthQuestion | None = None
        """The question for the terminal's widths, while we wait for answers."""
        self._is_lent = False
        """True while another program has the client's terminal."""

    @property
    def role(self) -> Role:
        """The client's role."""
        return self._layers.role

    @property
    def size(self) -> Size:
        """The client's terminal."""
        return self._layers.size

    @property
    def content_size(self) -> Size:
        """The part of the client's terminal that is for the session: without the status line."""
        return self._layers.area

    def enter(self) -> bytes:
        """Return the bytes that take over the client's terminal and ask for its widths. Send them first."""
        if not (self.kind.has_reports and self.kind.is_utf8 and may_ask(self.size)):
            return enter(self.kind)
        self._question = WidthQuestion()
        self._reader.is_listening = True
        return enter(self.kind) + QUESTION

    def leave(self, line: str) -> bytes:
        """Return the bytes that restore the client's terminal, and `line` with CR LF. Send them last."""
        encoded = safe_line(line).encode("utf-8" if self.kind.is_utf8 else "ascii", "replace")
        restored = b"" if self._is_lent else leave(self.kind, self._base)
        return restored + encoded + b"\r\n"

    def lend(self) -> bytes:
        """Return the bytes that restore the client's terminal for another program, until `reclaim`."""
        self._is_lent = True
        return leave(self.kind, self._base)

    def reclaim(self) -> bytes:
        """Return the bytes that take over the client's terminal again. The next painting is whole."""
        self._is_lent = False
        self._layers.is_changed = self._layers.is_unknown = True
        return enter(self.kind)

    @property
    def is_lent(self) -> bool:
        """True while another program has the client's terminal."""
        return self._is_lent

    def show(self, frame: Frame, panes: ShownPanes | None = None) -> None:
        """Take the newest frame of the window that the client looks at. It replaces the one before.

        `panes`: the window's panes and the active one, also if there is only one. None: the session has only one pane.
        """
        layers = self._layers
        known = layers.panes
        if (
            panes is not None
            and known is not None
            and panes.rects is known.rects
            and panes.active == known.active
            and panes.is_code is known.is_code
            and frame is not layers.frame
            and not frame.is_hidden
            and layers.scrollback is None
        ):  # the same place, and nothing else follows from it: each key comes here
            layers.panes, layers.frame, layers.is_newer = panes, frame, True
        elif frame is not layers.frame or panes != layers.panes:
            if frame.is_hidden:
                self._controls.hide_session()
            self._controls.look_at(None if panes is None else panes.active)
            has_moved = (panes and panes.active) != layers.pane
            layers.show(frame, panes)
            if has_moved:
                self._controls.arrived()

    def show_windows(self, windows: ShownWindows) -> None:
        """Take the session's windows, for the status line."""
        self._layers.show_windows(windows)

    def show_documents(self, shared: ShownDocuments, now_s: float) -> None:
        """Take what editors share now, for the code window."""
        self._layers.show_documents(shared, now_s)

    @property
    def watched_document(self) -> DocumentId | None:
        """The file whose text the client needs. None: they do not look at the code window, or it has no text."""
        panes = self._layers.panes
        return self._layers.code.watched if panes is not None and panes.is_code else None

    def resize(self, size: Size) -> None:
        """Take the client's new size. The next painting is whole."""
        self._layers.resize(size)

    def set_role(self, role: Role, now_s: float) -> None:
        """Take the client's new role. It changes the keys of the client and the modes that its terminal mirrors.

        A client that loses the right to type may be in the middle of a word: its rest is not obeyed as keys.
        """
        if role is not self._layers.role:
            self._layers.role = role
            self._layers.is_changed = True
            self._controls.reset(now_s)

    def tell(
        self, text: str, now_s: float, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False
    ) -> None:
        """Show a message for a few seconds; a newer one replaces it. With a title: a page, until a key is pressed.

        `items`: the page is a list to act on. Each line after the first is a person, or a window, and commands name
        it by its item.
        `starts_at_end`: the page shows its last lines first.
        """
        if title:
            self._controls.open_page(title, text, items, starts_at_end=starts_at_end)
        else:
            self._layers.tell(text, now_s)

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """Show a page from which the keys 1 to 9 copy something, if the terminal has a clipboard for programs."""
        self._controls.offer(title, text, copies if self.kind.has_clipboard else ())

    def ask(self, question: str, command: str) -> None:
        """Ask a question. The answer y gives this command."""
        self._controls.ask(question, command)

    def use_clipboard(self) -> None:
        """Send copies to the clipboard of the client's terminal from now on."""
        self._controls.copying.sets_clipboard = True

    def copied(self, text: str) -> bytes:
        """Return the bytes that put a text into the clipboard of the client's terminal (xterm ctlseqs, OSC 52)."""
        return b"\x1b]52;c;" + base64.b64encode(text.encode()) + b"\x07" if self.kind.has_clipboard else b""

    def program_copied(self, data: bytes) -> bytes:
        """Return what puts a program's text into the clipboard of the client's terminal; b"" if they do not allow it.

        For the session's owner only, whatever the setting is.
        """
        if (
            self._layers.role is not Role.OWNER
            or not self._controls.copying.sets_clipboard
            or not self.kind.has_clipboard
        ):
            return b""
        return b"\x1b]52;c;" + base64.b64encode(data[:MAX_CLIPBOARD_BYTES]) + b"\x07"

    def attend(self, attendance: Attendance) -> None:
        """Take the people that are here, for the status line."""
        self._layers.attend(attendance)

    def link_away(self, since_s: float | None, words: str = "host away") -> None:
        """Take the time since which the host is away, or what `words` say, for the status line. None: all is well."""
        self._layers.link_away(since_s, words)

    def history(self, lines: HistoryLines, pane: PaneId | None = None) -> list[Action]:
        """Take fetched history, the answer to `FetchHistory`; return the fetches that are needed next.

        It begins above the first wanted line if older lines are gone. `pane`: the pane that it belongs to. Nothing
        happens if the client looks at another pane now. None: it belongs to the active pane.
        """
        return self._controls.history(lines, pane)

    @property
    def is_live(self) -> bool:
        """True while the session is visible and no private layer covers it."""
        return self._layers.is_live

    @property
    def is_dirty(self) -> bool:
        """True if the terminal may not show the newest picture, and is ours to paint."""
        layers = self._layers
        return (layers.is_newer or layers.is_changed) and layers.frame is not None and not self._is_lent

    @property
    def wake_at_s(self) -> float | None:
        """When `tick` has something to do. None: nothing waits."""
        reader_s, keys_s = self._reader.wake_at_s, self._controls.wake_at_s
        layers_s = self._layers.wake_at_s if self._layers.is_timed else None
        if keys_s is None and layers_s is None:
            return reader_s
        return min(each for each in (reader_s, keys_s, layers_s) if each is not None)

    @property
    def is_timed(self) -> bool:
        """False if nothing that a painting shows may change by time alone. Then no painting changes `wake_at_s`."""
        return self._layers.is_timed

    @property
    def typing_place(self) -> TypingPlace | None:
        """The cells where the client's keys show, when all is painted (see `is_dirty`). None: they show nowhere."""
        layers = self._layers
        if layers.frame is None or not layers.is_live or not layers.role.may_type:
            return None
        return typing_place(layers.frame, layers.panes, layers.viewport.offset, layers.area)

    def paint(self, now_s: float) -> bytes:
        """Return the bytes that bring the terminal to the newest picture, and count it as shown. b"": nothing to do.

        A very large change is painted in parts: the view is dirty again after each but the last.
        """
        layers = self._layers
        frame = layers.frame
        if frame is None or not (layers.is_newer or layers.is_changed):
            return b""
        layers.pass_time(now_s)
        if self._base_bells != layers.bell_source:
            self._base_bells = layers.bell_source
            if self._base is not None:  # the bells of another window are no news
                self._base = self._cache.counted(self._base, frame.bells)
        appearance, base = self._appearance, self._base
        if (
            not layers.is_changed
            and appearance is not None
            and base is not None
            and frame.size is appearance.shape.size
            and frame.modes is appearance.shape.modes
        ):
            self._base, self._part_row, painted = self._cache.step(base, frame, appearance, self._part_row or 0)
        else:
            painted = self._paint(frame, now_s)
        layers.is_changed = layers.is_unknown = False
        layers.is_newer = self._part_row is not None
        return painted

    def _paint(self, frame: Frame, now_s: float) -> bytes:
        """Paint when more than the frame may have changed."""
        layers = self._layers
        self._listen(now_s)
        layers.note_sizes(frame, now_s)
        target = layers.picture(frame, self._cache)
        base = None if layers.is_unknown else self._base
        start = self._part_row or 0
        if not layers.is_private:
            target, self._part_row = self._cache.part(base, target, start)
            painted = self._cache.paint(base, target, self.kind)
        else:  # it does not go into the cache
            target, self._part_row = next_part(base, target, start, MAX_PART_BYTES)
            painted = paint(base, target, self.kind)
        if base is None and self._base is not None and self._base.title and not target.title:
            painted = forget_title(self.kind) + painted
        self._base = target
        shape = layers.steady_shape(frame, self._cache)
        self._appearance = None if shape is None else self._cache.appearance(shape, self.kind)
        modes = target.modes
        is_old_mouse = modes.mouse is not Mouse.OFF and modes.mouse_encoding is MouseEncoding.X10
        self._reader.mouse_bytes = 3 if is_old_mouse and self.kind.has_input_modes else 0
        return painted

    def passes_on(self, data: bytes, now_s: float) -> bool:
        """Return whether input goes to the session as it is, and changes nothing here. Most keys do."""
        return self._reader.is_idle and self._controls.passes_on(data, now_s)

    def plain_keys(self, now_s: float) -> frozenset[bytes]:
        """Return the single bytes for which `passes_on` is true now."""
        return self._controls.plain_keys(now_s) if self._reader.is_idle else frozenset()

    def prints_echoes(self, frame: Frame) -> bool:
        """Return whether the terminal shows this frame, and what is written into blank cells has only to be printed."""
        base, layers, row = self._base, self._layers, frame.cursor.row
        if base is None or self._appearance is None or layers.frame is not frame or self.is_dirty or self._is_lent:
            return False
        is_steady = layers.is_live and not layers.is_timed and self._part_row is None
        return is_steady and base.cursor == frame.cursor and base.rows[row] is frame.rows[row]

    def keys(self, data: bytes, now_s: float) -> list[Action]:
        """Take input from the client's terminal and return the actions, in order."""
        if self.passes_on(data, now_s):
            return [Type(data)]
        pieces = self._reader.feed(data, now_s)
        self._listen(now_s)
        return self._controls.take(pieces, now_s)

    def _listen(self, now_s: float) -> None:
        """Take the terminal's answers about its widths, while we wait for them."""
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
                self._layers.use_widths(widths)
        if question.is_over(now_s):
            self._question = None
            self._reader.is_listening = False

    def give(self, line: str, now_s: float) -> list[Action]:
        """Obey a command in words, as one typed after the prefix and `:`, and return the actions, in order."""
        return self._controls.give(line, now_s)

    def tick(self, now_s: float) -> list[Action]:
        """Do the work that is due: pass on a single ESC, obey a watcher's key, end a message, fetch history again."""
        self._layers.pass_time(now_s)
        return self._controls.take(self._reader.tick(now_s), now_s)
