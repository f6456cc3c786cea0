"""The context of each command about windows: its sender's windows and place, and the rights of the sender."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pairterm.errors import UsageError
from pairterm.safe_text import safe_line
from pairterm.session.commands.command_types import WindowCommand
from pairterm.session.commands.result import CommandSender
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.pane_programs import Environment
from pairterm.session.windows.targets import Here, Targets
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import MAX_NAME_CHARS
from pairterm.types import ClientId, PaneId

__all__ = ["WindowContext", "check_has_program", "targets_of"]


def targets_of(parts: SessionParts, sender: CommandSender) -> Targets:
    """Return what the sender's targets can mean. For everybody who came by a gateway, a hidden window does not exist.

    A shell in a pane means that pane's window, and there the active pane, as in tmux.

    Raises:
        UsageError: There is nothing that the sender may see now.
    """
    if not sender.sees_hidden and parts.gate.is_paused:
        raise UsageError("paused by the owner", code="paused")
    look = parts.looks.of(sender.client)
    around = parts.windows.of(sender.pane) if sender.pane is not None else None
    window = around or (parts.windows.get(look.window) if look is not None else None)
    if window is None:
        raise UsageError("no current target", code="no_window")
    pane = look.pane if look is not None and look.window == window.id else window.active
    visible = [each for each in parts.windows if sender.sees_hidden or not each.is_hidden]
    return Targets(parts.name, visible, Here(window, pane, parts.looks.last_window(sender.client)))


def check_has_program(pane: Pane) -> None:
    """Check that a pane is no pane of documents.

    Raises:
        UsageError: It is one.
    """
    if pane.is_document:
        raise UsageError("the code window shows what an editor shares: it has no program", code="no_program")


@dataclass(frozen=True, slots=True)
class WindowContext:
    """One command about windows, and what it acts on."""

    parts: SessionParts
    command: WindowCommand
    sender: CommandSender
    targets: Targets
    changes_windows: bool = False
    """The command changes each window that its options mean. So the sender must have the right to type there."""

    def refreshed(self) -> WindowContext:
        """Return the context after a change of the windows or of where the sender is."""
        return replace(self, targets=targets_of(self.parts, self.sender))

    @property
    def client(self) -> ClientId | None:
        """The client that gives the command; None: the owner's command line."""
        return self.sender.client

    def may_type_in(self, window: Window | None) -> bool:
        """Return whether the sender may type in a window now; None: in the session as a whole."""
        if self.sender.is_owner:
            return True
        where = window.id if window is not None else None
        return self.client is not None and self.parts.gate.may_type_in(self.client, where)

    def has(self, letter: str) -> bool:
        """Return whether an option without a value is given."""
        return letter in self.command.flags

    def value(self, letter: str, default: str = "") -> str:
        """Return the value of an option."""
        value = self.command.value(letter)
        return default if value is None else value

    def window(self, letter: str = "t") -> Window:
        """Return the window that an option means, or the one where the sender is.

        Raises:
            UsageError: There is none, or the command would change it and the sender may not.
        """
        window = self.targets.window(self.value(letter))
        if self.changes_windows:
            self.check_may_type(window)
        return window

    def pane(self, letter: str = "t") -> tuple[Window, PaneId]:
        """Return the pane that an option means, or the active one where the sender is; and its window.

        Raises:
            UsageError: There is none, or the command would change its window and the sender may not.
        """
        window, pane = self.targets.pane(self.value(letter))
        if self.changes_windows:
            self.check_may_type(window)
        return window, pane

    def program_pane(self, letter: str = "t") -> tuple[Window, PaneId]:
        """Return the pane that an option means as `pane` does, if it has a program.

        Raises:
            UsageError: There is none, it has no program, or the sender may not change its window.
        """
        window, pane = self.pane(letter)
        check_has_program(window.panes[pane])
        return window, pane

    def name(self, text: str) -> str:
        """Return a name for a window: one line, without control characters, as long as a link carries."""
        return safe_line(text)[:MAX_NAME_CHARS]

    def check_may_type(self, window: Window | None) -> None:
        """Check that the sender may type in a window now: such commands can do what can be done in its shell.

        None: in the session as a whole, as commands need that make windows or put them in another order.

        Raises:
            UsageError: They may not.
        """
        if self.may_type_in(window):
            return
        person = self.parts.people.get(self.client)
        role = person.role_in(window.id if window is not None else None) if person is not None else self.sender.role
        text = "you may only watch"
        if role.may_type:
            text = "someone else has the keyboard"
        elif person is not None and person.window_roles:
            text = f"you may only watch in window {window.index}" if window else "you may type in some windows only"
        raise UsageError(text, code="not_allowed")

    def check_may_arrange(self, window: Window) -> None:
        """Check that the sender may choose or zoom a pane: in the window where they look, or where they may type.

        In another window, the choice is for all who look there.

        Raises:
            UsageError: They may not.
        """
        if window is not self.targets.window() and not self.may_type_in(window):
            text = f"you look at another window: 'select-window -t :{window.index}' goes there"
            raise UsageError(text, code="not_allowed")

    def check_may_run(self, *, is_repeated: bool = False) -> None:
        """Check that the sender may start a program of their choice: not while the owner confirms their lines.

        `is_repeated`: without a program of their own, the command starts again what somebody started before.

        Raises:
            UsageError: They may not.
        """
        words = [*self.command.words, *self.command.all_values("e")]
        if self.parts.gate.confirms_enter and not self.sender.is_owner and (words or is_repeated):
            how = "open another pane" if is_repeated else "open it without a command"
            raise UsageError(f"the owner confirms each line: {how}", code="not_allowed")

    @property
    def environment(self) -> Environment:
        """The variables that `-e NAME=VALUE` gives the program. As in tmux, a text without "=" gives none."""
        pairs = (each.partition("=") for each in self.command.all_values("e"))
        return tuple((name, value) for name, equals, value in pairs if equals and name and "\0" not in name + value)
