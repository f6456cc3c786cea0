"""Adds a group of options to a command, for options that several commands share or that would hide its function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

__all__ = ["with_options"]

_F = TypeVar("_F", bound=Callable[..., Any])


def with_options(command: _F, options: Iterable[Callable[[Any], Any]]) -> _F:
    """Return the command with these options of click. `--help` shows them in this order."""
    for option in reversed(list(options)):
        command = option(command)
    return command
