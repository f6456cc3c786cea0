"""Opens a session for the guests of another gateway: by a proof, or by the word of a worker of this machine.

The rules are those of an admission, with the proofs that `cluster.relay_proof` and `cluster.code_exchange` describe. A
refusal tells nothing: it reads the same for a session that is not here and for a wrong proof. A wrong proof of a
spoken code is counted as wrong words, and it ends the code as those do.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from pairterm.access.proved_key import ProvedKey
from pairterm.access.tokens import SEAL_BYTES, sealed_half, token_hash
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.cluster.return_key import return_key
from pairterm.errors import PeerError
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.key_opening import KeyOpening
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.link.gateway_relay import (
    NotOpened,
    OpenByWord,
    Opened,
    ProveReturn,
    SessionFacts,
    ShowBegin,
    ShowCode,
    ShowHomeCode,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.key_relay import OpenByLogin
from pairterm.link.messages import InvitationWire, Join

__all__ = ["Opening", "Question"]

_MAX_OPEN = 4
"""Proofs that have begun and are not complete, on one link."""

_MAX_REFUSED = 20
"""Refusals on one link before it ends: a gateway that asks for what its copy of the directory says gets few."""

Question: TypeAlias = ShowBegin | ShowCode | ProveReturn | ShowProof | OpenByWord | OpenByLogin
Answer: TypeAlias = ShowHomeProof | ShowHomeCode | Opened | NotOpened


@dataclass(frozen=True, slots=True)
class _Begun:
    """A proof of which the last step is missing."""

    proofs: Callable[[], tuple[bytes, bytes]]
    """Returns the proof that has to come, and the one that answers it, b"" for none.

    Raises `PeerError`: none can be right.
    """
    token_hash: bytes | None
    """Of the token or code; None: the session was open for this gateway before."""
    token: str = ""
    """The token; "" for a code."""
    nameplate: str = ""
    """The number of the code."""


class Opening:
    """What one relay link has opened, of one session."""

    def __init__(self, directory: SessionDirectory, *, landing: str, home: str, is_trusted: bool) -> None:
        self._directory = directory
        self._landing, self._home = landing, home
        self._is_trusted = is_trusted
        self._chosen = b""
        self._begun: dict[int, _Begun] = {}
        """By the number of the request."""
        self._tokens: dict[bytes, str] = {}
        """The tokens that were proved here, by their hash; "" for a spoken code."""
        self.keys = KeyOpening(directory, landing=landing, home=home, session=self._session, tokens=self._tokens)
        self.publishing: set[bytes] = set()
        """The hashes of the links to publish that were proved. No guest comes by one."""
        self._is_open_by_name = False
        self._is_open_for_return = False
        self._refused = 0
        self.opened: HostedSession | None = None
        """The session, from the first proof on."""

    def choose(self, session_id: bytes) -> None:
        """Take which session the link is for.

        Raises:
            PeerError: It is for one already.
        """
        if self._chosen:
            raise PeerError("a link is for one session", code="unexpected_message")
        self._chosen = session_id

    def answer(self, message: Question) -> Answer:
        """Take a step of a proof, and return the next.

        Raises:
            PeerError: Too many steps were wrong, or have begun, or the other gateway may not send this.
        """
        answer: Answer | None
        match message:
            case ShowBegin():
                answer = self._begin(message)
            case ShowCode():
                answer = self._begin_code(message)
            case ProveReturn():
                answer = self._begin_return(message)
            case ShowProof():
                answer = self._complete(message)
            case OpenByLogin():
                session = self.keys.opens(message)
                answer = self._open(message.request, session, None) if session is not None else None
            case OpenByWord():
                answer = self._by_word(message)
            case _:
                assert_never(message)
        if answer is None:
            self._count_refusal()
            return NotOpened(message.request)
        return answer

    def admitted(self, session: HostedSession, join: Join) -> Credentials | None:
        """Return the rights of a guest who comes by what was opened on this link; None: they have none.

        A worker of this machine is believed which key a guest has. With a ticket only, the host decides.
        """
        key = self._worker_says(join) if self._is_trusted else self.keys.admitted(session, join)
        returns_only = key is None and self._is_open_for_return and bool(join.ticket)
        if key is None and not returns_only:
            self._count_refusal()
            return None
        return Credentials(
            token_hash=join.token_hash,
            address=join.label,
            owner_proof=join.owner_proof,
            key=key or ProvedKey(),
            returns_only=returns_only,
        )

    def _worker_says(self, join: Join) -> ProvedKey | None:
        is_by_name = self._is_open_by_name and bool(join.key)
        is_open = join.token_hash in self._tokens if join.token_hash is not None else is_by_name
        return ProvedKey(join.key, join.key_name, join.authority) if is_open else None

    def _count_refusal(self) -> None:
        self._refused += 1
        if self._refused > _MAX_REFUSED:
            raise PeerError("too many tokens and keys that open nothing", code="guessing")

    def _session(self) -> HostedSession | None:
        if self.opened is not None:
            return self.opened if self._directory.has(self.opened) else None
        return self._directory.with_id(self._chosen)

    def _check_begun(self, request: int) -> None:
        if request in self._begun:
            raise PeerError("a proof has begun twice", code="unexpected_message")
        if len(self._begun) >= _MAX_OPEN:
            raise PeerError("too many proofs have begun", code="guessing")

    def _begin(self, message: ShowBegin) -> ShowHomeProof | None:
        self._check_begun(message.request)
        session = self._session()
        if session is None or len(session.seal) != SEAL_BYTES:
            return None
        sealed = sealed_half(message.begin, session.seal)
        presented = token_hash(message.begin + sealed)
        if presented not in session.links:
            return None
        return self._begin_secret(message, sealed, presented, message.begin + sealed)

    def _begin_return(self, message: ProveReturn) -> ShowHomeProof | None:
        self._check_begun(message.request)
        session = self._session()
        if session is None or len(session.seal) != SEAL_BYTES:
            return None
        return self._begin_secret(message, return_key(session.seal, self._landing).hex(), None)

    def _begin_secret(
        self, message: ShowBegin | ProveReturn, secret: str, presented: bytes | None, token: str = ""
    ) -> ShowHomeProof:
        """Prove that this gateway has the secret, and expect a proof of the other one."""
        handshake = Handshake(self._landing, self._home, message.nonce, draw_nonce())
        self._begun[message.request] = _Begun(lambda: (handshake.guest_proof(secret), b""), presented, token)
        return ShowHomeProof(message.request, handshake.home_nonce, handshake.home_proof(secret))

    def _begin_code(self, message: ShowCode) -> ShowHomeCode | None:
        if self._is_trusted:
            raise PeerError("a worker of this machine tells the code", code="unexpected_message")
        # Here: only a service of several machines has its packages.
        from pairterm.cluster.code_exchange import CodeExchange, CodeRun

        self._check_begun(message.request)
        session = self._session()
        links = session.links.values() if session is not None and message.nameplate else ()
        code = next((each for each in links if each.nameplate == message.nameplate), None)
        if session is None or code is None:
            return None
        run = CodeRun(self._landing, self._home, session.id, code.nameplate)
        exchange = CodeExchange(run, code.token_hash, is_home=True)

        def proofs() -> tuple[bytes, bytes]:
            found = exchange.proofs(message.share)
            return found.guest_proof, found.home_proof

        self._begun[message.request] = _Begun(proofs, code.token_hash, nameplate=code.nameplate)
        return ShowHomeCode(message.request, exchange.share)

    def _complete(self, message: ShowProof) -> Opened | None:
        begun, session = self._begun.pop(message.request, None), self._session()
        if begun is None or session is None:
            return None
        expected, answer = _proofs_of(begun)
        if not expected or not hmac.compare_digest(message.proof, expected):
            if begun.nameplate and self._directory.missed_in(session, begun.nameplate):
                session.tried(begun.nameplate)
            return None
        if begun.token_hash is None:
            self._is_open_for_return = True
            return self._open(message.request, session, None)
        invitation = session.links.get(begun.token_hash)
        if invitation is None:
            return None
        if invitation.role == "publish":
            self.publishing.add(begun.token_hash)
        else:
            self._tokens[begun.token_hash] = begun.token
        return self._open(message.request, session, invitation, answer)

    def _by_word(self, message: OpenByWord) -> Opened | None:
        if not self._is_trusted:
            raise PeerError("only workers of one machine are believed", code="unexpected_message")
        session = self._session()
        if session is None:
            return None
        if message.token_hash is None:
            if session not in self._directory.keyed(message.name).sessions:
                return None
            self._is_open_by_name = True
            return self._open(message.request, session, None)
        invitation = session.links.get(message.token_hash)
        if invitation is None or not invitation.nameplate or invitation.nameplate != message.nameplate:
            return None  # The landing gateway counts it, and tells all gateways.
        self._tokens[message.token_hash] = ""
        return self._open(message.request, session, invitation)

    def _open(
        self, request: int, session: HostedSession, invitation: InvitationWire | None, proof: bytes = b""
    ) -> Opened:
        self.opened = session
        facts = SessionFacts(
            session.name,
            session.fixed_name,
            session.owner.id,
            session.owner.name_prefix,
            session.needs_key,
            list(session.keys) if self._is_trusted else [],
        )
        key = return_key(session.seal, self._landing) if len(session.seal) == SEAL_BYTES else b""
        return Opened(request, invitation, facts, session.settings, proof, key)


def _proofs_of(begun: _Begun) -> tuple[bytes, bytes]:
    """Return the proof that has to come, b"" if none can be right, and the one that answers it.

    A share may be chosen so that only the right words make it a bad one. So that is no error, but counted.
    """
    try:
        return begun.proofs()
    except PeerError:
        return b"", b""
