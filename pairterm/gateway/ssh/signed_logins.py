"""Checks the signature of an SSH login that happened elsewhere: a guest's at another gateway, or a host's at its home.

The rules are those of a login here (`gateway.ssh.client_keys`): the same keys, certificates, dates and principals.
One is stricter: a certificate with `source-address` is refused, because only another gateway could say the address.
"""

from __future__ import annotations

from collections.abc import Callable

import asyncssh
from asyncssh.packet import PacketDecodeError
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate, decode_ssh_certificate, decode_ssh_public_key

from pairterm.access.host_login import host_user
from pairterm.access.proved_key import ProvedKey
from pairterm.access.signed_login import SignedLogin
from pairterm.access.verdicts import AskKey
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.ssh.proved_keys import proved_by

__all__ = ["is_key_asked_for", "is_signed", "owner_of_login", "proved_by_login", "session_key_signed"]

_SHA1_SIGNATURE = b"\0\0\0\7ssh-rsa"

_ED25519 = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
"""The beginning of an Ed25519 key in SSH's form (RFC 8709 §4); its 32 bytes follow."""


def is_signed(login: SignedLogin, user: str) -> bool:
    """Return whether the key of a login has signed it, for this user name. Nothing is said about the key."""
    try:
        key = decode_ssh_public_key(login.key)
    except asyncssh.KeyImportError:
        certificate = _certificate(login.key)
        if certificate is None:
            return False
        key = certificate.key
    return _verify(key, login, user)


def is_key_asked_for(key_data: bytes, asked: AskKey) -> bool:
    """Return whether a key or certificate is one of those that were asked for."""
    return _key_asked_for(key_data, asked) is not None


def proved_by_login(login: SignedLogin, user: str, asked: AskKey) -> ProvedKey | None:
    """Return the key that a guest with this user name has proved; None if it is none of those that were asked for."""
    key = _key_asked_for(login.key, asked)
    if key is None or not _verify(key, login, user):
        return None
    proved = proved_by(login.key)
    return proved if proved.key else None


def owner_of_login(hosts: HostAdmission, login: SignedLogin, session_key: bytes) -> HostOwner | None:
    """Return the owner whose key has signed a host's login with this session key; None if they may not share."""
    keys = hosts.keys()
    key = _key_of(login.key, keys.validate)
    if key is None or not _verify(key, login, host_user(session_key)):
        return None
    return keys.proved_owner(proved_by(login.key))


def session_key_signed(session_key: bytes, text: bytes, signature: bytes) -> bool:
    """Return whether a session's key has signed a text."""
    try:
        return bool(decode_ssh_public_key(_ED25519 + session_key).verify(text, signature))
    except (asyncssh.KeyImportError, PacketDecodeError):
        return False


def _key_asked_for(key_data: bytes, asked: AskKey) -> asyncssh.SSHKey | None:
    listed = asyncssh.import_authorized_keys("\n".join(asked.authorities) + "\n") if asked.authorities else None

    def validate(
        key: asyncssh.SSHKey, host: str, address: str, principals: object = None, ca: bool = False
    ) -> dict[str, object] | None:
        if ca:
            found = listed.validate(key, host, address, principals, True) if listed is not None else None  # type: ignore[arg-type]
            return dict(found) if found is not None else None
        return {} if asked.takes_any or key.get_fingerprint() in asked.fingerprints else None

    return _key_of(key_data, validate)


def _key_of(key_data: bytes, validate: Callable[..., dict[str, object] | None]) -> asyncssh.SSHKey | None:
    """Return the key that has to sign; None if it is not allowed, or its certificate is not valid now."""
    try:
        key = decode_ssh_public_key(key_data)
    except asyncssh.KeyImportError:
        certificate = _certificate(key_data)
        if certificate is None or "source-address" in certificate.options:
            return None
        options = validate(certificate.signing_key, "", "", certificate.principals, True)
        # Only names that a line lists count, never the user name.
        if not options or not options.get("principals"):
            return None
        try:
            certificate.validate(CERT_TYPE_USER, None)
        except ValueError:
            return None
        return certificate.key
    return key if validate(key, "", "") is not None else None


def _certificate(key_data: bytes) -> SSHOpenSSHCertificate | None:
    try:
        certificate = decode_ssh_certificate(key_data)
    except (asyncssh.KeyImportError, PacketDecodeError):
        return None
    return certificate if isinstance(certificate, SSHOpenSSHCertificate) else None


def _verify(key: asyncssh.SSHKey, login: SignedLogin, user: str) -> bool:
    if login.signature.startswith(_SHA1_SIGNATURE):
        return False
    try:
        return bool(key.verify(login.signed(user), login.signature))
    except (PacketDecodeError, ValueError):
        return False
