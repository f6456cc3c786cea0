"""One client's terminal: what it shows, the bytes that bring it up to date, what its keys mean.

A view holds the last picture handed to its transport (the *base*) and the
session's newest frame. It never queues: while the transport is busy, frames are
skipped, and the next painting spans everything that was missed (law 5). No I/O and
no clock: `now_s` is any clock that only goes forward. The idea is mosh's state
synchronisation.

Law 6: a read-only view never yields `Type`, whatever its bytes.

After any call, the view may be dirty: look at `is_dirty` and `wake_at_s`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.terminal.frame import Frame, Mouse, MouseEncoding, Row
from pairterm.types import Role, Size
from pairterm.view.actions import Action, Detach, Redraw, Say, Type
from pairterm.view.bindings import DEFAULT_PREFIX, Bindings, Command, Table
from pairterm.view.cache import PaintCache
from pairterm.view.input import InputReader, Kind, Piece
from pairterm.view.keyboard import Keyboard, Stroke
from pairterm.view.kind import TerminalKind
from pairterm.view.mouse import is_mouse, moved_mouse
from pairterm.view.painter import enter, leave, paint
from pairterm.view.picture import Desk
from pairterm.view.prompt import Outcome, Prompt
from pairterm.view.scrollback import Scrollback
from pairterm.view.status import Facts

__all__ = ["MESSAGE_S", "View"]

MESSAGE_S = 4.0
"""How long a message stays on the screen."""

_WHEEL_LINES = 3
"""Lines a notch of the wheel moves, as in tmux' emacs tables less two: five lose the eye."""

