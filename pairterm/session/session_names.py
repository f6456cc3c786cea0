"""Session names: the allowed form, and the next free name. Host and gateway use the same rule."""

from __future__ import annotations

import re
from collections.abc import Collection

from pairterm.errors import UsageError

__all__ = ["MAX_NAME_CHARS", "check_name", "is_name", "next_free_name"]

MAX_NAME_CHARS = 50
"""A name is part of a socket's path (108 bytes in all on Linux, 104 on macOS) and of a status line."""

_FORM = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_NAME_CHARS - 1}}}")
"""No leading dot or dash: neither a hidden file nor an option."""


def is_name(text: str) -> bool:
    """Return whether `text` may name a session."""
    return _FORM.fullmatch(text) is not None


def check_name(text: str) -> str:
    """Return `text` if it may name a session.

    Raises:
        UsageError: It may not; the message says what a name is made of.
    """
    if not is_name(text):
        raise UsageError(
            f"bad session name {text[:60]!r}: use letters, digits, '-', '_' and '.', "
            f"up to {MAX_NAME_CHARS}, not beginning with '-' or '.'",
            code="bad_name",
        )
    return text


def next_free_name(taken: Collection[str]) -> str:
    """Return the lowest number that names no session, as tmux does."""
    number = 0
    while str(number) in taken:
        number += 1
    return str(number)
