"""The exchange between two gateways by which one shows that its guest said the right words of a spoken code. Pure.

A code has 16 bits. So neither side may show anything from which the other could find it by trying: no hash, and no
HMAC with a key that follows from it. SPAKE2 (RFC 9382; the package `spake2`) gives both sides the same key if both
have the same code, and else two keys that have nothing in common:

    landing → home: the number of the code, a share
    home → landing: a share
    landing → home: `guest_proof`
    home → landing: `home_proof`

The landing gateway proves first, because the home counts wrong words: it says nothing that depends on the words before
it has counted. A home that does not have the code learns one thing from a run: whether one pair of words that it chose
is right. The key follows from both shares and from both gateways' names, the session and the number. So no run
can be passed on or used again. The password is the code's SHA-256, which is what a home has from its host.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError

from pairterm.cluster.sodium_group import PARAMS
from pairterm.errors import PeerError

__all__ = ["SHARE_BYTES", "CodeExchange", "CodeProofs", "CodeRun"]

SHARE_BYTES = 33
"""A letter for the side, and a point."""


@dataclass(frozen=True, slots=True)
class CodeRun:
    """What a run is about."""

    landing: str
    """The name of the gateway where the guest is."""
    home: str
    """The name of the gateway that has the session's host."""
    session_id: bytes
    nameplate: str
    """The number of the code."""


@dataclass(frozen=True, slots=True)
class CodeProofs:
    """What each side shows of the key."""

    guest_proof: bytes
    home_proof: bytes


class CodeExchange:
    """One side of one run."""

    def __init__(self, run: CodeRun, code_hash: bytes, *, is_home: bool) -> None:
        """Draw a share. `code_hash`: the SHA-256 of the code."""
        side = SPAKE2_B if is_home else SPAKE2_A
        about_home = b"\0".join((run.home.encode(), run.session_id.hex().encode(), run.nameplate.encode()))
        self._spake = side(code_hash, idA=run.landing.encode(), idB=about_home, params=PARAMS)
        self.share: bytes = self._spake.start()
        """For the other side. It says nothing about the code."""

    def proofs(self, share: bytes) -> CodeProofs:
        """Return the proofs by this side's code, with the other side's share; once.

        Raises:
            PeerError: The share is none. Somebody may choose one that is none for the right code only. So for a home
                this counts as wrong words.
        """
        try:
            key: bytes = self._spake.finish(share)
        except (SPAKEError, ValueError, CryptoError) as error:
            raise PeerError("a bad share", code="bad_message") from error
        return CodeProofs(*(hmac.digest(key, b"pairterm code\0" + side, "sha256") for side in (b"guest", b"home")))
