"""Short messages and entries, sealed with the service's secret: the servers of the bus can't read or forge them.

The scheme is PyNaCl's `Aead`: XChaCha20-Poly1305 with random nonces of 192 bits (libsodium's
crypto_aead_xchacha20poly1305_ietf). The *place* of a message (its kind, its sender, its key in a bucket) is
authenticated with it, so nobody can move a sealed text to another place.

A sealed text can be sent again by whoever has seen it. `LastNumbers` drops such a copy: each sender numbers its
messages, and a number counts once. Streams have their own protection: see `sealed_streams`.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from pairterm.errors import PeerError
from pairterm.gateway.bus.service_secret import ServiceSecret

__all__ = ["FINGERPRINT_BYTES", "LastNumbers", "Sealer", "decoded"]

_T = TypeVar("_T")

FINGERPRINT_BYTES = 8
"""The length of what stands before a sealed text: the fingerprint of the secret that opens it."""


class Sealer:
    """Seals with the first secret of a service, and opens what any of its secrets sealed."""

    def __init__(self, secrets: list[ServiceSecret]) -> None:
        self._boxes = {each.fingerprint: Aead(each.key("messages")) for each in secrets}
        self._sealing = secrets[0].fingerprint

    @property
    def fingerprint(self) -> bytes:
        """The fingerprint of the secret that seals."""
        return self._sealing

    def seal(self, place: str, text: bytes) -> bytes:
        """Return `text` sealed for `place`."""
        return self._sealing + bytes(self._boxes[self._sealing].encrypt(text, place.encode()))

    def has_secret_of(self, sealed: bytes) -> bool:
        """Return whether we have the secret that `sealed` names."""
        return sealed[:FINGERPRINT_BYTES] in self._boxes

    def opened(self, place: str, sealed: bytes) -> bytes:
        """Return the text that was sealed for `place`.

        Raises:
            PeerError: It was sealed with a secret that we don't have, or for another place, or it was changed.
        """
        box = self._boxes.get(sealed[:FINGERPRINT_BYTES])
        if box is None:
            raise PeerError("a message is sealed with another secret", code="cluster_secret")
        try:
            return box.decrypt(sealed[FINGERPRINT_BYTES:], place.encode())
        except (CryptoError, ValueError) as error:
            raise PeerError("a sealed message was changed", code="cluster_secret") from error


def decoded(data: bytes, kind: type[_T]) -> _T:
    """Return what a gateway wrote with msgpack.

    Raises:
        PeerError: It is nothing of this kind.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise PeerError("it is nothing that a gateway writes", code="bad_message") from error


class LastNumbers:
    """The highest number of each sender so far. A message with a lower number is a copy, or came too late."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def begin(self, sender: str, number: int) -> None:
        """Take no message of `sender` up to `number`: its lease says that they were sent before."""
        if number > self._last.get(sender, -1):
            self._last[sender] = number

    def is_new(self, sender: str, number: int) -> bool:
        """Return whether a message may be taken, and remember its number. A sender without a lease is unknown."""
        if number <= self._last.get(sender, number):
            return False
        self._last[sender] = number
        return True

    def forget(self, sender: str) -> None:
        """Forget a sender whose lease is over. Names are drawn at random, so it never comes back."""
        self._last.pop(sender, None)
