"""The list of keys that work for a client's role, over its whole screen until a key is pressed."""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN, Row, blank_row
from pairterm.types import Role, Size
from pairterm.view.bars import STRONG_PEN, bar, text_cells
from pairterm.view.bindings import Binding, Bindings, KeyCommand, Table

__all__ = ["HelpPage", "help_lines"]

_MIN_KEY_CELLS = 14
"""The column of keys, at least: most of them fit, and the tables stand in line."""


class HelpPage:
    """The list on one client's screen; `turn` moves it where the screen is shorter."""

    __slots__ = ("_lines", "_session", "_top")

    def __init__(self, session: str, bindings: Bindings, role: Role) -> None:
        self._session = session
        self._lines = help_lines(bindings, role)
        self._top = 0

    def turn(self, lines: int, area: Size) -> bool:
        """Move the list; return whether it is longer than the screen, so that it can move."""
        last = len(self._lines) - (area.rows - 1)
        if last <= 0:
            return False
        self._top = max(0, min(self._top + lines, last))
        return True

    def rows(self, area: Size) -> tuple[Row, ...]:
        """Return the list as the rows of a screen, under a line that says how to leave it."""
        room = area.rows - 1
        lines = self._lines[self._top : self._top + room]
        body = [Row(text_cells(line, area.cols), (DEFAULT_PEN,) * area.cols) for line in lines]
        body += [blank_row(area.cols)] * (room - len(body))
        more = ", Up Down PPage NPage turn the page" if len(self._lines) > room else ""
        return (bar(f" Keys in {self._session}: any key closes{more}", area.cols, STRONG_PEN), *body)


def help_lines(bindings: Bindings, role: Role) -> list[str]:
    """Return the lines of the list: keys and what they do, for what this role can do."""
    if role.may_type:
        lines = [" What you type goes to the session. These keys are your own:"]
    else:
        lines = [" You look on: what you type reaches nobody. These keys are your own:"]
        lines += _table_lines(bindings, Table.READ_ONLY, "")
    lines += ["", *_table_lines(bindings, Table.PREFIX, f"{bindings.prefix} ", may_type=role.may_type)]
    if role.may_type:
        lines += ["", *_table_lines(bindings, Table.ROOT, "")]
    return [*lines, "", " In the history:", *_table_lines(bindings, Table.SCROLLBACK, "")]


def _table_lines(bindings: Bindings, table: Table, before: str, *, may_type: bool = True) -> list[str]:
    """Return one line a command, with all of its keys, in the order of the table."""
    keys_of: dict[Binding, list[str]] = {}
    for key, command in bindings.tables[table].items():
        if command is not KeyCommand.NONE and (may_type or command is not KeyCommand.SEND_PREFIX):
            keys_of.setdefault(command, []).append(key)
    names = {command: before + f" {before}".join(keys) for command, keys in keys_of.items()}
    width = max(_MIN_KEY_CELLS, *map(len, names.values()), 0)
    return [f" {names[command]:<{width}}  {command.text}" for command in keys_of]
