"""The view of one client: the picture on their terminal, the bytes that paint it, and their keys.

Start at `View`. `compose` makes pictures from frames, and `painter` makes bytes from
pictures. `input_pieces` and `key_state` make keys from bytes. `terminal_kind` says
what a terminal can do.
"""

from pairterm.view.actions import (
    Action,
    Command,
    ContentSize,
    Copy,
    Detach,
    FetchHistory,
    Redraw,
    Replay,
    Type,
    ViewHistory,
)
from pairterm.view.bindings import Bindings
from pairterm.view.paint_cache import PaintCache
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View

__all__ = [
    "Action",
    "Bindings",
    "Command",
    "ContentSize",
    "Copy",
    "Detach",
    "FetchHistory",
    "PaintCache",
    "Redraw",
    "Replay",
    "TerminalKind",
    "Type",
    "View",
    "ViewHistory",
]
