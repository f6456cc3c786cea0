"""Tokens: what a link carries in its user name, and the hash by which a gateway knows it.

A token is `rw-` or `ro-` and 26 letters and digits: 130 random bits. The two of a
session are drawn apart, so neither tells anything of the other. The plain text
stays with the host and its owner; a gateway and every log see the SHA-256 only.
The prefix is for people: the role comes from the table of the host, never from it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from pairterm.types import Role

__all__ = ["HASH_BYTES", "Tokens", "draw_token", "looks_like_token", "new_tokens", "token_hash"]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""RFC 4648 base32 in lower case: no 0/o and 1/l to mix up, nothing a shell or ssh minds."""

_TOKEN_CHARS = 26
"""26 × 5 bits = 130, over the 128 that put guessing out of the question."""

HASH_BYTES = 32

_FORM = re.compile(rf"r[wo]-[{_ALPHABET}]{{{_TOKEN_CHARS}}}")

_PREFIX = {Role.READ_WRITE: "rw", Role.READ_ONLY: "ro"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two tokens of a session, in plain text. `repr` hides them, so no log can show them."""

    read_write: str
    read_only: str

    def __repr__(self) -> str:
        return "Tokens(…)"


def draw_token(role: Role) -> str:
    """Draw a token from the system's random source; its prefix is for people."""
    return f"{_PREFIX[role]}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_CHARS))


def new_tokens() -> Tokens:
    """Draw a fresh pair from the system's random source."""
    return Tokens(read_write=draw_token(Role.READ_WRITE), read_only=draw_token(Role.READ_ONLY))


def looks_like_token(text: str) -> bool:
    """Return whether `text` has a token's form. Says nothing about whether it is one."""
    return _FORM.fullmatch(text) is not None


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a token, 32 bytes. Any text is taken, so a wrong one costs the same.

    Capitals are small letters: tokens are drawn in these, and telephones begin every word with one.
    """
    return hashlib.sha256(token.lower().encode("utf-8", "surrogatepass")).digest()
