"""A public key that a client has proved to own. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.errors import UsageError

__all__ = ["ProvedKey", "is_authority", "line_fingerprint"]

_AUTHORITY = "cert-authority"


class ProvedKey(msgspec.Struct, frozen=True):
    """The key that a client proved to own; with a certificate, also what its authority says."""

    key: str = ""
    """OpenSSH's one-line form without a comment; "" for no key."""
    name: str = ""
    """The identity in the certificate."""
    authority: str = ""
    """The fingerprint, `SHA256:…`, of the authority that signed the certificate; "" without a certificate."""

    def opens(self, lines: Iterable[str]) -> bool:
        """Return whether one of these lines names this key, or the authority that signed it."""
        wanted = self.authority or (line_fingerprint(self.key) if self.key else "")
        return bool(wanted) and any(
            line_fingerprint(line) == wanted for line in lines if is_authority(line) is bool(self.authority)
        )


def is_authority(line: str) -> bool:
    """Return whether a line names an authority that signs certificates."""
    return line.startswith(_AUTHORITY)


def line_fingerprint(line: str) -> str:
    """Return the fingerprint of the key at the end of a line; "" for a kind of key that is not allowed here."""
    try:
        return fingerprint_of(" ".join(line.split()[-2:]))
    except UsageError:
        return ""
