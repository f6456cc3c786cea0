"""The list of keys that work for this client's role, over its whole screen until a key is pressed."""

from __future__ import annotations

from pairterm.types import Role
from pairterm.view.bindings import Bindings, Command, Table

__all__ = ["help_lines"]

_OWN_SCREEN = (Table.SCROLLBACK, "in the history")


def help_lines(bindings: Bindings, role: Role) -> list[str]:
    """Return the lines of the list: keys and what they do, for what this role can do."""
    lines = [f" {_role_line(role)}", ""]
    if not role.may_type:
        lines += [*_table_lines(bindings, Table.READ_ONLY, ""), ""]
    lines += _table_lines(bindings, Table.PREFIX, f"{bindings.prefix} ", without_typing=not role.may_type)
    if role.may_type:
        lines += ["", *_table_lines(bindings, Table.ROOT, "")]
    lines += ["", f" {_OWN_SCREEN[1]}:", *_table_lines(bindings, _OWN_SCREEN[0], "")]
    return lines


def _role_line(role: Role) -> str:
    match role:
        case Role.READ_ONLY:
            return "You look on: what you type reaches nobody. These keys are your own:"
        case Role.READ_WRITE | Role.OWNER:
            return "What you type goes to the session. These keys are your own:"


def _table_lines(bindings: Bindings, table: Table, before: str, *, without_typing: bool = False) -> list[str]:
    """Return one line a command, with all of its keys, in the order of the table."""
    keys_of: dict[Command, list[str]] = {}
    for key, command in bindings.tables[table].items():
        if command is Command.NONE or (without_typing and command is Command.SEND_PREFIX):
            continue
        keys_of.setdefault(command, []).append(key)
    return [f"   {before}{' '.join(keys):<{28 - len(before)}} {command.text}" for command, keys in keys_of.items()]
