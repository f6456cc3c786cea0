"""The commands that a client gives in words, by `C-b :` or by `pairterm set`: parsed here, carried out by the core."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TypeAlias

from pairterm.errors import UsageError

__all__ = ["Command", "KillSession", "SetOption", "ShowOptions", "parse_command"]


@dataclass(frozen=True, slots=True)
class SetOption:
    """`set OPTION VALUE`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """`show-options`."""


@dataclass(frozen=True, slots=True)
class KillSession:
    """`kill-session`."""


Command: TypeAlias = SetOption | ShowOptions | KillSession


def parse_command(line: str) -> Command:
    """Return what a line asks for; tmux's names are known.

    Raises:
        UsageError: It is no command.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"can't read the line: {error}", code="command_line") from error
    match words:
        case ["set" | "set-option", name, value, *rest]:
            return SetOption(name, " ".join([value, *rest]))
        case ["set" | "set-option", *_]:
            raise UsageError("say: set OPTION VALUE", code="command_line")
        case ["show" | "show-options"]:
            return ShowOptions()
        case ["kill-session" | "kill"]:
            return KillSession()
        case []:
            raise UsageError("nothing was said", code="command_line")
    raise UsageError(f"unknown command: {words[0]}", code="command_line")
