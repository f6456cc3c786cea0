"""The commands about windows and panes: each has its function in the file of its subject."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.errors import UsageError
from pairterm.session.commands import layouts, listing, panes, pipe_pane, respawn, window_settings, windows
from pairterm.session.commands.command_types import WindowCommand
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_context import WindowContext, targets_of
from pairterm.session.commands.window_syntax import Right, find_syntax
from pairterm.session.session_parts import SessionParts

__all__ = ["obey_window_command"]


def obey_window_command(
    parts: SessionParts, command: WindowCommand, sender: CommandSender, now_s: float
) -> CommandResult:
    """Carry out a command about windows.

    Raises:
        UsageError: The sender may not give it, or it can't be done; nothing is done.
    """
    syntax = find_syntax(command.name)
    assert syntax is not None
    if syntax.right is Right.OWNER and not sender.is_owner:
        raise UsageError("only the owner may do this", code="not_allowed")
    changes = syntax.right in (Right.TYPE, Right.TYPE_EVERYWHERE)
    context = WindowContext(parts, command, sender, targets_of(parts, sender), changes)
    if syntax.right is Right.TYPE_EVERYWHERE:
        context.check_may_type(None)
    return _FUNCTIONS[command.name](context)


_FUNCTIONS: dict[str, Callable[[WindowContext], CommandResult]] = {
    "new-window": windows.new_window,
    "select-window": windows.select_window,
    "next-window": windows.next_window,
    "previous-window": windows.previous_window,
    "last-window": windows.last_window,
    "find-window": listing.find_window,
    "choose-tree": listing.choose_tree,
    "rename-window": windows.rename_window,
    "move-window": windows.move_window,
    "swap-window": windows.swap_window,
    "kill-window": windows.kill_window,
    "list-windows": listing.list_windows,
    "split-window": panes.split_window,
    "select-pane": panes.select_pane,
    "last-pane": panes.last_pane,
    "resize-pane": layouts.resize_pane,
    "resize-border": layouts.resize_border,
    "swap-pane": panes.swap_pane,
    "rotate-window": layouts.rotate_window,
    "break-pane": panes.break_pane,
    "join-pane": panes.join_pane,
    "move-pane": panes.join_pane,
    "kill-pane": panes.kill_pane,
    "respawn-pane": respawn.respawn_pane,
    "respawn-window": respawn.respawn_window,
    "pipe-pane": pipe_pane.pipe_pane,
    "clear-history": respawn.clear_history,
    "list-panes": listing.list_panes,
    "select-layout": layouts.select_layout,
    "next-layout": layouts.next_layout,
    "previous-layout": layouts.previous_layout,
    "set-window-option": window_settings.set_window_option,
    "show-window-options": window_settings.show_window_options,
    "display-message": listing.display_message,
}
