"""The command of a client that knocks: it may give its name, and nothing else."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import Rename
from pairterm.session.commands.parse import parse_command
from pairterm.session.effects import Effect, Tell
from pairterm.session.session_parts import SessionParts
from pairterm.types import ClientId

__all__ = ["obey_newcomer"]


def obey_newcomer(parts: SessionParts, client: ClientId, line: str, now_s: float) -> list[Effect]:
    """Carry out a command of a client that knocks."""
    try:
        match parse_command(line):
            case Rename(words):
                return parts.membership.name_newcomer(client, " ".join(words), now_s)
    except UsageError:
        pass
    return [Tell(client, "wait until you are in")]
