"""The public keys of one connection: reports to its `Admission` which key a client tried and which one it proved.

asyncssh checks signatures, certificates, principals and dates. It tells a server which key
a client asks about, but not which one the client proved. A key counts when a signature by
it was right, not when it was offered.
"""

from __future__ import annotations

from typing import Any

import asyncssh
from asyncssh.public_key import SSHOpenSSHCertificate, decode_ssh_certificate, decode_ssh_public_key

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.gateway_admission import Admission
from pairterm.access.proved_key import ProvedKey
from pairterm.errors import UsageError
from pairterm.link.messages import MAX_KEY_CHARS

__all__ = ["ProvingConnection", "proved_by"]


class ProvingConnection(asyncssh.SSHServerConnection):
    """A connection that reports keys to its admission. It uses public names of asyncssh only."""

    admission: Admission[Any] | None = None
    """Set when the connection is made."""

    async def validate_public_key(self, username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        """Have asyncssh check a key; report it, and that it was proved if `msg` is not empty."""
        if self.admission is not None:
            refused = self.admission.key_tried()
            if refused is not None:
                self.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, refused.why.text)
                return False
        is_right = await super().validate_public_key(username, key_data, msg, signature)
        if is_right and msg and self.admission is not None:
            self.admission.key_proved(proved_by(key_data))
        return is_right


def proved_by(key_data: bytes) -> ProvedKey:
    """Return the key as a host takes it; an empty one for a kind or a length that no host knows.

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


def _one_line(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key("openssh").decode("ascii", "replace").split()[:2])
