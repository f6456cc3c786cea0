"""Keys in the code window: those of `less` and of vi, as far as they move through a text."""

from __future__ import annotations

from pairterm.view.key_commands import Binding, KeyCommand

__all__ = ["CODE_KEYS"]

CODE_KEYS: dict[str, Binding] = {
    **dict.fromkeys(("Up", "k", "C-p"), KeyCommand.LINE_UP),
    **dict.fromkeys(("Down", "j", "C-n"), KeyCommand.LINE_DOWN),
    **dict.fromkeys(("PPage", "S-PPage", "b"), KeyCommand.PAGE_UP),
    **dict.fromkeys(("NPage", "S-NPage", "Space"), KeyCommand.PAGE_DOWN),
    **dict.fromkeys(("C-u", "u"), KeyCommand.HALF_UP),
    **dict.fromkeys(("C-d", "d"), KeyCommand.HALF_DOWN),
    "WheelUpPane": KeyCommand.WHEEL_UP,
    "WheelDownPane": KeyCommand.WHEEL_DOWN,
    **dict.fromkeys(("Left", "h"), KeyCommand.SCROLL_LEFT),
    **dict.fromkeys(("Right", "l"), KeyCommand.SCROLL_RIGHT),
    **dict.fromkeys(("g", "Home"), KeyCommand.FILE_TOP),
    **dict.fromkeys(("G", "End"), KeyCommand.FILE_BOTTOM),
    "Tab": KeyCommand.NEXT_FILE,
    "BTab": KeyCommand.PREVIOUS_FILE,
    "f": KeyCommand.FOLLOW_EDITOR,
    "s": KeyCommand.NEXT_EDITOR,
    "/": KeyCommand.SEARCH_DOWN,
    "?": KeyCommand.SEARCH_UP,
    "n": KeyCommand.SEARCH_AGAIN,
    "N": KeyCommand.SEARCH_REVERSE,
}
