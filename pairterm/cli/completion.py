"""Completion for the Tab key: the names of sessions, and the people in a session.

Nothing here raises or prints, because an error would appear in the middle of a command line that
somebody types. A guest chooses their name, and the shell takes an offered word as if the user had typed it.
So a name is offered only if it means nothing to a shell. Else the person's number is offered.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

__all__ = ["complete_asking", "complete_person", "complete_session"]

_TIMEOUT_S = 1.0
"""A host answers in milliseconds. The user waits for the Tab key meanwhile."""

_PLAIN_WORD = re.compile(r"\w[\w.@+-]*")
"""A word that no shell expands or splits, and that is no option. Letters of all scripts are such words."""


def complete_session(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the sessions whose names begin with `incomplete`."""
    from pairterm.errors import PairtermError
    from pairterm.paths import session_names

    try:
        return [CompletionItem(name) for name in session_names() if name.startswith(incomplete)]
    except PairtermError:
        return []


def complete_person(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the people in the session of the command line whose names or numbers begin with `incomplete`."""
    return [item for item in _people(context) if item.value.startswith(incomplete)]


def complete_asking(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the numbers of the people who wait for an answer."""
    return [item for item in _people(context, asking=True) if item.value.startswith(incomplete)]


def _people(context: click.Context, *, asking: bool = False) -> Iterator[CompletionItem]:
    from pairterm.cli.local_query import ask_info, choose_session
    from pairterm.errors import PairtermError

    try:
        with contextlib.redirect_stderr(io.StringIO()):  # A session that does not answer is named there.
            info = ask_info(choose_session(context.params.get("target")), timeout_s=_TIMEOUT_S)
    except PairtermError:
        return
    if asking:
        yield from (CompletionItem(str(number)) for number, _ in info.asks)
        return
    for each in info.clients:
        is_plain = _PLAIN_WORD.fullmatch(each.name) is not None
        yield CompletionItem(each.name if is_plain else str(each.number), help=each.role)
