"""Commands that start another program in a pane, and one that clears a pane's history."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext, check_has_program
from pairterm.session.effects import Effect, Publish
from pairterm.session.windows.layout import Layout
from pairterm.session.windows.window import Window
from pairterm.types import PaneId

__all__ = ["clear_history", "respawn_pane", "respawn_window"]


def respawn_pane(context: WindowContext) -> CommandResult:
    """Start a program in a pane whose program has ended, or with -k in any pane."""
    window, pane = context.program_pane()
    if context.parts.windows.runs(pane) and not context.has("k"):
        place = f"{context.parts.name}:{window.index}.{window.layout.panes.index(pane)}"
        raise UsageError(f"respawn pane failed: pane {place} still active", code="running")
    return CommandResult(_respawned(context, window, pane))


def respawn_window(context: WindowContext) -> CommandResult:
    """Start a program in the first pane of a window and close its other panes. Without -k all must have ended."""
    window = context.window()
    parts = context.parts
    check_has_program(window.panes[window.active])
    if not context.has("k") and any(parts.windows.runs(each) for each in window.panes):
        raise UsageError(f"respawn window failed: window {parts.name}:{window.index} still active", code="running")
    first, *others = window.layout.panes
    started = _respawned(context, window, first)
    closed = [effect for each in others for effect in parts.pane_programs.remove(each)]
    window.layout = Layout.single(first, window.size)
    return CommandResult([*closed, *started])


def clear_history(context: WindowContext) -> CommandResult:
    """Drop the lines that left a pane's screen."""
    window, pane = context.program_pane()
    window.panes[pane].terminal.clear_history()
    return CommandResult([Publish(pane)])


def _respawned(context: WindowContext, window: Window, pane: PaneId) -> list[Effect]:
    context.check_may_run(is_repeated=True)
    return context.parts.pane_programs.respawn(
        context.client,
        window.panes[pane],
        context.command.words,
        directory=context.value("c"),
        environment=context.environment,
    )
