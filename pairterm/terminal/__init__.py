"""From the bytes a program prints to immutable frames.

`Screen` and `Terminal` load on first use: a gateway or a viewer needs frames only, and
does not load the emulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pairterm.terminal.screen import Screen
    from pairterm.terminal.terminal import Terminal

__all__ = ["Screen", "Terminal"]


def __getattr__(name: str) -> object:
    if name == "Screen":
        from pairterm.terminal.screen import Screen

        return Screen
    if name == "Terminal":
        from pairterm.terminal.terminal import Terminal

        return Terminal
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
