"""What a client's keys do: to its own desk, or as actions for whoever owns the view.

Law 6: a read-only client's bytes never become `Type`, whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Mouse
from pairterm.view.actions import Action, Command, ContentSize, Copy, Detach, Redraw, Type
from pairterm.view.bindings import Binding, Bindings, KeyCommand, Table, TypedCommand
from pairterm.view.buffer_page import BufferPage, Choice
from pairterm.view.help import help_page
from pairterm.view.history_keys import HistoryKeys, scrolled_lines
from pairterm.view.input_pieces import Piece, PieceKind
from pairterm.view.key_spelling import spelled
from pairterm.view.key_state import KeyState, Stroke
from pairterm.view.layers import Layers
from pairterm.view.mouse import is_mouse, moved_mouse
from pairterm.view.page import Page
from pairterm.view.paste_buffers import Buffer
from pairterm.view.people_page import PeoplePage
from pairterm.view.prompt import Confirm, Prompt, PromptState

__all__ = ["Controls"]

_MAX_COMMANDS = 64
"""Commands carried out, of what arrives at once; nobody presses more keys in a moment, and noise costs time."""

_MAX_OWN_COST = 2048
"""How much input is looked at, of what arrives at once, when none of it can be typed, for the same reason: a byte of
text counts one, every other piece `_PIECE_COST`."""

_PIECE_COST = 8

_PAN_STEPS = {
    KeyCommand.PAN_UP: (-1, 0),
    KeyCommand.PAN_DOWN: (1, 0),
    KeyCommand.PAN_LEFT: (0, -1),
    KeyCommand.PAN_RIGHT: (0, 1),
}


_NAMED = {
    **{each.value: each for each in KeyCommand if each not in (KeyCommand.NONE, KeyCommand.SEND_PREFIX)},
    "help": KeyCommand.HELP,
    "lsk": KeyCommand.HELP,
    "detach": KeyCommand.DETACH,
    "refresh": KeyCommand.REDRAW,
    "pasteb": KeyCommand.PASTE,
    "lsb": KeyCommand.LIST_BUFFERS,
}
"""Commands of the key tables, which may be given in words too, and tmux's short names for them."""


