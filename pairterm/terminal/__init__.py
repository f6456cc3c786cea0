"""From the bytes a program prints to immutable frames."""

from pairterm.terminal.screen import Screen
from pairterm.terminal.terminal import Terminal

__all__ = ["Screen", "Terminal"]
