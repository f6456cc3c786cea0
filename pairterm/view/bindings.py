"""What keys do: the tables of bindings, with tmux's names for keys and, where it has them, commands.

There are four tables. `prefix`: after the prefix key, for everyone. `root`:
without it, for those who may type; what is not bound there is typed. `read-only`:
without it, for those who may not. `scrollback`: while a viewer looks at the history.

A configuration changes them by names, as in `{"C-x": "detach-client", "d": "none", "root:F12": "list-keys"}`.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from pairterm.errors import UsageError
from pairterm.text import has_unsafe
from pairterm.view.key_names import canonical_name

__all__ = ["DEFAULT_PREFIX", "MAX_LINE_CHARS", "SHOW_LINKS", "Binding", "Bindings", "KeyCommand", "Line", "Table"]

DEFAULT_PREFIX = "C-b"

MAX_LINE_CHARS = 256
"""Of a command in words: longer than any."""


class KeyCommand(enum.Enum):
    """What a key can be bound to; the value is the name in a configuration, `text` what the help says."""

    text: str

    def __new__(cls, name: str, text: str) -> KeyCommand:
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


_COMMANDS = {command.value: command for command in KeyCommand}


@dataclass(frozen=True, slots=True)
class Line:
    """A key that gives a command in words, as if it were typed at the prompt.

    A line that ends with a space is put into the prompt, to be completed there. In a
    configuration it is the line after a colon, as in `":kick "`.
    """

    line: str
    help: str = ""

    @property
    def value(self) -> str:
        """The name in a configuration."""
        return f":{self.line}"

    @property
    def text(self) -> str:
        """What the help says."""
        return self.help or f"give the command: {self.line.strip()}"


Binding: TypeAlias = KeyCommand | Line
"""What a key can be bound to."""


class Table(enum.Enum):
    """The tables of bindings, by their names in a configuration."""

    PREFIX = "prefix"
    ROOT = "root"
    READ_ONLY = "read-only"
    SCROLLBACK = "scrollback"


REPEATABLE = frozenset({KeyCommand.PAN_UP, KeyCommand.PAN_DOWN, KeyCommand.PAN_LEFT, KeyCommand.PAN_RIGHT})
"""After one of these the prefix need not be pressed again for a moment (tmux's `bind -r`)."""

_PAN = {
    "Up": KeyCommand.PAN_UP,
    "Down": KeyCommand.PAN_DOWN,
    "Left": KeyCommand.PAN_LEFT,
    "Right": KeyCommand.PAN_RIGHT,
}

ASK = Line("ask", "ask for the keyboard")

SHOW_LINKS = Line("links", "how guests join, for the owner alone")

_PEOPLE = {
    "w": Line("who", "who is here"),
    "m": Line("say ", "say something to everybody; it never reaches the shell"),
    "M": Line("chat", "what was said"),
    "r": ASK,
    "g": Line("give ", "give the keyboard to somebody"),
    "t": Line("take", "take the keyboard back, as the owner"),
    "y": Line("accept", "say yes to what is asked"),
    "o": Line("accept-ro", "let who knocks in, to watch only"),
    "n": Line("decline", "say no"),
    "N": Line("decline-ban", "say no, and keep its key or address out"),
    "i": SHOW_LINKS,
    "!": Line("panic --ask", "all guests watch only; asks y/n unless one has just typed"),
    "P": Line("pause", "hide the session from all guests, or show it again"),
}
"""Commands for the session's people, judged by the host."""

_DEFAULTS: dict[Table, dict[str, Binding]] = {
    Table.PREFIX: {
        "d": KeyCommand.DETACH,
        **dict.fromkeys(("R", "C-l"), KeyCommand.REDRAW),
        "?": KeyCommand.HELP,
        ":": KeyCommand.PROMPT,
        "[": KeyCommand.SCROLLBACK,
        "PPage": KeyCommand.SCROLLBACK_UP,
        "W": KeyCommand.TOGGLE_MOUSE,
        "T": KeyCommand.TOGGLE_STATUS,
        **_PAN,
        "DC": KeyCommand.FOLLOW,
        "Home": KeyCommand.FOLLOW,
        **_PEOPLE,
    },
    Table.ROOT: {"S-PPage": KeyCommand.SCROLLBACK_UP, "WheelUpPane": KeyCommand.SCROLLBACK_WHEEL},
    Table.READ_ONLY: {
        "q": KeyCommand.DETACH,
        "C-c": KeyCommand.DETACH,
        "C-d": KeyCommand.DETACH,
        "?": KeyCommand.HELP,
        **_PAN,
        "Home": KeyCommand.FOLLOW,
        "[": KeyCommand.SCROLLBACK,
        "PPage": KeyCommand.SCROLLBACK_UP,
        "S-PPage": KeyCommand.SCROLLBACK_UP,
        "WheelUpPane": KeyCommand.SCROLLBACK_WHEEL,
    },
    Table.SCROLLBACK: {
        **dict.fromkeys(("Up", "k", "C-p"), KeyCommand.LINE_UP),
        **dict.fromkeys(("Down", "j", "C-n"), KeyCommand.LINE_DOWN),
        **dict.fromkeys(("PPage", "S-PPage", "b", "M-v"), KeyCommand.PAGE_UP),
        **dict.fromkeys(("NPage", "S-NPage", "Space", "f", "C-f", "C-v"), KeyCommand.PAGE_DOWN),
        **dict.fromkeys(("C-u", "u"), KeyCommand.HALF_UP),
        **dict.fromkeys(("C-d", "d"), KeyCommand.HALF_DOWN),
        **dict.fromkeys(("Left", "h"), KeyCommand.LEFT),
        **dict.fromkeys(("Right", "l"), KeyCommand.RIGHT),
        **dict.fromkeys(("g", "Home", "M-<"), KeyCommand.TOP),
        **dict.fromkeys(("G", "End", "M->"), KeyCommand.BOTTOM),
        **dict.fromkeys(("q", "Escape", "C-c", "Enter"), KeyCommand.CANCEL),
        "WheelUpPane": KeyCommand.WHEEL_UP,
        "WheelDownPane": KeyCommand.WHEEL_DOWN,
        "/": KeyCommand.SEARCH_DOWN,
        "?": KeyCommand.SEARCH_UP,
        "n": KeyCommand.SEARCH_AGAIN,
        "N": KeyCommand.SEARCH_REVERSE,
    },
}


def _default_tables() -> Mapping[Table, Mapping[str, Binding]]:
    return MappingProxyType({table: MappingProxyType(keys) for table, keys in _DEFAULTS.items()})


@dataclass(frozen=True, slots=True)
class Bindings:
    """The prefix key and the tables; `tables` has all four."""

    prefix: str = DEFAULT_PREFIX
    tables: Mapping[Table, Mapping[str, Binding]] = field(default_factory=_default_tables)

    @classmethod
    def of(cls, prefix: str = DEFAULT_PREFIX, changes: Mapping[str, str] | None = None) -> Bindings:
        """Return the default bindings with another prefix and with changes: names of keys and of commands.

        A key stands for itself in the prefix table, or with a table's name before it, as in `root:F12`.

        Raises:
            UsageError: A name is not known.
        """
        prefix = canonical_name(prefix)
        if len(prefix) == 1:
            raise UsageError(
                f"{prefix!r} can't be the prefix, it is typed: take for example C-b or F12", code="unknown_key"
            )
        tables = {table: dict(keys) for table, keys in _DEFAULTS.items()}
        tables[Table.PREFIX][prefix] = KeyCommand.SEND_PREFIX
        for name, command in (changes or {}).items():
            table, key = _place(name)
            tables[table][canonical_name(key)] = _command(command)
        return cls(prefix, MappingProxyType({table: MappingProxyType(keys) for table, keys in tables.items()}))

    def hint(self, *, may_type: bool) -> str:
        """Return how to get help, and for one who looks on how to leave, in a few words; "" if no key does."""
        if may_type:
            return " ".join(f"{self.prefix} {key} keys" for key in self._keys(Table.PREFIX, KeyCommand.HELP))
        helps, leaves = self._keys(Table.READ_ONLY, KeyCommand.HELP), self._keys(Table.READ_ONLY, KeyCommand.DETACH)
        return "  ".join([*(f"{key} keys" for key in helps), *(f"{key} leaves" for key in leaves)])

    @property
    def watching(self) -> str:
        """What somebody who only watches is told when they type."""
        ways = [f"{self.prefix} {key} asks for the keyboard" for key in self._keys(Table.PREFIX, ASK)]
        ways += [f"{self.prefix} {key} leaves" for key in self._keys(Table.PREFIX, KeyCommand.DETACH)]
        return "; ".join(["you are watching", *filter(None, [", ".join(ways)])])

    def unbound(self, key: str) -> str:
        """Return what somebody is told who pressed a key after the prefix that does nothing."""
        helps = [f"{self.prefix} {each} lists the keys" for each in self._keys(Table.PREFIX, KeyCommand.HELP)]
        return "; ".join([f"{self.prefix} {key} is not bound", *helps])

    @property
    def links_hint(self) -> str:
        """What an owner needs who sees the links, perhaps for the first time."""
        again = [f"{self.prefix} {key}" for key in self._keys(Table.PREFIX, SHOW_LINKS)] or [f"{self.prefix} :links"]
        parts = [f"{again[0]} shows this page again, to you alone"]
        parts += [f"{self.prefix} {key} leaves" for key in self._keys(Table.PREFIX, KeyCommand.DETACH)]
        parts += [f"{self.prefix} {key} lists the keys" for key in self._keys(Table.PREFIX, KeyCommand.HELP)]
        return "; ".join(parts)

    def _keys(self, table: Table, command: Binding) -> list[str]:
        """Return the first key that a command is bound to, if there is one."""
        return [key for key, bound in self.tables[table].items() if bound.value == command.value][:1]

    def command(self, table: Table, key: str) -> Binding | None:
        """Return what a key does in a table; None: it is not bound there."""
        command = self.tables[table].get(key)
        return None if command is KeyCommand.NONE else command


def _place(name: str) -> tuple[Table, str]:
    """Return the table and the key that a name in a configuration stands for."""
    before, colon, key = name.partition(":")
    for table in Table:
        if colon and key and before == table.value:
            return table, key
    return Table.PREFIX, name


def _command(name: str) -> Binding:
    if name.startswith(":") and name[1:].strip():
        line = name[1:]
        if len(line) > MAX_LINE_CHARS or has_unsafe(line):
            raise UsageError(f"a key can't give {line[:40]!r}: it is too long or not printable", code="unknown_command")
        return Line(line)
    command = _COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, _COMMANDS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "docs/keys.md has the list"
        raise UsageError(f"no command of keys is called {name!r}: {hint}", code="unknown_command")
    return command
