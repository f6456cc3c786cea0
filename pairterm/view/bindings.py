"""The tables of key bindings. Keys have tmux's names, and so have the commands that tmux has too.

`prefix`: keys after the prefix key, for everyone. `root`: keys without it, for clients
that may type; keys without a binding are typed. `read-only`: keys without the prefix,
for clients that only watch. `copy-mode-vi` and `copy-mode`: keys in the history, as
`mode-keys` says (see `copy_keys`). `page`: keys in the help and in lists. `code`: keys in the window with the editor's
files.

A configuration changes them by names, as in `{"C-x": "detach-client", "d": "none", "root:F12": "list-keys"}`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from pairterm.errors import UsageError
from pairterm.safe_text import has_unsafe
from pairterm.view.code_keys import CODE_KEYS
from pairterm.view.copy_keys import COPY_MODE_KEYS, COPY_MODE_VI_KEYS
from pairterm.view.key_commands import Binding, KeyCommand, TypedCommand
from pairterm.view.key_names import canonical_name
from pairterm.view.window_keys import WINDOW_KEYS

__all__ = [
    "COPY_TABLES",
    "DEFAULT_PREFIX",
    "MAX_LINE_CHARS",
    "SHOW_LINKS",
    "Binding",
    "Bindings",
    "KeyCommand",
    "Table",
    "TypedCommand",
]

DEFAULT_PREFIX = "C-b"

MAX_LINE_CHARS = 256
"""The length of a command in words. No command is longer."""


_COMMANDS = {command.value: command for command in KeyCommand}


class Table(enum.Enum):
    """The tables of bindings, by their names in a configuration."""

    PREFIX = "prefix"
    ROOT = "root"
    READ_ONLY = "read-only"
    COPY = "copy-mode"
    COPY_VI = "copy-mode-vi"
    PAGE = "page"
    CODE = "code"


COPY_TABLES = {"vi": Table.COPY_VI, "emacs": Table.COPY}
"""The table of keys in the history for each value of `mode-keys`."""


_PAN: dict[str, Binding] = {
    "Up": KeyCommand.PAN_UP,
    "Down": KeyCommand.PAN_DOWN,
    "Left": KeyCommand.PAN_LEFT,
    "Right": KeyCommand.PAN_RIGHT,
}

ASK = TypedCommand("ask", "ask for the keyboard")

SHOW_LINKS = TypedCommand("links", "how guests join, for the owner alone")

_PEOPLE: dict[str, Binding] = {
    "D": TypedCommand("who", "who is here"),
    "m": TypedCommand("say ", "send a message to everybody; it never reaches the shell"),
    "M": TypedCommand("chat", "the chat"),
    "r": ASK,
    "g": TypedCommand("give ", "give the keyboard to somebody"),
    "G": TypedCommand("take", "take the keyboard back, as the owner"),
    "y": TypedCommand("accept", "say yes to the question"),
    "O": TypedCommand("accept-ro", "let them in, to watch only"),
    "N": TypedCommand("decline", "say no"),
    "B": TypedCommand("decline-ban", "say no, and block their key or address"),
    "i": SHOW_LINKS,
    "!": TypedCommand("panic --ask", "let all guests watch only; asks y/n unless one has just typed"),
    "C-r": TypedCommand("record", "record the session, or end the recording"),
    "P": TypedCommand("pause", "hide the session from all guests, or show it again"),
}
"""Commands about the session's people. The host decides whether the client may give them."""

