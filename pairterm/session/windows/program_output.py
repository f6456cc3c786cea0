"""A program's output in its pane: the picture, replies, the clipboard, and pictures that a program holds back."""

from __future__ import annotations

from pairterm.session.effects import Effect, Publish, SetClipboard, Wake, WritePty
from pairterm.session.windows.alerts import Alerts
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.window_list import WindowList
from pairterm.terminal.events import ClipboardWrite

__all__ = ["ProgramOutput"]

_SYNCHRONISED_LIMIT_S = 0.15
"""How long a program may hold its picture back (DECSET 2026). After that the picture is shown anyway."""


class ProgramOutput:
    """The output of one session's programs. Times are monotonic seconds."""

    def __init__(self, windows: WindowList, alerts: Alerts) -> None:
        self._windows = windows
        self._alerts = alerts

    def feed(self, pane: Pane, data: bytes, now_s: float) -> list[Effect]:
        """Take the output of a pane's program."""
        terminal = pane.terminal
        terminal.feed(data)
        effects = self._alerts.printed(pane)
        if terminal.has_news:
            effects += self._news(pane)
        if not terminal.is_synchronised:
            pane.synchronised_until_s = None
            effects.append(Publish(pane.id))
        elif pane.synchronised_until_s is None:
            pane.synchronised_until_s = now_s + _SYNCHRONISED_LIMIT_S
            effects.append(Wake(pane.synchronised_until_s))
        return effects

    def _news(self, pane: Pane) -> list[Effect]:
        """Return what follows from a program's queries and its requests to the desktop."""
        terminal = pane.terminal
        clipboard = [each.data for each in terminal.take_events() if isinstance(each, ClipboardWrite)]
        effects: list[Effect] = [SetClipboard(clipboard[-1])] if clipboard else []
        replies = terminal.take_replies()
        return [*effects, WritePty(replies, pane.id)] if replies else effects

    def show_held_pictures(self, now_s: float) -> list[Effect]:
        """Show the pictures that programs have held back for too long."""
        effects: list[Effect] = []
        for pane in self._windows.panes():
            if pane.synchronised_until_s is not None and now_s >= pane.synchronised_until_s:
                pane.terminal.end_synchronised()
                pane.synchronised_until_s = None
                effects.append(Publish(pane.id))
        return effects

    def take_command(self, pane: Pane, command: str, directory: str) -> None:
        """Take the name and the directory of the program in the foreground of a pane: windows are named so."""
        pane.directory = directory
        if pane.command == command:
            return
        pane.command = command
        window = self._windows.of(pane.id)
        assert window is not None, "the window of a pane that is there"
        window.settle_name()
        self._windows.changed()
