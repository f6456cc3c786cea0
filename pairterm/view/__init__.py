"""The view of one client: the picture on their terminal, the bytes that paint it, and their keys.

Start at `View`. `compose` makes pictures from frames, and `painter` makes bytes from
pictures. `input_pieces` and `key_state` make keys from bytes. `terminal_kind` says
what a terminal can do.

A name is loaded when it is used first: `pairterm new` reads the user's keys by
`bindings`, and loads no view.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_MODULES = {
    "Bindings": "pairterm.view.bindings",
    "PaintCache": "pairterm.view.paint_cache",
    "TerminalKind": "pairterm.view.terminal_kind",
    "View": "pairterm.view.view",
}
"""Where the names are that `pairterm.view.actions` does not have."""


def __getattr__(name: str) -> object:
    """Load a name's module."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES.get(name, "pairterm.view.actions")), name)
    globals()[name] = value
    return value
