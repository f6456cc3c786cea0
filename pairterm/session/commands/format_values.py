"""Parts of tmux's formats: modifiers of a value, the facts about a client, and a command as one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pairterm.session.people import Person
from pairterm.session.session_parts import SessionParts
from pairterm.types import ClientId, Role

__all__ = ["client_value", "command_text", "modified"]

_MAX_PADDED = 1000
"""Columns to which a value is padded."""

_LIMIT = re.compile(r"=(-?[0-9]{1,5})")

_PADDING = re.compile(r"p(-?[0-9]{1,5})")

_QUOTED = re.compile(r"""([|&;<>()$`\\"'*?\[# =%])""")
"""The characters that `q` quotes, as in tmux."""

_PLAIN = re.compile(r"[\w.,:+@/=-]+")


def modified(modifier: str, value: str) -> str:
    """Return a value after a modifier; the value itself if there is no such modifier."""
    match modifier:
        case "b":
            return value.rstrip("/").rpartition("/")[2]
        case "d":
            return value.rpartition("/")[0] or "."
        case "n":
            return str(len(value.encode()))
        case "q":
            return _QUOTED.sub(r"\\\1", value)
    if found := _LIMIT.fullmatch(modifier):
        most = int(found[1])
        return value[:most] if most >= 0 else value[most:]
    if found := _PADDING.fullmatch(modifier):
        width = max(-_MAX_PADDED, min(int(found[1]), _MAX_PADDED))
        return value.ljust(width) if width >= 0 else value.rjust(-width)
    return value


def command_text(words: Sequence[str]) -> str:
    """Return a command as one text, with quotes where tmux writes them."""
    return " ".join(each if _PLAIN.fullmatch(each) else _in_quotes(each) for each in words)


def client_value(parts: SessionParts, client: ClientId | None, name: str) -> str:
    """Return a fact about the client that gives a command; "" in the shell, as in tmux without a client."""
    person = parts.people.get(client) if client is not None else None
    read = _CLIENT_VALUES.get(name)
    if person is None or read is None:
        return parts.name if name == "client_session" and person is not None else ""
    value = read(person)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _in_quotes(word: str) -> str:
    return '"' + re.sub(r"""([$"\\])""", r"\\\1", word) + '"'


_CLIENT_VALUES: dict[str, Callable[[Person], str | int | bool]] = {
    "client_name": lambda person: person.name,
    "client_user": lambda person: person.name,
    "client_termname": lambda person: person.origin.term,
    "client_width": lambda person: person.size.cols,
    "client_height": lambda person: person.size.rows,
    "client_readonly": lambda person: person.role is Role.READ_ONLY,
}
