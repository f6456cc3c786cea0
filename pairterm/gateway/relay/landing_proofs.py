"""The proofs that a landing gateway gives a home for its guests, and when it believes a home.

Each of these is one proof to one home, in steps. `LandingEnd` sends its messages and gives it the answers.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Protocol, TypeAlias

from pairterm.access.tokens import token_halves, token_hash
from pairterm.access.user_names import UserName
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.errors import PeerError
from pairterm.link.gateway_relay import (
    OpenByWord,
    Opened,
    ProveReturn,
    ShowBegin,
    ShowCode,
    ShowHomeCode,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.key_relay import AskHome, OpenByLogin, ShowKey

__all__ = ["CodeProof", "LandingProof", "Question", "ReturnProof", "TokenProof", "Unproved", "Word"]

Question: TypeAlias = AskHome | ShowKey | OpenByLogin
First: TypeAlias = ShowBegin | ShowCode | ProveReturn | OpenByWord | Question
Shown: TypeAlias = ShowHomeProof | ShowHomeCode


class LandingProof(Protocol):
    """One proof."""

    @property
    def token_hash(self) -> bytes | None:
        """The hash of the link or code that opens the session by this proof; None: no link does."""

    def first(self, request: int) -> First:
        """Return the message that begins it."""

    def answer(self, shown: Shown) -> ShowProof | None:
        """Return the answer to what the home shows; None: the home can't have the session.

        Raises:
            PeerError: The home shows nothing that belongs to this proof.
        """

    def believes(self, opened: Opened) -> bool:
        """Return whether the home has proved that it has the session: before, or by this message."""


class _SecretProof:
    """Both sides prove that they have one secret, which neither shows: see `cluster.relay_proof`."""

    def __init__(self, secret: str, *, landing: str, home: str) -> None:
        self._secret = secret
        self._landing, self._home = landing, home
        self._nonce = draw_nonce()
        self._is_home_proved = False
        self.token_hash: bytes | None = None

    def answer(self, shown: Shown) -> ShowProof | None:
        """Answer a home that has proved that it has the secret; one that has not gets nothing."""
        if not isinstance(shown, ShowHomeProof):
            raise PeerError("another proof was begun", code="unexpected_message")
        handshake = Handshake(self._landing, self._home, self._nonce, shown.nonce)
        if not hmac.compare_digest(shown.proof, handshake.home_proof(self._secret)):
            return None
        self._is_home_proved = True
        return ShowProof(shown.request, handshake.guest_proof(self._secret))

    def believes(self, opened: Opened) -> bool:
        """Return whether it has."""
        return self._is_home_proved


class TokenProof(_SecretProof):
    """A guest has a token: the secret is its second half."""

    def __init__(self, token: str, *, landing: str, home: str) -> None:
        self._begin, sealed = token_halves(token)
        super().__init__(sealed, landing=landing, home=home)
        self.token_hash = token_hash(token)

    def first(self, request: int) -> ShowBegin:
        """Show the first half."""
        return ShowBegin(request, self._begin, self._nonce)


class ReturnProof(_SecretProof):
    """The session was open here before: the secret is this gateway's return key (`cluster.return_key`)."""

    def __init__(self, key: bytes, *, landing: str, home: str) -> None:
        super().__init__(key.hex(), landing=landing, home=home)

    def first(self, request: int) -> ProveReturn:
        """Show nothing but a nonce."""
        return ProveReturn(request, self._nonce)


class CodeProof:
    """A guest has said a spoken code: see `cluster.code_exchange`."""

    def __init__(self, user: UserName, session_id: bytes, *, landing: str, home: str) -> None:
        # Here: only a service of several machines has its packages.
        from pairterm.cluster.code_exchange import CodeExchange, CodeRun

        self._nameplate = user.nameplate
        self._exchange = CodeExchange(
            CodeRun(landing, home, session_id, user.nameplate), user.token_hash, is_home=False
        )
        self._home_proof = b""
        self.token_hash: bytes | None = user.token_hash

    def first(self, request: int) -> ShowCode:
        """Show a share."""
        return ShowCode(request, self._nameplate, self._exchange.share)

    def answer(self, shown: Shown) -> ShowProof:
        """Prove that the guest's words are right, if the home has the same."""
        if not isinstance(shown, ShowHomeCode) or self._home_proof:
            raise PeerError("another proof was begun", code="unexpected_message")
        proofs = self._exchange.proofs(shown.share)
        self._home_proof = proofs.home_proof
        return ShowProof(shown.request, proofs.guest_proof)

    def believes(self, opened: Opened) -> bool:
        """Return whether the home shows that it has the same words."""
        return bool(self._home_proof) and hmac.compare_digest(opened.proof, self._home_proof)


class Unproved:
    """A question to a home that has to prove nothing for the answer, or has proved enough before: see `key_logins`."""

    def __init__(self, message: Callable[[int], First]) -> None:
        self._message = message
        self.token_hash: bytes | None = None

    def first(self, request: int) -> First:
        """Ask."""
        return self._message(request)

    def answer(self, shown: Shown) -> None:
        """Take no proof."""
        raise PeerError("no proof was begun", code="unexpected_message")

    def believes(self, opened: Opened) -> bool:
        """Return True."""
        return True


class Word(Unproved):
    """A worker of this machine is told what a guest has, and is believed."""

    def __init__(self, user: UserName) -> None:
        super().__init__(self._told)
        self._user = user
        self.token_hash = user.token_hash if user.nameplate else None

    def _told(self, request: int) -> OpenByWord:
        """Tell the code, or the name."""
        user = self._user
        if user.nameplate:
            return OpenByWord(request, user.token_hash, user.nameplate)
        return OpenByWord(request, name=user.text)
