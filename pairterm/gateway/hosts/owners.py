"""The owners of sessions, and how `owner/name` names them.

A session, a name or a place belongs to an owner by the owner's `id`, which is unique.
People use the owner's *word*: a user's login name, or the name prefix that the operator
gave to a key. Two owners can have the same word, so each has a *mark* as well. It is made
from the id: `uid-1000`, `key-` and the beginning of the key's fingerprint, or `cert-` and
a hash for the holder of a certificate.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from pairterm.access.signed_login import SignedLogin

__all__ = ["PREFIX_ENDS", "HostOwner", "certificate_id", "key_id"]

PREFIX_ENDS = "-._"
"""A name prefix may end with one of these; after another end, `-` follows in a name."""

_MARK_CHARS = 16
"""Of base64: 96 bits, so nobody can make a key with the mark of another."""

_WORD = re.compile(r"(?!(?:uid|key|cert)-)[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")
"""A word that people can type before the `/`, and that is no mark."""


def key_id(fingerprint: str) -> str:
    """Return the id of the holder of a key."""
    return f"key {fingerprint}"


def certificate_id(authority: str, identity: str) -> str:
    """Return the id of the holder of a certificate: the authority's fingerprint, and the key id that it signed.

    Ids are written to logs, so characters that can't be printed are escaped. Different key ids stay different.
    """
    return f"ca {authority} {identity.encode('unicode_escape').decode()}"


@dataclass(frozen=True, slots=True)
class HostOwner:
    """What the gateway knows of the party that shares by a link."""

    id: str
    """`uid 1000` for a local user, `key SHA256:…` or `ca SHA256:… KEY-ID` for a host that came over SSH. Sessions and
    names belong to it."""
    max_sessions: int
    name_prefix: str | None
    """Fixed names have to begin with this; None allows no fixed names."""
    may_be_away: bool
    """Whether the host may come back after it lost its link. On this machine, the link ends only with its host."""
    uid: int | None = None
    """The uid of a local user; None for a host that came over SSH."""
    proof: tuple[Any, ...] | None = field(default=None, compare=False, repr=False)
    """The arguments of the key's check, to check it again when the list of keys changes."""
    key: str = ""
    """The public key of the login; "" for a local user, and for a login with a certificate."""
    login: tuple[SignedLogin, bytes] | None = field(default=None, compare=False, repr=False)
    """The login of a host with a session's key, and that key; None without one. See `access.host_login`."""
    address: str = ""
    """The address that it came from; "" for a local user."""

    @property
    def word(self) -> str:
        """What people call the owner; the mark if there is nothing better."""
        kind = self.id.partition(" ")[0]
        word = (self.name_prefix or "").rstrip(PREFIX_ENDS)
        # The holders of all certificates of an authority share the prefix of its line.
        return word if kind != "ca" and _WORD.fullmatch(word) else self.mark

    @property
    def mark(self) -> str:
        """The name that only this owner has."""
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
