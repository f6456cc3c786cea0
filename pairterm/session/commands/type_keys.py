"""The command `send-keys`: it types keys into a pane, as the owner."""

from __future__ import annotations

from pairterm.session.commands.command_types import SendKeys
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_context import check_has_program, targets_of
from pairterm.session.effects import WritePty
from pairterm.session.session_parts import SessionParts

__all__ = ["type_keys"]


def type_keys(parts: SessionParts, command: SendKeys, sender: CommandSender, now_s: float) -> CommandResult:
    """Type keys into a pane, as its program's modes and the session's TERM spell them."""
    # Here, not at the top: it loads the names of keys, which a host does not need otherwise.
    from pairterm.session.commands.send_keys import bytes_of_words

    _, pane = targets_of(parts, sender).pane(command.target)
    check_has_program(parts.windows.known_pane(pane))
    modes = parts.windows.known_pane(pane).frame().modes
    return CommandResult([WritePty(bytes_of_words(command.words, modes=modes, term=parts.term), pane)])
