"""Checks the signature of an SSH login that happened elsewhere: a guest's at another gateway, or a host's at its home.

The rules are those of a login here (`gateway.ssh.client_keys`): the same keys, certificates, dates and principals.
One is stricter: a certificate with `source-address` is refused, because only another gateway could say the address.
"""

from __future__ import annotations

from collections.abc import Callable

import asyncssh
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate, decode_ssh_certificate, decode_ssh_public_key

from pairterm.access.host_login import host_user
from pairterm.access.proved_key import ProvedKey
from pairterm.access.signed_login import MAX_KEY_BYTES, SignedLogin
from pairterm.access.user_names import HOST_USER
from pairterm.access.verdicts import AskKey
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.ssh.proved_keys import proved_by

__all__ = ["is_key", "is_key_asked_for", "is_signed", "owner_of_login", "proved_by_login", "session_key_signed"]

_SHA1_SIGNATURE = b"\0\0\0\7ssh-rsa"

_BAD_DATA = (ValueError, OverflowError)
"""The errors of asyncssh for bytes that are no key or no signature; its own ones are ValueErrors."""

_ED25519 = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
"""The beginning of an Ed25519 key in SSH's form (RFC 8709 §4); its 32 bytes follow."""


def is_key(key_data: bytes) -> bool:
    """Return whether a client shows a key or a certificate that other gateways can be asked about."""
    return len(key_data) <= MAX_KEY_BYTES and _decoded(key_data) is not None


def is_signed(login: SignedLogin, user: str) -> bool:
    """Return whether the key of a login has signed it, for this user name. Nothing is said about the key."""
    found = _decoded(login.key)
    if found is None:
        return False
    return _verify(found.key if isinstance(found, SSHOpenSSHCertificate) else found, login, user)


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
    key = _key_of(login.key, keys.validate, HOST_USER)
    if key is None or not _verify(key, login, host_user(session_key)):
        return None
    return keys.proved_owner(proved_by(login.key))


def session_key_signed(session_key: bytes, text: bytes, signature: bytes) -> bool:
    """Return whether a session's key has signed a text."""
    try:
        return bool(decode_ssh_public_key(_ED25519 + session_key).verify(text, signature))
    except _BAD_DATA:
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

    return _key_of(key_data, validate, "")


def _key_of(
    key_data: bytes, validate: Callable[..., dict[str, object] | None], principal: str
) -> asyncssh.SSHKey | None:
    """Return the key that has to sign; None if it is not allowed, or its certificate is not valid now.

    `principal` is the name that a certificate needs if the line of its authority lists none; "": the line has to.
    """
    found = _decoded(key_data)
    if not isinstance(found, SSHOpenSSHCertificate):
        return found if found is not None and validate(found, "", "") is not None else None
    if "source-address" in found.options:
        return None
    options = validate(found.signing_key, "", "", found.principals, True)
    if options is None or not (options.get("principals") or principal):
        return None
    try:
        found.validate(CERT_TYPE_USER, None if options.get("principals") else principal)
    except ValueError:
        return None
    return found.key


def _decoded(key_data: bytes) -> asyncssh.SSHKey | SSHOpenSSHCertificate | None:
    """Return a public key or a certificate; None if it is none that is known here.

    asyncssh raises several errors for points that are on no curve, and for texts that are not UTF-8.
    """
    try:
        return decode_ssh_public_key(key_data)
    except _BAD_DATA:
        pass
    try:
        certificate = decode_ssh_certificate(key_data)
    except _BAD_DATA:
        return None
    return certificate if isinstance(certificate, SSHOpenSSHCertificate) else None


def _verify(key: asyncssh.SSHKey, login: SignedLogin, user: str) -> bool:
    if login.signature.startswith(_SHA1_SIGNATURE):
        return False
    try:
        return bool(key.verify(login.signed(user), login.signature))
    except _BAD_DATA:
        return False
