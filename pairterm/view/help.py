"""The list of keys that work for a client's role, as a page over the client's whole screen."""

from __future__ import annotations

from pairterm.types import Role
from pairterm.view.bindings import COPY_TABLES, Bindings, KeyCommand, Table
from pairterm.view.page import Page

__all__ = ["help_lines", "help_page"]

_MIN_KEY_CELLS = 14
"""The least width of the column of keys. Most keys fit, so the tables are aligned."""


def help_page(session: str, bindings: Bindings, role: Role, mode_keys: str, *, is_in_code: bool = False) -> Page:
    """Return the list as a page. `is_in_code`: the client looks at the code window."""
    lines = _code_lines(bindings, role) if is_in_code else help_lines(bindings, role, mode_keys)
    return Page(f"Keys in {session}", lines)


def _code_lines(bindings: Bindings, role: Role) -> list[str]:
    """Return the lines of the list for the code window."""
    return [
        " In the code window:",
        *_table_lines(bindings, Table.CODE, ""),
        "",
        *_table_lines(bindings, Table.PREFIX, f"{bindings.prefix} ", may_type=role.may_type),
    ]


def help_lines(bindings: Bindings, role: Role, mode_keys: str = "vi") -> list[str]:
    """Return the lines of the list: keys and what they do, for what this role can do."""
    if role.may_type:
        lines = [" What you type goes to the session. These keys are your own:"]
    else:
        lines = [" You look on: what you type reaches nobody. These keys are your own:"]
        lines += _table_lines(bindings, Table.READ_ONLY, "")
    lines += ["", *_table_lines(bindings, Table.PREFIX, f"{bindings.prefix} ", may_type=role.may_type)]
    if role.may_type:
        lines += ["", *_table_lines(bindings, Table.ROOT, "")]
    return [
        *lines,
        "",
        f" In the history (mode-keys {mode_keys}):",
        *_table_lines(bindings, COPY_TABLES[mode_keys], ""),
    ]


def _table_lines(bindings: Bindings, table: Table, before: str, *, may_type: bool = True) -> list[str]:
    """Return one line a text, with all of its keys, in the order of the table."""
    keys_of: dict[str, list[str]] = {}
    for key, command in bindings.tables[table].items():
        if command is not KeyCommand.NONE and (may_type or command is not KeyCommand.SEND_PREFIX):
            keys_of.setdefault(command.text, []).append(key)
    names = {text: _names(keys, before) for text, keys in keys_of.items()}
    width = max(_MIN_KEY_CELLS, *map(len, names.values()), 0)
    return [f" {names[text]:<{width}}  {text}" for text in keys_of]


def _names(keys: list[str], before: str) -> str:
    """Return the names of the keys with one text. Of a longer row of keys, the first and the last stand for all."""
    return f"{before}{keys[0]}…{keys[-1]}" if before and len(keys) > 3 else before + f" {before}".join(keys)
