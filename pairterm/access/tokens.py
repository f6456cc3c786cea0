"""Tokens: what a link carries in its user name, and the hash by which a gateway knows it.

A token is `rw-`, `ro-`, `ow-` or `pb-` and 32 letters and digits. The first half is random. The second
half follows from the first and from the *seal*, a secret of the session that its guests
never see. A person with one token knows nothing about other tokens, and can't make a seal
that fits it. A host shows its seal to its gateway; so it proves that its links are its own.
The plain text stays with the host and its owner. A gateway keeps the SHA-256 and the seal;
a log has neither. The prefix is for people: the role comes from the host's table.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from pairterm.types import Role

__all__ = [
    "HASH_BYTES",
    "SEAL_BYTES",
    "Tokens",
    "draw_seal",
    "draw_token",
    "is_for_publishing",
    "is_sealed",
    "looks_like_token",
    "new_tokens",
    "owner_proof",
    "sealed_half",
    "token_halves",
    "token_hash",
]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""RFC 4648 base32 in lower case: no 0/o and 1/l to mix up, nothing a shell or ssh minds."""

_RANDOM_CHARS = 16
_SEALED_CHARS = 16
"""80 bits each. To guess a token takes both, 160 bits; to make a seal for a token that one has takes the second."""

HASH_BYTES = 32

SEAL_BYTES = 32

_FORM = re.compile(rf"(?:r[wo]|ow|pb)-[{_ALPHABET}]{{{_RANDOM_CHARS + _SEALED_CHARS}}}")

_PREFIX = {Role.OWNER: "ow", Role.READ_WRITE: "rw", Role.READ_ONLY: "ro"}

_PUBLISH_PREFIX = "pb"

_PROOF_OF = b"pairterm: the owner comes"


def draw_seal() -> bytes:
    """Draw a session's seal from the system's random source."""
    return secrets.token_bytes(SEAL_BYTES)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two tokens of a session, in plain text, and its seal. `repr` hides them, so no log can show them."""

    read_write: str
    read_only: str
    seal: bytes = field(default_factory=draw_seal)

    def __repr__(self) -> str:
        return "Tokens(…)"


def draw_token(role: Role, seal: bytes, *, publishes: bool = False) -> str:
    """Draw a token from the system's random source, under a session's seal; its prefix is for people.

    `publishes`: pair-ls publishes files by it, and nobody joins.
    """
    prefix = _PUBLISH_PREFIX if publishes else _PREFIX[role]
    begin = f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARS))
    return begin + sealed_half(begin, seal)


def is_sealed(token: str, seal: bytes) -> bool:
    """Return whether a token was drawn under a seal. One of another length is none."""
    token = token.lower()
    if len(seal) != SEAL_BYTES or not looks_like_token(token):
        return False
    begin, sealed = token_halves(token)
    return hmac.compare_digest(sealed, sealed_half(begin, seal))


def token_halves(token: str) -> tuple[str, str]:
    """Return the two halves of a text that looks like a token: the prefix with the random letters, and the rest."""
    token = token.lower()
    return token[:-_SEALED_CHARS], token[-_SEALED_CHARS:]


def sealed_half(begin: str, seal: bytes) -> str:
    """Return the second half of a token that begins so: HMAC-SHA-256 (RFC 2104), as far as it fits."""
    digest = hmac.digest(seal, begin.encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:_SEALED_CHARS]


def new_tokens() -> Tokens:
    """Draw a fresh pair from the system's random source."""
    seal = draw_seal()
    return Tokens(draw_token(Role.READ_WRITE, seal), draw_token(Role.READ_ONLY, seal), seal)


def looks_like_token(text: str) -> bool:
    """Return whether `text` has a token's form. Says nothing about whether it is one."""
    return _FORM.fullmatch(text) is not None


def is_for_publishing(token: str) -> bool:
    """Return whether a token looks as if pair-ls publishes files by it. The host's table decides."""
    return token.startswith(_PUBLISH_PREFIX) and looks_like_token(token)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a token, 32 bytes. Any text is taken, so a wrong one costs the same.

    Capitals are small letters: tokens are drawn in these, and telephones begin every word with one.
    """
    return hashlib.sha256(token.lower().encode("utf-8", "surrogatepass")).digest()


def owner_proof(token: str) -> bytes:
    """Return what proves to a host that somebody has an owner's token; b"" for any other text.

    It does not follow from the token's hash. So a gateway, which knows the hash, can't make it before the owner comes.
    """
    token = token.lower()
    if not token.startswith(_PREFIX[Role.OWNER]) or not looks_like_token(token):
        return b""
    return hmac.digest(token.encode(), _PROOF_OF, "sha256")
