"""The commands about windows and panes: tmux's names and options, and who may give each. Reading one from words.

Options are read as getopt does: `-dt3` is `-d -t 3`, and they end at the first other word.
The messages are those of tmux 3.3a.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import WindowCommand

__all__ = ["SYNTAX", "Right", "Syntax", "find_syntax", "parse_window_command"]


class Right(enum.Enum):
    """Who may give a command about windows."""

    LOOK = "look"
    """Everybody: it changes nothing, or only where they look."""
    TYPE = "type"
    """Those who may type in each window that the command changes: they could do the same in its shell."""
    TYPE_EVERYWHERE = "type-everywhere"
    """Those who may type in the session as a whole: the command makes windows, or puts them in another order."""
    OWNER = "owner"


class Syntax(msgspec.Struct, frozen=True):
    """One command: its names, its options and how many words may follow them."""

    name: str
    alias: str
    options: str
    """Letters, as getopt has them: a colon follows an option that has a value."""
    right: Right = Right.TYPE
    least: int = 0
    most: int | None = 0
    """None: as many as the sender likes. They are the words of a program."""


SYNTAX = (
    Syntax("new-window", "neww", "abc:de:F:kn:PSt:", Right.TYPE_EVERYWHERE, most=None),
    Syntax("split-window", "splitw", "bc:de:fF:hl:p:Pt:vZ", most=None),
    Syntax("select-window", "selectw", "lnpTt:", Right.LOOK),
    Syntax("next-window", "next", "at:", Right.LOOK),
    Syntax("previous-window", "prev", "at:", Right.LOOK),
    Syntax("last-window", "last", "t:", Right.LOOK),
    Syntax("find-window", "findw", "CiNTZ", Right.LOOK, least=1, most=1),
    Syntax("choose-tree", "choose-window", "GNrswZt:", Right.LOOK),
    Syntax("rename-window", "renamew", "t:", least=1, most=1),
    Syntax("move-window", "movew", "abdkrs:t:", Right.TYPE_EVERYWHERE),
    Syntax("swap-window", "swapw", "ds:t:", Right.TYPE_EVERYWHERE),
    Syntax("kill-window", "killw", "at:"),
    Syntax("list-windows", "lsw", "aF:f:jt:", Right.LOOK),
    Syntax("select-pane", "selectp", "DLlRT:t:UZ", Right.LOOK),
    Syntax("last-pane", "lastp", "t:Z", Right.LOOK),
    Syntax("resize-pane", "resizep", "DLRt:Ux:y:Z", Right.LOOK, most=1),
    Syntax("resize-border", "", "", least=3, most=24),
    Syntax("swap-pane", "swapp", "dDs:t:UZ"),
    Syntax("rotate-window", "rotatew", "Dt:UZ"),
    Syntax("break-pane", "breakp", "abdF:n:Ps:t:", Right.TYPE_EVERYWHERE),
    Syntax("join-pane", "joinp", "bdfhl:p:s:t:v"),
    Syntax("move-pane", "movep", "bdfhl:p:s:t:v"),
    Syntax("kill-pane", "killp", "at:"),
    Syntax("respawn-pane", "respawnp", "c:e:kt:", most=None),
    Syntax("respawn-window", "respawnw", "c:e:kt:", most=None),
    Syntax("pipe-pane", "pipep", "IOot:", Right.OWNER, most=1),
    Syntax("list-panes", "lsp", "asF:f:jt:", Right.LOOK),
    Syntax("select-layout", "selectl", "Enopt:", most=1),
    Syntax("next-layout", "nextl", "t:"),
    Syntax("previous-layout", "prevl", "t:"),
    Syntax("clear-history", "clearhist", "t:"),
    Syntax("set-window-option", "setw", "Fgoqst:uw", Right.OWNER, least=1, most=2),
    Syntax("show-window-options", "showw", "Agqst:vw", Right.LOOK, most=1),
    Syntax("display-message", "display", "F:pt:", Right.LOOK, most=1),
)
"""All of them. `-j` of the lists is our own: it prints JSON. `resize-pane` looks at its rights itself. `resize-border`
is no command of tmux and not for people: views give it while the mouse drags a border."""

_BY_NAME = {name: each for each in SYNTAX for name in (each.name, each.alias)}


def find_syntax(name: str) -> Syntax | None:
    """Return the command with this name or short name; None: it is none about windows."""
    return _BY_NAME.get(name)


def parse_window_command(syntax: Syntax, words: Sequence[str]) -> WindowCommand:
    """Return the command that the words after its name make.

    Raises:
        UsageError: An option is unknown or has no value, or there are too few or too many words.
    """
    flags: set[str] = set()
    values: list[tuple[str, str]] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        _read_options(syntax, word[1:], rest, flags, values)
    if len(rest) < syntax.least:
        raise _error(syntax, f"too few arguments (need at least {syntax.least})")
    if syntax.most is not None and len(rest) > syntax.most:
        raise _error(syntax, f"too many arguments (need at most {syntax.most})")
    return WindowCommand(syntax.name, frozenset(flags), tuple(values), tuple(rest))


def _read_options(
    syntax: Syntax, letters: str, rest: list[str], flags: set[str], values: list[tuple[str, str]]
) -> None:
    """Read one word of options. A value is the rest of the word, or else the next word."""
    for at, letter in enumerate(letters, start=1):
        place = syntax.options.find(letter)
        if place < 0 or letter == ":":
            raise _error(syntax, f"unknown flag -{letter}")
        if syntax.options[place + 1 : place + 2] != ":":
            flags.add(letter)
            continue
        value = letters[at:]
        if not value:
            if not rest:
                raise _error(syntax, f"-{letter} expects an argument")
            value = rest.pop(0)
        values.append((letter, value))
        return


def _error(syntax: Syntax, text: str) -> UsageError:
    return UsageError(f"command {syntax.name}: {text}", code="command_line")
