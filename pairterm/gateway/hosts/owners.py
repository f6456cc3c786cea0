"""Who shares through the gateway, and what they are called in `owner/name`.

What a session, a name or a place belongs to goes by the owner's `id`, which only one
can have. People name an owner by its *word*: a user's login name, or the name prefix
that the operator gave to a key. Two owners may have the same word, so each has a
*mark* as well, which is made from its id: `uid-1000`, `key-` and the beginning of the
key's fingerprint, or `cert-` and a hash for the holder of a certificate.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["PREFIX_ENDS", "HostOwner", "certificate_id", "key_id"]

PREFIX_ENDS = "-._"
"""What a name prefix may end with; one that ends otherwise is followed by `-` in a name."""

_MARK_CHARS = 16
"""Of base64: 96 bits, so nobody finds a key with another's mark."""

_WORD = re.compile(r"(?!(?:uid|key|cert)-)[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")
"""What can be typed before the `/`, and is nobody's mark."""


def key_id(fingerprint: str) -> str:
    """Return the id of the holder of a key."""
    return f"key {fingerprint}"


def certificate_id(authority: str, identity: str) -> str:
    """Return the id of the holder of a certificate: the authority's fingerprint, and the key id that it signed.

    Ids stand in logs, so what can't be printed is escaped; different key ids stay different.
    """
    return f"ca {authority} {identity.encode('unicode_escape').decode()}"


@dataclass(frozen=True, slots=True)
class HostOwner:
    """What the gateway knows of somebody who holds a host's link."""

    id: str
    """`uid 1000` of a user of the machine, `key SHA256:…` or `ca SHA256:… KEY-ID` of a host that came over SSH: what
    is owned goes by it."""
    max_sessions: int
    name_prefix: str | None
    """What fixed names have to begin with; None: no fixed names."""
    may_be_away: bool
    """Whether a lost link may come back: over a network it may, on this machine its end is the host's."""
    uid: int | None = None
    """Of a user of this machine."""
    proof: tuple[Any, ...] | None = field(default=None, compare=False, repr=False)
    """What its key was checked with, for checking it again when the list of keys is another."""
    key: str = ""
    """The public key that it logged in with; "" for a user of this machine, and for one who showed a certificate."""
    address: str = ""
    """Whence it came; "" for a user of this machine."""

    @property
    def word(self) -> str:
        """What people call the owner; its mark if there is nothing better."""
        kind = self.id.partition(" ")[0]
        word = (self.name_prefix or "").rstrip(PREFIX_ENDS)
        # All holders of an authority's certificates have the prefix of its line.
        return word if kind != "ca" and _WORD.fullmatch(word) else self.mark

    @property
    def mark(self) -> str:
        """What only this owner is called."""
        kind, _, rest = self.id.partition(" ")
        if kind == "key":
            text = rest.removeprefix("SHA256:").replace("+", "-").replace("/", "_")
            return f"key-{text[:_MARK_CHARS]}"
        if kind == "ca":
            digest = hashlib.sha256(self.id.encode()).digest()
            return f"cert-{base64.urlsafe_b64encode(digest).decode()[:_MARK_CHARS]}"
        return f"{kind}-{rest}"

    def has_in_prefix(self, name: str) -> bool:
        """Return whether a fixed name begins with the owner's prefix, which ends where a part of the name ends."""
        prefix = self.name_prefix
        if prefix is None:
            return False
        if not prefix or prefix[-1] in PREFIX_ENDS:
            return name.startswith(prefix)
        return name == prefix or name.startswith(f"{prefix}-")
