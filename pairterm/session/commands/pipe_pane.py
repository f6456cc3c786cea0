"""`pipe-pane`: a command of the host's shell gets the output of a pane, or types into it. For the owner alone."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.formats import expanded
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.effects import Note, PipePane

__all__ = ["pipe_pane"]


def pipe_pane(context: WindowContext) -> CommandResult:
    """Close the command that a pane has, and start another one if it is given; with -o only where there was none."""
    window, pane_id = context.program_pane()
    pane = window.panes[pane_id]
    if pane.death is not None:
        raise UsageError("target pane has exited", code="dead")
    was_piped = pane.is_piped
    words = context.command.words
    command = words[0] if words and not (context.has("o") and was_piped) else ""
    if "\0" in command:
        raise UsageError("a command has no NUL in it", code="command")
    types = context.has("I")
    pane.is_piped = bool(command)
    if not command and not was_piped:
        return CommandResult([])
    order = PipePane(
        pane_id,
        expanded(context, command, window, pane_id),
        reads_output=context.has("O") or not types,
        types=types,
    )
    return CommandResult([order, Note("pipe-pane", {"pane": pane_id, "state": "open" if command else "closed"})])
