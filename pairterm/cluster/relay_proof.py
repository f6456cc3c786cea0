"""The proofs between two gateways, before one serves the guests of the other's session. Pure.

Everybody who reads the directory knows the hash of a token. So the hash proves nothing. The landing gateway has
the token of its guest. The home has the session's seal from the host, and no token. The landing
gateway shows the first half of the token. The home makes the second half from its seal,
and each side proves by an HMAC (RFC 2104) with that half as its key that it has it:

    landing → home: the first half, a nonce
    home → landing: a nonce, `home_proof`
    landing → home: `guest_proof`

A gateway that announces a hash without the seal learns half of a token, which opens nothing. The half that
stays secret has 80 random bits, so it can't be guessed from a proof. The proofs name
both gateways, so nobody can pass on another's.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

__all__ = ["NONCE_BYTES", "Handshake", "draw_nonce"]

NONCE_BYTES = 16


def draw_nonce() -> bytes:
    """Draw what makes a proof good for one time."""
    return secrets.token_bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True)
class Handshake:
    """What both sides have said before they prove anything."""

    landing: str
    """The name of the gateway where the guest is."""
    home: str
    """The name of the gateway that has the session's host."""
    landing_nonce: bytes
    home_nonce: bytes

    def home_proof(self, sealed: str) -> bytes:
        """Return what only a gateway with the session's seal can say."""
        return self._proof(b"home", sealed)

    def guest_proof(self, sealed: str) -> bytes:
        """Return what only a gateway with the guest's token can say."""
        return self._proof(b"guest", sealed)

    def _proof(self, side: bytes, sealed: str) -> bytes:
        said = (b"pairterm relay", side, self.landing.encode(), self.home.encode())
        text = b"\0".join(said) + b"\0" + self.landing_nonce + self.home_nonce
        return hmac.digest(sealed.encode(), text, "sha256")
