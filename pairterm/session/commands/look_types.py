"""The commands about who sees what: follow the leader or not, bring everyone together, hide a window."""

from __future__ import annotations

import msgspec

__all__ = ["Follow", "Gather", "SetWindow"]


class Follow(msgspec.Struct, frozen=True):
    """`follow [on|off|toggle]`: look where the leader looks, or for oneself; None: change it to the other."""

    is_on: bool | None


class Gather(msgspec.Struct, frozen=True):
    """`gather`: bring everyone to the window where the owner looks."""


class SetWindow(msgspec.Struct, frozen=True):
    """`set-window hidden [on|off|toggle] [-t TARGET]`; None: change it to the other."""

    is_hidden: bool | None
    target: str = ""
    """"": the window where the sender looks."""
