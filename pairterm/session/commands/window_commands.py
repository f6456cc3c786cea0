"""Commands about windows: open, choose, name, move and close them."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import NewWindow, SelectWindow, SplitWindow
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.window import Window

__all__ = ["new_window", "select_window", "split_window"]


def new_window(parts: SessionParts, command: NewWindow, sender: CommandSender, now_s: float) -> CommandResult:
    """Open a window."""
    _, effects = parts.pane_programs.new_window(
        sender.client, command.command, name=command.name, directory=command.directory, selects=command.selects
    )
    return CommandResult(effects)


def select_window(parts: SessionParts, command: SelectWindow, sender: CommandSender, now_s: float) -> CommandResult:
    """Look at another window."""
    parts.looks.select(sender.client, _window(parts, command.target, sender))
    return CommandResult([])


def split_window(parts: SessionParts, command: SplitWindow, sender: CommandSender, now_s: float) -> CommandResult:
    """Split the active pane."""
    look = parts.looks.of(sender.client)
    if look is None:
        raise UsageError("there is no pane to split", code="no_pane")
    _, effects = parts.pane_programs.split(
        sender.client, look.pane, command.command, side_by_side=command.side_by_side, directory=command.directory
    )
    return CommandResult(effects)


def _window(parts: SessionParts, target: str, sender: CommandSender) -> Window:
    """Return the window that a target names: `:3`, `+`, `-`, `!`."""
    windows = [each for each in parts.windows if sender.is_owner or not each.is_hidden]
    look = parts.looks.of(sender.client)
    here = next((at for at, each in enumerate(windows) if look is not None and each.id == look.window), 0)
    found: Window | None = None
    if target in ("+", "-"):
        found = windows[(here + (1 if target == "+" else -1)) % len(windows)] if windows else None
    elif target == "!":
        found = parts.windows.get(parts.looks.last_window(sender.client))
    else:
        found = next((each for each in windows if str(each.index) == target.removeprefix(":")), None)
    if found is None:
        raise UsageError(f"can't find window: {target[:60]}", code="no_window")
    return found