class Controls:
    """One client's keys at one client's desk."""

    def __init__(self, desk: Layers, bindings: Bindings, *, has_clipboard: bool) -> None:
        self._desk = desk
        self.copying = HistoryKeys(desk, has_clipboard=has_clipboard)
        self._bindings = bindings
        self._keyboard = KeyState(bindings, Table.ROOT)
        self._actions: list[Action] = []
        self._commands_left = 0
        self.use_table()

    @property
    def wake_at_s(self) -> float | None:
        """When `take` has something to do without more input; None: never."""
        return self._keyboard.wake_at_s

    def reset(self, now_s: float) -> None:
        """Begin anew with another role: no prefix is down."""
        self._keyboard.reset()
        self.use_table()
        if not self._desk.role.may_type:
            self._keyboard.begin_watching(now_s)

    def use_table(self) -> None:
        """Choose the table of keys for what lies on the desk."""
        self._desk.hint = self._bindings.hint(may_type=self._desk.role.may_type)
        if self._desk.help is not None:
            self._keyboard.use(Table.PAGE)
        elif not self._desk.is_live:
            self._keyboard.use(self.copying.table)
        else:
            self._keyboard.use(Table.ROOT if self._desk.role.may_type else Table.READ_ONLY)

    def ask(self, question: str, command: str) -> None:
        """Ask a question that a yes answers with a command."""
        self._desk.prompt = Confirm(question, command)
        self._desk.is_changed = True
        self.use_table()

    def open_page(self, title: str, text: str, items: Sequence[str], *, starts_at_end: bool = False) -> None:
        """Lay a text over the screen until a key is pressed; `starts_at_end` shows its last lines first."""
        lines = text.split("\n")
        if items:
            self._desk.help = PeoplePage(title, lines, items)
        else:
            self._desk.help = Page(title, lines, at_end=starts_at_end)
        self._desk.is_changed = True
        self.use_table()

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """Lay a text over the screen, all of it to be read, from which the keys 1 to 9 copy something."""
        lines = text.split("\n")
        if copies:
            lines.append(" A number copies its command, if your terminal lets programs copy (OSC 52).")
        lines.append(f" {self._bindings.links_hint}")
        self._desk.help = Page(title, lines, wraps=True, copies=copies)
        self._desk.is_changed = True
        self.use_table()

    def passes_on(self, data: bytes, now_s: float) -> bool:
        """Return whether input goes to the session as it is: characters of which none means anything to us."""
        desk = self._desk
        return desk.is_live and desk.role.may_type and self._keyboard.is_text(data, now_s)

    def take(self, pieces: list[Piece], now_s: float) -> list[Action]:
        """Do what these pieces of input mean, and return what is not for the desk, in order."""
        self._actions = []
        self._commands_left = _MAX_COMMANDS
        own_left = _MAX_OWN_COST
        if (due := self._keyboard.due(now_s)) is not None:
            self._read(due, PieceKind.TEXT, now_s)
        for piece in pieces:
            if self._desk.is_live and self._desk.role.may_type:
                if piece.kind is PieceKind.SEQUENCE and self._keyboard.is_plain(piece.data, now_s):
                    self._type(piece.data, piece.kind)
                    continue
                if self._read_mouse(piece):
                    continue
            elif own_left <= 0:
                continue
            else:
                own_left -= len(piece.data) if piece.kind is PieceKind.TEXT else _PIECE_COST
            for stroke in self._keyboard.strokes(piece, now_s):
                if stroke.command not in (None, KeyCommand.SEND_PREFIX):
                    if not self._commands_left:
                        break
                    self._commands_left -= 1
                self._read(stroke, piece.kind, now_s)
        if self._desk.scrollback is not None:
            self._actions += self._desk.scrollback.pursue(now_s)
            self._finish_copy(now_s)
        return _joined(self._actions)

    def history(self, lines: HistoryLines) -> list[Action]:
        """Take fetched history; return what else is needed."""
        desk = self._desk
        if desk.scrollback is None:
            return []
        desk.is_changed = True
        self._actions = list(desk.scrollback.take(lines, desk.now_s))
        self._finish_copy(desk.now_s)
        return self._actions

    def _finish_copy(self, now_s: float) -> None:
        self._actions += self.copying.finish_copy(now_s)
        self.use_table()

    def hide_session(self) -> None:
        """Show nothing of the session any more: neither its history nor what was copied of it."""
        if isinstance(self._desk.help, BufferPage):
            self._desk.help = None
        self.leave_scrollback()

    def _type(self, data: bytes, kind: PieceKind) -> None:
        """Pass on what was typed, a key in the spelling that the program knows."""
        if kind is PieceKind.SEQUENCE and self._desk.frame is not None:
            data = spelled(data, term=self._desk.term, modes=self._desk.frame.modes)
        self._actions.append(Type(data))

    def _read_mouse(self, piece: Piece) -> bool:
        """Type a mouse report, in the session's cells, unless it is for our own wheel; return whether it was taken."""
        desk, frame = self._desk, self._desk.frame
        if piece.kind is not PieceKind.SEQUENCE or not is_mouse(piece.data):
            return False
        if frame is None or frame.modes.mouse is Mouse.OFF:
            if not desk.has_mouse:
                self._actions.append(Type(piece.data))
            return not desk.has_mouse
        moved = moved_mouse(piece.data, desk.cell_at, frame.size, frame.modes.mouse_encoding)
        if moved:
            self._actions.append(Type(moved))
        return True

    def _read(self, stroke: Stroke, kind: PieceKind, now_s: float) -> None:
        desk = self._desk
        if stroke.note:
            desk.tell(stroke.note, now_s)
        elif stroke.command in (KeyCommand.DETACH, KeyCommand.REDRAW):
            self._run(stroke, now_s)
        elif desk.prompt is not None:
            self._read_prompt(desk.prompt, stroke, kind, now_s)
        elif desk.help is not None:
            self._read_help(desk.help, stroke, now_s)
        elif stroke.command is not None:
            self._run(stroke, now_s)
        elif desk.is_live and desk.role.may_type and not (desk.has_mouse and is_mouse(stroke.data)):
            self._type(stroke.data, kind)

    def _read_prompt(self, prompt: Prompt, stroke: Stroke, kind: PieceKind, now_s: float) -> None:
        desk = self._desk
        desk.is_changed = True
        if kind is PieceKind.PASTE:
            prompt.paste(stroke.data)
            return
        outcome = prompt.press(stroke.data)
        if outcome is PromptState.OPEN:
            return
        desk.prompt = None
        self.use_table()
        if outcome is PromptState.DONE and isinstance(prompt, Confirm):
            self._actions.append(Command(prompt.command))
            return
        if outcome is PromptState.CANCELLED:
            return
        if prompt.purpose is not KeyCommand.PROMPT:
            self.copying.answer(prompt)
        elif prompt.text.strip():
            self._give(prompt.text.strip(), now_s)

    def _give(self, line: str, now_s: float) -> None:
        """Carry out a command in words if it concerns this view only; the others go to the session."""
        match _without_set(line):
            case ["status", "on" | "off" as value]:
                self._show_status(value == "on")
            case ["mouse", "on" | "off" as value]:
                self._use_mouse(value == "on", now_s)
            case ["clipboard" | "set-clipboard", "on" | "off" as value]:
                self.copying.use_clipboard(value == "on", now_s)
            case ["mode-keys", "vi" | "emacs" as value]:
                self.copying.use_keys(value, now_s)
                self.use_table()
            case ["paste-buffer" | "pasteb", "-b", name]:
                self._paste(self.copying.buffers.find(name), now_s)
            case [name] if (command := _NAMED.get(name)) is not None:
                self._run(Stroke(b"", command), now_s)
            case _:
                self._actions.append(Command(line))

    def _read_help(self, page: Page, stroke: Stroke, now_s: float) -> None:
        """Turn or copy; any other key closes the page, and in a list of people may act on the chosen one."""
        self._desk.is_changed = True
        if copied := page.copy(stroke.data):
            self._actions.append(Copy(copied))
            self._desk.tell(f"command {stroke.data.decode()} was sent to your terminal's clipboard", now_s)
            return
        if isinstance(page, BufferPage) and (choice := page.choice(stroke.data)) is not None:
            self._choose_buffer(page, choice, now_s)
            return
        line = page.command(stroke.data) if isinstance(page, PeoplePage) else ""
        if line:
            self._actions.append(Command(line))
            self._desk.help = None
            self.use_table()
            return
        lines = scrolled_lines(stroke.command, self._desk.area.rows - 1)
        if not lines or not page.turn(lines, self._desk.area):
            self._desk.help = None
            self.use_table()

    def _run(self, stroke: Stroke, now_s: float) -> None:
        """Do what a key is bound to."""
        desk, command = self._desk, stroke.command
        match command:
            case None | KeyCommand.NONE:
                pass
            case KeyCommand.DETACH:
                self._actions.append(Detach())
            case KeyCommand.SEND_PREFIX:
                if desk.role.may_type and desk.is_live:
                    self._actions.append(Type(stroke.data))
                elif desk.scrollback is not None:
                    desk.is_changed = True
                    own = self._bindings.command(self.copying.table, self._bindings.prefix)
                    self._scroll(own or KeyCommand.NONE, now_s)
            case KeyCommand.REDRAW:
                desk.is_changed = desk.is_unknown = True
                self._actions.append(Redraw())
            case TypedCommand(line) if not line.endswith(" "):
                self._give(line, now_s)
            case _:
                desk.is_changed = True
                self._run_on_desk(command, now_s)

    def _run_on_desk(self, command: Binding, now_s: float) -> None:
        """Do what changes only what this client sees."""
        desk = self._desk
        match command:
            case TypedCommand(line):
                self._open_prompt(":", KeyCommand.PROMPT, line)
            case KeyCommand.PROMPT:
                self._open_prompt(":", command)
            case KeyCommand.HELP:
                desk.help = help_page(desk.session, self._bindings, desk.role, self.copying.mode_keys)
                self.use_table()
            case KeyCommand.TOGGLE_STATUS:
                self._show_status(not desk.has_status)
            case KeyCommand.TOGGLE_MOUSE:
                self._use_mouse(not desk.has_mouse, now_s)
            case KeyCommand.PAN_UP | KeyCommand.PAN_DOWN | KeyCommand.PAN_LEFT | KeyCommand.PAN_RIGHT:
                self._pan(command, now_s)
            case KeyCommand.FOLLOW:
                desk.viewport.is_following = True
            case KeyCommand.PASTE:
                self._paste(self.copying.buffers.find(), now_s)
            case KeyCommand.CHOOSE_BUFFER | KeyCommand.LIST_BUFFERS:
                self.copying.list_buffers(now_s)
                self.use_table()
            case _:
                self._scroll(command, now_s)

    def _show_status(self, is_on: bool) -> None:
        before = self._desk.area
        self._desk.show_status(is_on)
        if self._desk.area != before:
            self._actions.append(ContentSize())

    def _use_mouse(self, is_on: bool, now_s: float) -> None:
        self._desk.has_mouse = is_on
        self._desk.tell("the wheel scrolls the history" if is_on else "the mouse is your terminal's own", now_s)

    def _pan(self, command: KeyCommand, now_s: float) -> None:
        desk, frame = self._desk, self._desk.frame
        if frame is None:
            return
        rows, cols = _PAN_STEPS[command]
        has_moved = desk.viewport.pan(rows, cols, frame.size, desk.area)
        note = desk.viewport.note(frame.size, desk.area)
        if has_moved or desk.role.may_type or note:
            if not (note and desk.has_status):
                desk.tell(note or "all of the session shows", now_s)
        elif rows < 0:  # nothing to pan, and terminals send the wheel as arrows: look at the history
            self.copying.enter_by_wheel(1)
            self.use_table()

    def _scroll(self, command: Binding, now_s: float) -> None:
        """Do a command that enters the private scrollback, or one that does something in it."""
        if command in (KeyCommand.SCROLLBACK, KeyCommand.SCROLLBACK_WHEEL, KeyCommand.SCROLLBACK_UP):
            self.copying.enter(command)
        elif self._desk.scrollback is not None:
            self.copying.run(self._desk.scrollback, command)
        self._finish_copy(now_s)

    def leave_scrollback(self) -> None:
        """Show the session again, and forget all that was fetched of its history."""
        self.copying.leave()
        self.use_table()

    def _paste(self, buffer: Buffer | None, now_s: float) -> None:
        """Type a buffer's text, if the client may type (Law 6)."""
        if not self._desk.role.may_type:
            self._desk.tell(self._bindings.watching, now_s)
            return
        self._actions += self.copying.paste(buffer, now_s)
        self.use_table()

    def _choose_buffer(self, page: BufferPage, choice: Choice, now_s: float) -> None:
        """Paste or delete the chosen buffer."""
        buffer = page.chosen
        if choice is Choice.DELETE and buffer is not None:
            self.copying.buffers.delete(buffer.name)
            page.update(self.copying.buffers.all())
        if choice is Choice.PASTE or page.chosen is None:
            self._desk.help = None
            self.use_table()
        if choice is Choice.PASTE:
            self._paste(buffer, now_s)

    def _open_prompt(self, label: str, purpose: KeyCommand, text: str = "") -> None:
        self._desk.prompt = Prompt(label, purpose, text)
        self.use_table()


def _without_set(line: str) -> list[str]:
    """Return a command's words; of one that sets an option, without tmux's name for that and its flags."""
    words = line.split()
    if words[:1] not in (["set"], ["set-option"], ["setw"], ["set-window-option"]):
        return words
    while words[1:] and words[1].startswith("-"):
        del words[1]
    return words[1:]


def _joined(actions: list[Action]) -> list[Action]:
    """Join neighbouring `Type`s: one write to the pty instead of many. Cost: O(bytes)."""
    joined: list[Action] = []
    for is_typed, group in groupby(actions, key=lambda action: isinstance(action, Type)):
        if is_typed:
            joined.append(Type(b"".join(action.data for action in group if isinstance(action, Type))))
        else:
            joined += group
    return joined
