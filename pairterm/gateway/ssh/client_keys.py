"""One connection's public keys: which may come in, and which one the client proved to have.

asyncssh checks signatures, certificates, principals and dates; here stands what
it is to check them against. A key counts once a signature by it was right, not
when it was offered.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import asyncssh
from asyncssh.public_key import SSHOpenSSHCertificate, decode_ssh_certificate, decode_ssh_public_key

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.errors import UsageError
from pairterm.link.messages import MAX_KEY_CHARS

__all__ = ["MAX_OFFERS", "Keyring", "ProvedKey", "proved_by"]

logger = logging.getLogger(__name__)

MAX_OFFERS = 12
"""Keys that one connection may offer: an agent has a handful. sshd's MaxAuthTries is 6."""


@dataclass(frozen=True, slots=True)
class ProvedKey:
    """The key that a client proved to have."""

    key: str = ""
    """OpenSSH's one-line form without a comment; "" for none."""
    name: str = ""
    """The identity in its certificate."""
    authority: str = ""
    """`SHA256:…` of the authority that signed that."""

    def opens(self, lines: Iterable[str]) -> bool:
        """Return whether this key, or the authority that signed it, is one of these lines."""
        wanted = self.authority if self.authority else _fingerprint(self.key) if self.key else None
        return any(
            _fingerprint(line) == wanted for line in lines if line.startswith("cert-authority") is bool(self.authority)
        )


class Keyring:
    """The keys of one connection."""

    def __init__(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connection = connection
        self._fingerprints: set[str] = set()
        self._takes_any = False
        self._offers = 0
        self.is_wanted = False
        """A key is asked for."""
        self.is_needed = False
        """Nobody comes in without one."""
        self.proved = ProvedKey()
        self._validate = connection.validate_public_key
        # asyncssh tells a server which key it is asked about, not which one was proved.
        connection.validate_public_key = self._watch  # type: ignore[method-assign]  # on this connection only

    def ask(self, lines: Iterable[str], *, takes_any: bool, principals: Iterable[str] = ()) -> None:
        """Ask for a key: one of these lines, or with `takes_any` whichever the client has, or none.

        `principals`: what a certificate has to name one of, where its authority's line says nothing of that.
        """
        names = ",".join(sorted(set(principals) - {""}))
        self.is_wanted = True
        self.is_needed = not takes_any
        self._takes_any = takes_any
        authorities: list[str] = []
        for line in lines:
            if line.startswith("cert-authority "):
                authorities.append(line.replace(" ", f',principals="{names}" ', 1))
            elif line.startswith("cert-authority"):
                authorities.append(line)
            else:
                self._fingerprints.add(_fingerprint(line))
        if authorities:
            self._connection.set_authorized_keys(asyncssh.import_authorized_keys("\n".join(authorities) + "\n"))

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        """Return whether a plain key may come in."""
        return self._takes_any or key.get_fingerprint() in self._fingerprints

    async def _watch(self, username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        """Let asyncssh check a key, and take note of the one that was proved."""
        self._offers += 1
        if self._offers > 2 * MAX_OFFERS:  # each is asked about first, then proved
            self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many keys")
            return False
        is_right = await self._validate(username, key_data, msg, signature)
        if is_right and msg:
            self.proved = proved_by(key_data)
        return is_right


def _fingerprint(line: str) -> str:
    """Return the fingerprint of the key that a line ends with; "" for a kind that can't be checked here."""
    try:
        return asyncssh.import_public_key(" ".join(line.split()[-2:])).get_fingerprint()
    except asyncssh.KeyImportError:
        return ""


def _one_line(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key("openssh").decode("ascii", "replace").split()[:2])


def proved_by(key_data: bytes) -> ProvedKey:
    """Return the key as a host takes it; none for a kind or a length that no host knows.

    asyncssh knows more of both. A host would take the message for a gateway's mistake, and end the whole link.
    """
    found = _any_proved_by(key_data)
    try:
        fingerprint_of(found.key)
    except UsageError:
        return ProvedKey()
    return found if len(found.key) <= MAX_KEY_CHARS else ProvedKey()


def _any_proved_by(key_data: bytes) -> ProvedKey:
    try:
        return ProvedKey(_one_line(decode_ssh_public_key(key_data)))
    except asyncssh.KeyImportError:
        certificate = decode_ssh_certificate(key_data)
        assert isinstance(certificate, SSHOpenSSHCertificate), "X.509 is not taken"
        authority = certificate.signing_key.get_fingerprint()
        name = getattr(certificate, "_key_id", "")
        return ProvedKey(_one_line(certificate.key), str(name)[:200], authority)
