"""The signature of a guest's SSH login, which proves their key to the gateway that has their session. Pure.

The home does not believe another gateway that a guest has a key. So the guest's gateway passes on what the guest's
program signed (RFC 4252 §7): the identifier of the SSH connection, the user name, and the key or certificate. The home
makes the signed bytes itself, with the user name that opens its session, and checks the signature.

The identifier is the hash of the connection's first key exchange. Nobody can choose it, but nobody without the keys
of the connection can tell its age either. So the home remembers which gateway has shown which identifier first
(`ShownLogins`).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

__all__ = [
    "MAX_ALGORITHM_CHARS",
    "MAX_KEY_BYTES",
    "MAX_SHOWN",
    "MAX_SIGNATURE_BYTES",
    "ShownLogins",
    "SignedLogin",
    "login_of",
]

_USERAUTH_REQUEST = 50
"""SSH_MSG_USERAUTH_REQUEST (RFC 4250 §4.1.2)."""

_LENGTH_BYTES = 4

MAX_KEY_BYTES = 16_384
"""A certificate by RSA keys of 16,384 bits with many principals takes 8 KB."""

MAX_SIGNATURE_BYTES = 4096
"""An RSA key of 16,384 bits signs with 2,048 bytes."""

MAX_ALGORITHM_CHARS = 64
"""RFC 4251 §6."""

MAX_SHOWN = 4096
"""Logins that one session remembers, the newest: 400 KB."""


@dataclass(frozen=True, slots=True)
class SignedLogin:
    """What a client signed, and its signature."""

    session_id: bytes
    """The identifier of the SSH connection."""
    algorithm: str
    """The signature's algorithm, as the client names it."""
    key: bytes
    """The public key or the certificate (RFC 4253 §6.6)."""
    signature: bytes

    def signed(self, user: str) -> bytes:
        """Return the bytes that a client with this user name signs."""
        return _text(self.session_id) + _request(user, self.algorithm.encode(), self.key)


def login_of(session_id: bytes, user: str, request: bytes, key: bytes, signature: bytes) -> SignedLogin | None:
    """Return the login of a client; None if its request is not exactly what the user name, the key and a method make.

    None as well for a key or a signature that is longer than other gateways take.
    `request` is the signed part of the client's SSH_MSG_USERAUTH_REQUEST.
    """
    at = len(_request(user, b"", b"")) - 2 * _LENGTH_BYTES
    length = int.from_bytes(request[at : at + _LENGTH_BYTES], "big")
    algorithm = request[at + _LENGTH_BYTES : at + _LENGTH_BYTES + length]
    if request != _request(user, algorithm, key) or not algorithm.isascii():
        return None
    if not 0 < len(key) <= MAX_KEY_BYTES or not 0 < len(signature) <= MAX_SIGNATURE_BYTES:
        return None
    return SignedLogin(session_id, algorithm.decode(), key, signature) if length <= MAX_ALGORITHM_CHARS else None


def _request(user: str, algorithm: bytes, key: bytes) -> bytes:
    names = (user.encode(), b"ssh-connection", b"publickey")
    return bytes([_USERAUTH_REQUEST]) + b"".join(map(_text, names)) + b"\1" + _text(algorithm) + _text(key)


def _text(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


class ShownLogins:
    """The logins that a session was shown, and which gateway was the first to show each."""

    def __init__(self) -> None:
        self._first: OrderedDict[bytes, str] = OrderedDict()

    def is_of(self, session_id: bytes, gateway: str) -> bool:
        """Note that a gateway shows a login whose signature is right; return False if it is another gateway's.

        The first gateway may show it again: the guest is still there, and the link between the gateways is new.
        """
        first = self._first.setdefault(session_id, gateway)
        self._first.move_to_end(session_id)
        while len(self._first) > MAX_SHOWN:
            self._first.popitem(last=False)
        return first == gateway