_PAN_STEPS = {
    Command.PAN_UP: (-1, 0),
    Command.PAN_DOWN: (1, 0),
    Command.PAN_LEFT: (0, -1),
    Command.PAN_RIGHT: (0, 1),
}


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
        bindings: Bindings | None = None,
        status: bool = False,
        mouse: bool = False,
        cache: PaintCache | None = None,
    ) -> None:
        """Make a view that shows nothing yet.

        Args:
            session: The session's name, for the status line.
            role: What the client may do.
            size: The client's terminal.
            kind: What it can do.
            prefix: The prefix key; not used if there are `bindings`.
            bindings: What keys do.
            status: Whether the terminal's last row is a status line. It is the client's, so
                the session should get one row less of this client: see `session_area`.
            mouse: Whether the wheel scrolls the history while the program does not want the
                mouse. The client's terminal then selects text with Shift only.
            cache: Shared by the views of one session.

        Raises:
            UsageError: The prefix is no key.
        """
        self.session = session
        self.role = role
        self.kind = kind
        self._bindings = bindings or Bindings.of(prefix)
        self._keyboard = Keyboard(self._bindings, Table.ROOT if role.may_type else Table.READ_ONLY)
        self._cache = cache or PaintCache()
        self._reader = InputReader()
        self._desk = Desk(session=session, role=role, size=size, has_status=status, has_mouse=mouse)
        self._frame: Frame | None = None
        self._base: Frame | None = None
        self._message_until_s = 0.0
        self._leaves_at_bottom = False
        self._needs_paint = False

    @property
    def size(self) -> Size:
        """The client's terminal."""
        return self._desk.size

    @property
    def session_area(self) -> Size:
        """The part of the client's terminal that is for the session: without the status line."""
        return self._desk.area

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
            if self._desk.scrollback is not None:
                self._desk.scrollback.show(frame)
            self._needs_paint = True

    def resize(self, size: Size) -> None:
        """Take the client's new size; the next painting is whole."""
        self._desk.resize(size)
        self._base = None
        self._needs_paint = True

    def set_role(self, role: Role) -> None:
        """Take the client's new role: what its keys do and which modes it mirrors follow."""
        if role is not self.role:
            self.role = self._desk.role = role
            self._keyboard.reset()
            self._use_table()
            self._needs_paint = True

    def tell(self, text: str, now_s: float) -> None:
        """Show a message for `MESSAGE_S`; a newer one replaces it."""
        self._desk.message = text
        self._message_until_s = now_s + MESSAGE_S
        self._needs_paint = True

    def describe(self, facts: Facts) -> None:
        """Take what the status line says of the session."""
        if facts != self._desk.facts:
            self._desk.facts = facts
            self._needs_paint = self._needs_paint or self._desk.has_status

    def history(self, start: int, rows: Sequence[Row], end: int, now_s: float) -> list[Action]:
        """Take fetched history, the answer to `FetchHistory`; return what else is needed.

        Args:
            start: The number of the first of `rows`; above what was asked for if the host keeps no older lines.
            rows: The lines, at the width they have.
            end: The number of the next line to leave the screen.
            now_s: The time.
        """
        scrollback = self._desk.scrollback
        if scrollback is None:
            return []
        scrollback.take(start, rows, end)
        self._needs_paint = True
        return list(scrollback.pursue(now_s))

    @property
    def is_dirty(self) -> bool:
        """True if the terminal may not show the newest picture."""
        return self._needs_paint and self._frame is not None

    @property
    def wake_at_s(self) -> float | None:
        """When `tick` has something to do; None: nothing is waited for."""
        scrollback = self._desk.scrollback
        times = [
            self._reader.wake_at_s,
            self._message_until_s if self._desk.message else None,
            scrollback.retry_at_s if scrollback is not None else None,
        ]
        return min((at_s for at_s in times if at_s is not None), default=None)

    def paint(self, now_s: float) -> bytes:
        """Return what brings the terminal to the newest picture, and take it as shown; b"" when nothing is to do."""
        if self._frame is None or not self.is_dirty:
            return b""
        self._end_message(now_s)
        note = self._desk.new_viewport_note(self._frame)
        if note:
            self.tell(note, now_s)
        target = self._desk.picture(self._frame, self._cache)
        if self._desk.is_live:
            painted = self._cache.paint(self._base, target, self.kind)
        else:
            painted = paint(self._base, target, self.kind)  # nobody else's picture: not for the cache
        self._base = target
        self._needs_paint = False
        modes = target.modes
        is_old_mouse = modes.mouse is not Mouse.OFF and modes.mouse_encoding is MouseEncoding.X10
        self._reader.mouse_bytes = 3 if is_old_mouse and self.kind.has_input_modes else 0
        return painted

    def keys(self, data: bytes, now_s: float) -> list[Action]:
        """Take input from the client's terminal and return what it asks for, in order."""
        return self._taken(self._reader.feed(data, now_s), now_s)

    def tick(self, now_s: float) -> list[Action]:
        """Do what time asks for: let a lone ESC go, end a message, ask for history again."""
        self._end_message(now_s)
        return self._taken(self._reader.tick(now_s), now_s)

    def _taken(self, pieces: list[Piece], now_s: float) -> list[Action]:
        actions: list[Action] = []
        for piece in pieces:
            if not self._read_mouse(piece, actions):
                for stroke in self._keyboard.strokes(piece, now_s):
                    self._read(stroke, piece.kind, actions, now_s)
        if self._desk.scrollback is not None:
            actions += self._desk.scrollback.pursue(now_s)
        return _joined(actions)

    def _end_message(self, now_s: float) -> None:
        if self._desk.message and now_s >= self._message_until_s:
            self._desk.message = ""
            self._needs_paint = True

    def _read_mouse(self, piece: Piece, actions: list[Action]) -> bool:
        """Take a mouse report if the program wants it, in its own cells; return whether it was taken."""
        frame = self._frame
        if frame is None or piece.kind is not Kind.SEQUENCE or not is_mouse(piece.data):
            return False
        if not self._desk.is_live or not self.role.may_type:
            return False
        if frame.modes.mouse is Mouse.OFF:
            return False
        moved = moved_mouse(piece.data, self._desk.viewport.offset, frame.size, frame.modes.mouse_encoding)
        if moved:
            actions.append(Type(moved))
        return True

    def _read(self, stroke: Stroke, kind: Kind, actions: list[Action], now_s: float) -> None:
        desk = self._desk
        if stroke.command in (Command.DETACH, Command.REDRAW):
            self._run(stroke, actions, now_s)
        elif desk.prompt is not None:
            self._read_prompt(desk.prompt, stroke, kind, actions, now_s)
        elif desk.help_top is not None:
            self._read_help(stroke)
        elif stroke.command is not None:
            self._run(stroke, actions, now_s)
        elif desk.is_live and self.role.may_type and not (desk.has_mouse and is_mouse(stroke.data)):
            actions.append(Type(stroke.data))

    def _read_prompt(self, prompt: Prompt, stroke: Stroke, kind: Kind, actions: list[Action], now_s: float) -> None:
        self._needs_paint = True
        if kind is Kind.PASTE:
            prompt.paste(stroke.data)
            return
        outcome = prompt.press(stroke.data)
        if outcome is Outcome.OPEN:
            return
        self._desk.prompt = None
        self._use_table()
        if outcome is Outcome.CANCELLED or not prompt.text:
            return
        if prompt.purpose is Command.PROMPT:
            actions.append(Say(prompt.text))
        elif self._desk.scrollback is not None:
            self._desk.scrollback.search(prompt.text, 1 if prompt.purpose is Command.SEARCH_DOWN else -1)

    def _read_help(self, stroke: Stroke) -> None:
        """Turn the help's pages; any other key closes it."""
        self._needs_paint = True
        lines = {
            Command.LINE_UP: -1,
            Command.LINE_DOWN: 1,
            Command.WHEEL_UP: -_WHEEL_LINES,
            Command.WHEEL_DOWN: _WHEEL_LINES,
            Command.PAGE_UP: -self.size.rows,
            Command.PAGE_DOWN: self.size.rows,
        }.get(stroke.command or Command.NONE)
        if lines is None or not self._desk.turn_help(self._bindings, lines):
            self._desk.close_help()
            self._use_table()

    def _run(self, stroke: Stroke, actions: list[Action], now_s: float) -> None:
        """Do what a key is bound to."""
        command = stroke.command
        self._needs_paint = self._needs_paint or command not in (Command.DETACH, Command.SEND_PREFIX)
        match command:
            case None | Command.NONE:
                pass
            case Command.DETACH:
                actions.append(Detach())
            case Command.SEND_PREFIX:
                if self.role.may_type and self._desk.is_live:
                    actions.append(Type(stroke.data))
            case Command.REDRAW:
                self._base = None
                actions.append(Redraw())
            case Command.HELP:
                self._desk.open_help(self._bindings)
                self._use_table()
            case Command.PROMPT:
                self._open_prompt(":", command)
            case Command.TOGGLE_STATUS:
                self._desk.has_status = not self._desk.has_status
                self._desk.resize(self.size)
            case Command.TOGGLE_MOUSE:
                self._desk.has_mouse = not self._desk.has_mouse
                self.tell("the wheel scrolls" if self._desk.has_mouse else "the mouse is your terminal's", now_s)
            case Command.PAN_UP | Command.PAN_DOWN | Command.PAN_LEFT | Command.PAN_RIGHT | Command.FOLLOW:
                self._pan(command, now_s)
            case _:
                self._scroll(command)

    def _pan(self, command: Command, now_s: float) -> None:
        frame, desk = self._frame, self._desk
        if frame is None:
            return
        if command is Command.FOLLOW:
            desk.viewport.is_following = True
            return
        rows, cols = _PAN_STEPS[command]
        has_moved = desk.viewport.pan(rows, cols, frame.size, desk.area)
        if has_moved or self.role.may_type:
            note = desk.viewport.note(frame.size, desk.area)
            if not (note and desk.has_status):
                self.tell(note or "all of the session shows", now_s)
        elif rows < 0:  # nothing above but the history; terminals send the wheel as arrows, too
            self._enter_scrollback(-1, leaves_at_bottom=True)

    def _scroll(self, command: Command) -> None:
        """Do a command that enters or moves the private scrollback."""
        scrollback = self._desk.scrollback
        match command:
            case Command.SCROLLBACK:
                self._enter_scrollback(0, leaves_at_bottom=False)
            case Command.SCROLLBACK_WHEEL:
                self._enter_scrollback(-_WHEEL_LINES, leaves_at_bottom=True)
            case Command.SCROLLBACK_UP:
                self._enter_scrollback(-max(1, self._desk.area.rows - 2), leaves_at_bottom=True)
            case _ if scrollback is not None:
                self._move(scrollback, command)

    def _move(self, scrollback: Scrollback, command: Command) -> None:
        lines = _lines_of(command, scrollback.page)
        if lines:
            scrollback.move(lines)
            if lines > 0 and scrollback.is_at_bottom and self._leaves_at_bottom:
                self._leave_scrollback()
            return
        match command:
            case Command.TOP:
                scrollback.move_to_end(-1)
            case Command.BOTTOM:
                scrollback.move_to_end(1)
            case Command.LEFT:
                scrollback.move_columns(-1)
            case Command.RIGHT:
                scrollback.move_columns(1)
            case Command.SEARCH_AGAIN:
                scrollback.search_again(1)
            case Command.SEARCH_REVERSE:
                scrollback.search_again(-1)
            case Command.SEARCH_DOWN:
                self._open_prompt("/", command)
            case Command.SEARCH_UP:
                self._open_prompt("?", command)
            case Command.CANCEL:
                self._leave_scrollback()

    def _enter_scrollback(self, lines: int, *, leaves_at_bottom: bool) -> None:
        if self._frame is None:
            return
        if self._desk.scrollback is None:
            self._desk.scrollback = Scrollback(self._frame, self._desk.area)
            self._leaves_at_bottom = leaves_at_bottom
        self._desk.scrollback.move(lines)
        self._use_table()

    def _leave_scrollback(self) -> None:
        self._desk.scrollback = None
        self._use_table()

    def _open_prompt(self, label: str, purpose: Command) -> None:
        self._desk.prompt = Prompt(label, purpose)
        self._use_table()

    def _use_table(self) -> None:
        if not self._desk.is_live:
            self._keyboard.use(Table.SCROLLBACK)
        else:
            self._keyboard.use(Table.ROOT if self.role.may_type else Table.READ_ONLY)


def _lines_of(command: Command, page: int) -> int:
    """Return how many lines a command of the scrollback moves down, or with a negative number up; 0: none."""
    half = max(1, page // 2)
    return {
        Command.LINE_UP: -1,
        Command.LINE_DOWN: 1,
        Command.WHEEL_UP: -_WHEEL_LINES,
        Command.WHEEL_DOWN: _WHEEL_LINES,
        Command.PAGE_UP: -page,
        Command.PAGE_DOWN: page,
        Command.HALF_UP: -half,
        Command.HALF_DOWN: half,
    }.get(command, 0)


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
