"""Commands in words that a view obeys itself, because they change only this client's screen."""

from __future__ import annotations

from pairterm.view.key_commands import KeyCommand

__all__ = ["NAMED", "without_set"]

NAMED = {
    **{each.value: each for each in KeyCommand if each not in (KeyCommand.NONE, KeyCommand.SEND_PREFIX)},
    "help": KeyCommand.HELP,
    "lsk": KeyCommand.HELP,
    "detach": KeyCommand.DETACH,
    "refresh": KeyCommand.REDRAW,
    "pasteb": KeyCommand.PASTE,
    "lsb": KeyCommand.LIST_BUFFERS,
    "displayp": KeyCommand.DISPLAY_PANES,
}
"""The commands of the key tables, which can be typed too, and tmux's short names for them."""


def without_set(line: str) -> list[str]:
    """Return the words of a command. For a command that sets an option, only the option and its value."""
    words = line.split()
    if words[:1] not in (["set"], ["set-option"], ["setw"], ["set-window-option"]):
        return words
    while words[1:] and words[1].startswith("-"):
        del words[1]
    return words[1:]
