"""What keys do: the tables of bindings, with tmux's names for keys and, where it has them, commands.

There are four tables. `prefix`: after the prefix key, for everyone. `root`:
without it, for those who may type; what is not bound there is typed. `read-only`:
without it, for those who may not. `scrollback`: while a viewer looks at the history.

A configuration changes them by names, as in `{"prefix": {"C-x": "detach-client", "d": "none"}}`.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pairterm.errors import UsageError
from pairterm.view.keynames import canonical_name

__all__ = ["DEFAULT_PREFIX", "Bindings", "Command", "Table"]

DEFAULT_PREFIX = "C-b"


class Command(enum.Enum):
    """What a key can be bound to; the value is the name in a configuration, `text` what the help says."""

    text: str

    def __new__(cls, name: str, text: str) -> Command:
        """Keep the help's text beside the name."""
        command = object.__new__(cls)
        command._value_ = name
        command.text = text
        return command

    NONE = ("none", "nothing")
    DETACH = ("detach-client", "leave; the session goes on")
    SEND_PREFIX = ("send-prefix", "send the prefix key to the program")
    REDRAW = ("refresh-client", "paint the screen afresh")
    HELP = ("list-keys", "this list")
    PROMPT = ("command-prompt", "give a command, for example: set size-policy largest")
    SCROLLBACK = ("copy-mode", "look at the history; nobody else's screen moves")
    SCROLLBACK_UP = ("copy-mode-up", "the history, one page up")
    SCROLLBACK_WHEEL = ("copy-mode-wheel", "the history, a few lines up")
    TOGGLE_STATUS = ("toggle-status", "show or hide the status line")
    TOGGLE_MOUSE = ("toggle-mouse", "the wheel scrolls the history, or the terminal has the mouse")
    PAN_UP = ("pan-up", "move the viewport up")
    PAN_DOWN = ("pan-down", "move the viewport down")
    PAN_LEFT = ("pan-left", "move the viewport left")
    PAN_RIGHT = ("pan-right", "move the viewport right")
    FOLLOW = ("pan-follow", "let the viewport follow the cursor again")
    LINE_UP = ("scroll-up", "one line up")
    LINE_DOWN = ("scroll-down", "one line down")
    PAGE_UP = ("page-up", "one page up")
    PAGE_DOWN = ("page-down", "one page down")
    HALF_UP = ("halfpage-up", "half a page up")
    HALF_DOWN = ("halfpage-down", "half a page down")
    WHEEL_UP = ("wheel-up", "a few lines up")
    WHEEL_DOWN = ("wheel-down", "a few lines down")
    LEFT = ("scroll-left", "to the left")
    RIGHT = ("scroll-right", "to the right")
    TOP = ("history-top", "the oldest line")
    BOTTOM = ("history-bottom", "the newest line")
    SEARCH_DOWN = ("search-forward", "search downwards")
    SEARCH_UP = ("search-backward", "search upwards")
    SEARCH_AGAIN = ("search-again", "the next match")
    SEARCH_REVERSE = ("search-reverse", "the next match the other way")
    CANCEL = ("cancel", "back to the live screen")


_COMMANDS = {command.value: command for command in Command}


class Table(enum.Enum):
    """The tables of bindings, by their names in a configuration."""

    PREFIX = "prefix"
    ROOT = "root"
    READ_ONLY = "read-only"
    SCROLLBACK = "scrollback"


REPEATABLE = frozenset({Command.PAN_UP, Command.PAN_DOWN, Command.PAN_LEFT, Command.PAN_RIGHT})
"""After one of these the prefix need not be pressed again for a moment (tmux's `bind -r`)."""

_PAN = {"Up": Command.PAN_UP, "Down": Command.PAN_DOWN, "Left": Command.PAN_LEFT, "Right": Command.PAN_RIGHT}

