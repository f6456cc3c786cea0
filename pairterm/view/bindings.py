"""Keys by tmux's names."""

from __future__ import annotations

from pairterm.errors import UsageError

__all__ = ["parse_key"]


def parse_key(name: str) -> bytes:
    """Return the byte a terminal sends for a key such as `C-b`.

    Raises:
        UsageError: There is no such key.
    """
    letter = name[2:].lower()
    if name.startswith(("C-", "c-", "^")) and len(letter) == 1 and "a" <= letter <= "z":
        return bytes([ord(letter) & 0x1F])
    if len(name) == 1 and name.isascii() and name.isprintable():
        return name.encode("ascii")
    raise UsageError(f"No key is called {name!r}: say for example C-b or C-a.", code="unknown_key")
