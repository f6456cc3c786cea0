"""The key that a client has proved, in the form that hosts take."""

from __future__ import annotations

import asyncssh
from asyncssh.public_key import SSHOpenSSHCertificate, decode_ssh_certificate, decode_ssh_public_key

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.proved_key import ProvedKey
from pairterm.errors import UsageError
from pairterm.link.messages import MAX_KEY_CHARS

__all__ = ["proved_by"]


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