_DEFAULTS: dict[Table, dict[str, Command]] = {
    Table.PREFIX: {
        "d": Command.DETACH,
        "r": Command.REDRAW,
        "?": Command.HELP,
        ":": Command.PROMPT,
        "[": Command.SCROLLBACK,
        "PPage": Command.SCROLLBACK_UP,
        "m": Command.TOGGLE_MOUSE,
        "T": Command.TOGGLE_STATUS,
        **_PAN,
        "DC": Command.FOLLOW,
        "Home": Command.FOLLOW,
    },
    Table.ROOT: {"S-PPage": Command.SCROLLBACK_UP, "WheelUpPane": Command.SCROLLBACK_WHEEL},
    Table.READ_ONLY: {
        "q": Command.DETACH,
        "C-c": Command.DETACH,
        "C-d": Command.DETACH,
        "?": Command.HELP,
        **_PAN,
        "Home": Command.FOLLOW,
        "[": Command.SCROLLBACK,
        "PPage": Command.SCROLLBACK_UP,
        "S-PPage": Command.SCROLLBACK_UP,
        "WheelUpPane": Command.SCROLLBACK_WHEEL,
    },
    Table.SCROLLBACK: {
        **dict.fromkeys(("Up", "k", "C-p"), Command.LINE_UP),
        **dict.fromkeys(("Down", "j", "C-n"), Command.LINE_DOWN),
        **dict.fromkeys(("PPage", "S-PPage", "b", "M-v"), Command.PAGE_UP),
        **dict.fromkeys(("NPage", "S-NPage", "Space", "f", "C-f", "C-v"), Command.PAGE_DOWN),
        **dict.fromkeys(("C-u", "u"), Command.HALF_UP),
        **dict.fromkeys(("C-d", "d"), Command.HALF_DOWN),
        **dict.fromkeys(("Left", "h"), Command.LEFT),
        **dict.fromkeys(("Right", "l"), Command.RIGHT),
        **dict.fromkeys(("g", "Home", "M-<"), Command.TOP),
        **dict.fromkeys(("G", "End", "M->"), Command.BOTTOM),
        **dict.fromkeys(("q", "Escape", "C-c", "Enter"), Command.CANCEL),
        "WheelUpPane": Command.WHEEL_UP,
        "WheelDownPane": Command.WHEEL_DOWN,
        "/": Command.SEARCH_DOWN,
        "?": Command.SEARCH_UP,
        "n": Command.SEARCH_AGAIN,
        "N": Command.SEARCH_REVERSE,
    },
}


def _default_tables() -> Mapping[Table, Mapping[str, Command]]:
    return MappingProxyType({table: MappingProxyType(keys) for table, keys in _DEFAULTS.items()})


@dataclass(frozen=True, slots=True)
class Bindings:
    """The prefix key and the tables; `tables` has all four."""

    prefix: str = DEFAULT_PREFIX
    tables: Mapping[Table, Mapping[str, Command]] = field(default_factory=_default_tables)

    @classmethod
    def of(cls, prefix: str = DEFAULT_PREFIX, changes: Mapping[str, Mapping[str, str]] | None = None) -> Bindings:
        """Return the default bindings with another prefix and with changes, by names.

        Raises:
            UsageError: A name is not known.
        """
        prefix = canonical_name(prefix)
        tables = {table: dict(keys) for table, keys in _DEFAULTS.items()}
        tables[Table.PREFIX][prefix] = Command.SEND_PREFIX
        for table_name, keys in (changes or {}).items():
            table = tables[_table(table_name)]
            for key, command in keys.items():
                table[canonical_name(key)] = _command(command)
        return cls(prefix, MappingProxyType({table: MappingProxyType(keys) for table, keys in tables.items()}))

    def command(self, table: Table, key: str) -> Command | None:
        """Return what a key does in a table; None: it is not bound there."""
        command = self.tables[table].get(key)
        return None if command is Command.NONE else command


def _table(name: str) -> Table:
    try:
        return Table(name)
    except ValueError:
        known = ", ".join(table.value for table in Table)
        raise UsageError(f"no table of keys is called {name!r}: there are {known}", code="unknown_table") from None


def _command(name: str) -> Command:
    command = _COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, _COMMANDS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "docs/keys.md has the list"
        raise UsageError(f"no command of keys is called {name!r}: {hint}", code="unknown_command")
    return command
