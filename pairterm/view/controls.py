"""The effects of one client's keys: they change the client's layers, or become actions for the caller.

Law 6: a read-only client's bytes never become `Type`, whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import PaneId, Role
from pairterm.view.actions import (
    Action,
    Command,
    ContentSize,
    Detach,
    FetchHistory,
    Redraw,
    Replay,
    Type,
    ViewHistory,
    joined,
)
from pairterm.view.bindings import MAX_LINE_CHARS, Binding, Bindings, KeyCommand, Table, TypedCommand
from pairterm.view.buffer_commands import BUFFER_COMMANDS
from pairterm.view.buffer_page import BufferPage
from pairterm.view.document_keys import CODE_SEARCHES, DocumentKeys
from pairterm.view.help import help_page
from pairterm.view.history_keys import HistoryKeys
from pairterm.view.input_pieces import Piece, PieceKind
from pairterm.view.key_spelling import spelled
from pairterm.view.key_state import KeyState, Stroke
from pairterm.view.layers import Layers
from pairterm.view.mouse import is_mouse
from pairterm.view.own_commands import NAMED, without_set
from pairterm.view.page_keys import PageKeys
from pairterm.view.pane_choice import choose_pane
from pairterm.view.pane_numbers import NUMBERS_S
from pairterm.view.panning import pan
from pairterm.view.pointer import Pointer
from pairterm.view.prompt import Confirm, Prompt, PromptState
from pairterm.view.prompts import Prompts

__all__ = ["Controls"]

_MAX_COMMANDS = 64
"""The most commands that are obeyed at once. Nobody presses more keys in a moment, and noise costs time."""

_MAX_OWN_COST = 2048
"""How much input is examined at once when none of it can be typed, for the same reason. A byte of text counts as one,
and every other piece as `_PIECE_COST`."""

_PIECE_COST = 8


class Controls:
    """The effects of one client's keys on the layers of their screen."""

    def __init__(self, layers: Layers, bindings: Bindings, *, has_clipboard: bool) -> None:
        self._layers = layers
        self.copying = HistoryKeys(layers, bindings, has_clipboard=has_clipboard)
        self._code = DocumentKeys(layers)
        self._pointer = Pointer(layers, self.copying)
        self._pages = PageKeys(layers, bindings, self.copying)
        self._prompts = Prompts(layers)
        self._bindings = bindings
        self._keyboard = KeyState(bindings, Table.ROOT)
        self._actions: list[Action] = []
        self._commands_left = 0
        self.use_table()

    @property
    def wake_at_s(self) -> float | None:
        """When `take` has something to do without more input. None: never."""
        key_s, pointer_s = self._keyboard.wake_at_s, self._pointer.wake_at_s
        if key_s is None or pointer_s is None:
            return key_s if pointer_s is None else pointer_s
        return min(key_s, pointer_s)

    def reset(self, now_s: float) -> None:
        """Start again with another role, and forget a pressed prefix."""
        self._keyboard.reset()
        self.use_table()
        if not self._layers.role.may_type:
            self._keyboard.begin_watching(now_s)

    def use_table(self) -> None:
        """Choose the table of keys for the topmost layer."""
        layers = self._layers
        layers.hint = self._bindings.hint(may_type=layers.role.may_type, is_in_code=layers.shows_code)
        if layers.help is not None:
            self._keyboard.use(Table.PAGE)
        elif layers.prompt is None and layers.shows_code:
            self._keyboard.use(Table.CODE, is_over_watching=not layers.role.may_type)
        elif layers.is_covered:
            self._keyboard.use(self.copying.table)
        else:
            self._keyboard.use(Table.ROOT if layers.role.may_type else Table.READ_ONLY)

    def ask(self, question: str, command: str) -> None:
        """Ask a question. The answer y gives the command."""
        self._prompts.ask(question, command)
        self.use_table()

    def open_page(self, title: str, text: str, items: Sequence[str], *, starts_at_end: bool = False) -> None:
        """Show a text until a key is pressed. `starts_at_end`: its last lines show first."""
        self._pages.open(title, text, items, starts_at_end=starts_at_end)
        self.use_table()

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """Show a text from which the keys 1 to 9 copy something."""
        self._pages.offer(title, text, copies)
        self.use_table()

    def give(self, line: str, now_s: float) -> list[Action]:
        """Obey a command in words. Return the actions for the caller, in order."""
        self._actions = []
        self._commands_left = _MAX_COMMANDS
        self._give(line, now_s)
        return self._obeyed(now_s)

    def passes_on(self, data: bytes, now_s: float) -> bool:
        """Return whether input goes to the session as it is: it has only characters, and none is a key of ours."""
        layers = self._layers
        return layers.is_live and layers.role is not Role.READ_ONLY and self._keyboard.is_text(data, now_s)

    def plain_keys(self, now_s: float) -> frozenset[bytes]:
        """Return the single bytes for which `passes_on` is true now."""
        layers = self._layers
        is_passing = layers.is_live and layers.role is not Role.READ_ONLY
        return self._keyboard.plain_keys(now_s) if is_passing else frozenset()

    def take(self, pieces: list[Piece], now_s: float) -> list[Action]:
        """Obey these pieces of input. Return the actions for the caller, in order."""
        self._actions = []
        self._commands_left = _MAX_COMMANDS
        own_left = _MAX_OWN_COST
        self._pointer.finish_click(now_s)
        if (due := self._keyboard.due(now_s)) is not None:
            self._read(due, PieceKind.TEXT, now_s)
        for piece in pieces:
            if self._layers.is_live and self._layers.role.may_type:
                if piece.kind is PieceKind.SEQUENCE and self._keyboard.is_plain(piece.data, now_s):
                    self._type(piece.data, piece.kind)
                    continue
            elif own_left <= 0:
                continue
            else:
                own_left -= len(piece.data) if piece.kind is PieceKind.TEXT else _PIECE_COST
            if piece.kind is PieceKind.SEQUENCE and is_mouse(piece.data) and self._point(piece.data, now_s):
                continue
            for stroke in self._keyboard.strokes(piece, now_s):
                if stroke.command not in (None, KeyCommand.SEND_PREFIX):
                    if not self._commands_left:
                        break
                    self._commands_left -= 1
                self._read(stroke, piece.kind, now_s)
        self._actions += self._pointer.flush(now_s)
        return self._obeyed(now_s)

    def _obeyed(self, now_s: float) -> list[Action]:
        """Return the actions of what was obeyed, and of the history that it shows."""
        if self._layers.scrollback is not None:
            self._actions += self._for_pane(self._layers.scrollback.pursue(now_s))
            self._finish_copy(now_s)
        return joined(self._actions)

    def history(self, lines: HistoryLines, pane: PaneId | None) -> list[Action]:
        """Take fetched history. Return the fetches that are needed next. None: it is the active pane's."""
        layers = self._layers
        if layers.scrollback is None or (pane is not None and pane != layers.pane):
            return []
        layers.is_changed = True
        self._actions = self._for_pane(layers.scrollback.take(lines, layers.now_s))
        self._finish_copy(layers.now_s)
        return self._actions

    def _for_pane(self, fetches: list[FetchHistory]) -> list[Action]:
        """Return the fetches with the pane whose history the client reads."""
        pane = self._layers.pane
        return [fetch if pane is None else replace(fetch, pane=pane) for fetch in fetches]

    def _finish_copy(self, now_s: float) -> None:
        self._actions += self.copying.finish_copy(now_s)
        self.use_table()

    def hide_session(self) -> None:
        """Stop showing the session's history, and the texts that were copied from it."""
        if isinstance(self._layers.help, BufferPage):
            self._layers.help = None
        self.copying.forget()
        self.use_table()

    def look_at(self, pane: PaneId | None) -> None:
        """Show this pane from now on, live or where the client was in its history."""
        layers = self._layers
        if pane != layers.pane:
            if layers.shows_code and layers.prompt is not None and layers.prompt.purpose in CODE_SEARCHES:
                layers.prompt = None
            self.copying.look_at(pane)
            self.use_table()

    def arrived(self) -> None:
        """Do what waits for the pane that the client looks at now: its newest frame has come."""
        self._pointer.arrived()
        self.use_table()

    def _type(self, data: bytes, kind: PieceKind) -> None:
        """Pass on input. A key gets the encoding that the program knows."""
        if kind is PieceKind.SEQUENCE and (frame := self._layers.pane_frame) is not None:
            data = spelled(data, term=self._layers.term, modes=frame.modes)
        self._actions.append(Type(data))

    def _point(self, data: bytes, now_s: float) -> bool:
        """Obey a mouse report. Return whether it was one: the wheel may be a key."""
        was_covered = self._layers.is_covered
        actions = self._pointer.take(data, now_s)
        if actions is None:
            return False
        for action in actions:
            is_allowed = not isinstance(action, Command) or self._commands_left > 0
            self._commands_left -= isinstance(action, Command)
            if is_allowed:
                self._actions.append(action)
        if was_covered or self._layers.is_covered:
            self._finish_copy(now_s)
        return True

    def _read(self, stroke: Stroke, kind: PieceKind, now_s: float) -> None:
        layers = self._layers
        if layers.has_numbers:
            left, command = choose_pane(layers, stroke, kind)
            self._actions += [Command(command)] if command else []
            if left is None:
                return
            stroke = left
        if stroke.note:
            layers.tell(stroke.note, now_s)
        elif stroke.command in (KeyCommand.DETACH, KeyCommand.REDRAW):
            self._run(stroke, now_s)
        elif layers.prompt is not None:
            self._read_prompt(layers.prompt, stroke, kind, now_s)
        elif layers.help is not None:
            for action in self._pages.press(layers.help, stroke, now_s):
                if isinstance(action, Command):
                    self._give(action.line, now_s)
                else:
                    self._actions.append(action)
            self.use_table()
        elif stroke.command is not None:
            self._run(stroke, now_s)
        elif layers.is_live and layers.role.may_type and not (layers.has_mouse and is_mouse(stroke.data)):
            self._type(stroke.data, kind)

    def _read_prompt(self, prompt: Prompt, stroke: Stroke, kind: PieceKind, now_s: float) -> None:
        layers = self._layers
        outcome = self._prompts.read(prompt, stroke.data, kind)
        if outcome is PromptState.OPEN:
            return
        self.use_table()
        if outcome is PromptState.CANCELLED:
            return
        if isinstance(prompt, Confirm) and prompt.is_from_host:
            self._actions.append(Command(prompt.line))
        elif prompt.purpose is not KeyCommand.PROMPT and layers.shows_code:
            self._code.answer(prompt, now_s)
        elif prompt.purpose is not KeyCommand.PROMPT:
            self.copying.answer(prompt)
        elif len(prompt.line) > max(MAX_LINE_CHARS, len(prompt.text)):
            layers.tell("the command is too long", now_s)
        elif prompt.line:
            self._give(prompt.line, now_s)

    def _give(self, line: str, now_s: float) -> None:
        """Obey a command in words if it changes only this view. Other commands go to the session."""
        match without_set(line):
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
                self._actions += self.copying.paste(self.copying.buffers.find(name), now_s)
                self.use_table()
            case [name, *_] if name in BUFFER_COMMANDS and line.lstrip().startswith(name):
                self.copying.obey_buffer_command(line, now_s)
                self.use_table()
            case ["command-prompt" | "confirm-before" | "confirm", _, *_]:
                self._prompts.open_for(line, now_s)
                self.use_table()
            case ["search-backward" | "search-forward" as name, _, *_] if self._layers.shows_code:
                self._code.search(
                    line.strip().removeprefix(name).strip(), -1 if name == "search-backward" else 1, now_s
                )
            case ["search-backward" | "search-forward" as name, _, *_]:
                self.copying.search(name, line)
                self.use_table()
            case [name] if (command := NAMED.get(name)) is not None:
                self._run(Stroke(b"", command), now_s)
            case _:
                self._actions.append(Command(line))

    def _run(self, stroke: Stroke, now_s: float) -> None:
        """Obey the command of a key."""
        layers, command = self._layers, stroke.command
        match command:
            case None | KeyCommand.NONE:
                pass
            case KeyCommand.DETACH:
                self._actions.append(Detach())
            case KeyCommand.SEND_PREFIX:
                if layers.role.may_type and layers.is_live:
                    self._actions.append(Type(stroke.data))
                elif layers.scrollback is not None:
                    layers.is_changed = True
                    own = self._bindings.command(self.copying.table, self._bindings.prefix)
                    self._scroll(own or KeyCommand.NONE, now_s)
            case KeyCommand.VIEW_HISTORY if layers.role is not Role.OWNER:
                layers.tell(self._bindings.no_pager, now_s)
            case KeyCommand.VIEW_HISTORY | KeyCommand.REPLAY:
                self._actions.append(ViewHistory() if command is KeyCommand.VIEW_HISTORY else Replay())
            case KeyCommand.REDRAW:
                layers.is_changed = layers.is_unknown = True
                self._actions.append(Redraw())
            case TypedCommand(line) if not line.endswith(" "):
                self._give(line, now_s)
            case _:
                layers.is_changed = True
                self._run_here(command, now_s)

    def _run_here(self, command: Binding, now_s: float) -> None:
        """Obey a command that changes only this client's screen."""
        layers = self._layers
        match command:
            case TypedCommand(line):
                self._prompts.open(":", KeyCommand.PROMPT, line)
                self.use_table()
            case KeyCommand.PROMPT:
                self._prompts.open(":", command)
                self.use_table()
            case KeyCommand.HELP:
                layers.help = help_page(
                    layers.session,
                    self._bindings,
                    layers.role,
                    self.copying.mode_keys,
                    is_in_code=layers.shows_code,
                )
                self.use_table()
            case KeyCommand.TOGGLE_STATUS:
                self._show_status(not layers.has_status)
            case KeyCommand.TOGGLE_MOUSE:
                self._use_mouse(not layers.has_mouse, now_s)
            case KeyCommand.PAN_UP | KeyCommand.PAN_DOWN | KeyCommand.PAN_LEFT | KeyCommand.PAN_RIGHT:
                self._pan(command, now_s)
            case KeyCommand.FOLLOW if not layers.shows_code:
                layers.viewport.is_following = True
            case KeyCommand.DISPLAY_PANES if not layers.is_covered:
                layers.numbers_until_s = now_s + NUMBERS_S
            case KeyCommand.PASTE:
                self._actions += self.copying.paste(self.copying.buffers.find(), now_s)
                self.use_table()
            case KeyCommand.CHOOSE_BUFFER | KeyCommand.LIST_BUFFERS:
                self.copying.list_buffers(now_s)
                self.use_table()
            case _:
                self._scroll(command, now_s)

    def _show_status(self, is_on: bool) -> None:
        before = self._layers.area
        self._layers.show_status(is_on)
        if self._layers.area != before:
            self._actions.append(ContentSize())

    def _use_mouse(self, is_on: bool, now_s: float) -> None:
        self._layers.has_mouse = is_on
        text = "the mouse selects panes, windows and text" if is_on else "the mouse is your terminal's own"
        self._layers.tell(text, now_s)

    def _pan(self, command: KeyCommand, now_s: float) -> None:
        if not self._layers.shows_code and pan(self._layers, command, now_s):
            self.copying.enter_by_wheel(1)
            self.use_table()

    def _scroll(self, command: Binding, now_s: float) -> None:
        """Obey a command that shows the history, or one in it."""
        if self._layers.shows_code:
            self._code.run(command, now_s)
            self.use_table()
            return
        if command in (KeyCommand.SCROLLBACK, KeyCommand.SCROLLBACK_WHEEL, KeyCommand.SCROLLBACK_UP):
            self.copying.enter(command)
        elif self._layers.scrollback is not None:
            self.copying.run(self._layers.scrollback, command)
        self._finish_copy(now_s)
