"""The commands about who sees what: follow the leader or not, bring everyone together, hide a window."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Follow", "Gather", "SetWindow"]


@dataclass(frozen=True, slots=True)
class Follow:
    """`follow [on|off|toggle]`: look where the leader looks, or for oneself; None: change it to the other."""

    is_on: bool | None


@dataclass(frozen=True, slots=True)
class Gather:
    """`gather`: bring everyone to the window where the owner looks."""


@dataclass(frozen=True, slots=True)
class SetWindow:
    """`set-window hidden [on|off|toggle] [-t TARGET]`; None: change it to the other."""

    is_hidden: bool | None
    target: str = ""
    """"": the window where the sender looks."""