_DEFAULTS: dict[Table, dict[str, Binding]] = {
    Table.PREFIX: {
        "d": KeyCommand.DETACH,
        **dict.fromkeys(("R", "C-l"), KeyCommand.REDRAW),
        "?": KeyCommand.HELP,
        ":": KeyCommand.PROMPT,
        "[": KeyCommand.SCROLLBACK,
        "PPage": KeyCommand.SCROLLBACK_UP,
        "v": KeyCommand.VIEW_HISTORY,
        "<": KeyCommand.REPLAY,
        "]": KeyCommand.PASTE,
        "=": KeyCommand.CHOOSE_BUFFER,
        "#": KeyCommand.LIST_BUFFERS,
        "W": KeyCommand.TOGGLE_MOUSE,
        "T": KeyCommand.TOGGLE_STATUS,
        **{f"S-{key}": command for key, command in _PAN.items()},
        "DC": KeyCommand.FOLLOW,
        "Home": KeyCommand.FOLLOW,
        **WINDOW_KEYS,
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
    Table.COPY: COPY_MODE_KEYS,
    Table.COPY_VI: COPY_MODE_VI_KEYS,
    Table.PAGE: {
        **dict.fromkeys(("Up", "k", "C-p"), KeyCommand.LINE_UP),
        **dict.fromkeys(("Down", "j", "C-n"), KeyCommand.LINE_DOWN),
        **dict.fromkeys(("PPage", "S-PPage", "b", "M-v"), KeyCommand.PAGE_UP),
        **dict.fromkeys(("NPage", "S-NPage", "Space", "f", "C-f", "C-v"), KeyCommand.PAGE_DOWN),
        **dict.fromkeys(("C-u", "u"), KeyCommand.HALF_UP),
        **dict.fromkeys(("C-d", "d"), KeyCommand.HALF_DOWN),
        "WheelUpPane": KeyCommand.WHEEL_UP,
        "WheelDownPane": KeyCommand.WHEEL_DOWN,
        **dict.fromkeys(("q", "Escape", "C-c"), KeyCommand.CANCEL),
    },
    Table.CODE: CODE_KEYS,
}


def _default_tables() -> Mapping[Table, Mapping[str, Binding]]:
    return MappingProxyType({table: MappingProxyType(keys) for table, keys in _DEFAULTS.items()})


class Bindings(msgspec.Struct, frozen=True):
    """The prefix key and all tables."""

    prefix: str = DEFAULT_PREFIX
    tables: Mapping[Table, Mapping[str, Binding]] = msgspec.field(default_factory=_default_tables)

    @classmethod
    def of(cls, prefix: str = DEFAULT_PREFIX, changes: Mapping[str, str] | None = None) -> Bindings:
        """Return the default bindings with another prefix and with changes: names of keys, and their commands.

        A key alone is a key of the prefix table. `root:F12` is a key of another table.

        Raises:
            UsageError: A name is unknown.
        """
        prefix = canonical_name(prefix)
        if len(prefix) == 1:
            raise UsageError(
                f"{prefix!r} can't be the prefix, because people type it: use for example C-b or F12",
                code="unknown_key",
            )
        tables = {table: dict(keys) for table, keys in _DEFAULTS.items()}
        tables[Table.PREFIX][prefix] = KeyCommand.SEND_PREFIX
        for name, command in (changes or {}).items():
            table, key = _place(name)
            tables[table][canonical_name(key)] = _command(command)
        return cls(prefix, MappingProxyType({table: MappingProxyType(keys) for table, keys in tables.items()}))

    def hint(self, *, may_type: bool, is_in_code: bool = False) -> str:
        """Return a short text: the key for help, and for a client that only watches also the key to leave."""
        helps = [f"{self.prefix} {key} keys" for key in self._keys(Table.PREFIX, KeyCommand.HELP)]
        if may_type:
            return " ".join(helps)
        if not is_in_code:  # there, the key searches
            helps = [f"{key} keys" for key in self._keys(Table.READ_ONLY, KeyCommand.HELP)]
        return "  ".join([*helps, *(f"{key} leaves" for key in self._keys(Table.READ_ONLY, KeyCommand.DETACH))])

    @property
    def watching(self) -> str:
        """The text for a client that only watches, when they type."""
        ways = [f"{self.prefix} {key} asks for the keyboard" for key in self._keys(Table.PREFIX, ASK)]
        ways += [f"{self.prefix} {key} leaves" for key in self._keys(Table.PREFIX, KeyCommand.DETACH)]
        return "; ".join(["you are watching", *filter(None, [", ".join(ways)])])

    @property
    def no_pager(self) -> str:
        """The message for a person who wants a pager, but is not the owner at their own terminal."""
        ways = [f"{self.prefix} {key}" for key in self._keys(Table.PREFIX, KeyCommand.SCROLLBACK)]
        here = (ways or [f"{self.prefix} :{KeyCommand.SCROLLBACK.value}"])[0]
        return f"{here} shows the history here; the owner's shell: pairterm capture-pane -p -S - | less"

    def unbound(self, key: str) -> str:
        """Return the text for a key after the prefix that is not bound."""
        helps = [f"{self.prefix} {each} lists the keys" for each in self._keys(Table.PREFIX, KeyCommand.HELP)]
        return "; ".join([f"{self.prefix} {key} is not bound", *helps])

    @property
    def links_hint(self) -> str:
        """The keys that an owner needs below the links, perhaps for the first time."""
        again = [f"{self.prefix} {key}" for key in self._keys(Table.PREFIX, SHOW_LINKS)] or [f"{self.prefix} :links"]
        parts = [f"{again[0]} shows this page again, to you alone"]
        parts += [f"{self.prefix} {key} leaves" for key in self._keys(Table.PREFIX, KeyCommand.DETACH)]
        parts += [f"{self.prefix} {key} lists the keys" for key in self._keys(Table.PREFIX, KeyCommand.HELP)]
        return "; ".join(parts)

    def _keys(self, table: Table, command: Binding) -> list[str]:
        """Return the first key with this command, or none."""
        return [key for key, bound in self.tables[table].items() if bound.value == command.value][:1]

    def command(self, table: Table, key: str) -> Binding | None:
        """Return the command of a key in a table. None: the key is not bound there."""
        command = self.tables[table].get(key)
        return None if command is KeyCommand.NONE else command


def _place(name: str) -> tuple[Table, str]:
    """Return the table and the key for a name in a configuration."""
    before, colon, key = name.partition(":")
    for table in Table:
        if colon and key and before == table.value:
            return table, key
    return Table.PREFIX, name


def _command(name: str) -> Binding:
    if name.startswith(":") and name[1:].strip():
        line = name[1:]
        if len(line) > MAX_LINE_CHARS or has_unsafe(line):
            raise UsageError(
                f"a key can't give the command {line[:40]!r}: it is too long or not printable", code="unknown_command"
            )
        return TypedCommand(line)
    command = _COMMANDS.get(name)
    if command is None:
        import difflib  # Here, not at the top: most names are right.

        near = difflib.get_close_matches(name, _COMMANDS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "docs/keys.md has the list"
        raise UsageError(f"no key can have the command {name!r}: {hint}", code="unknown_command")
    return command
