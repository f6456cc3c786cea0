"""What opens a session for the guests of another gateway: a proved token, or the word of a worker of this machine.

The rules are those of an admission, with the proof that `cluster.relay_proof` describes. A refusal
tells nothing: it reads the same for a session that is not here and for a wrong proof.
"""

from __future__ import annotations

import hmac
from typing import TypeAlias

from pairterm.access.proved_key import ProvedKey
from pairterm.access.tokens import SEAL_BYTES, sealed_half, token_hash
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.errors import PeerError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.key_opening import KeyOpening
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.link.gateway_relay import (
    NotOpened,
    OpenByWord,
    Opened,
    SessionFacts,
    ShowBegin,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.key_relay import OpenByLogin
from pairterm.link.messages import InvitationWire, Join

__all__ = ["Opening"]

_MAX_OPEN = 4
"""Proofs that have begun and are not complete, on one link."""

_MAX_REFUSED = 20
"""Refusals on one link before it ends: a gateway that asks for what its copy of the directory says gets few."""

Answer: TypeAlias = ShowHomeProof | Opened | NotOpened


class Opening:
    """What one relay link has opened, of one session."""

    def __init__(self, directory: SessionDirectory, *, landing: str, home: str, is_trusted: bool) -> None:
        self._directory = directory
        self._landing, self._home = landing, home
        self._is_trusted = is_trusted
        self._chosen = b""
        self._begun: dict[int, tuple[str, str, Handshake]] = {}
        """By the number of the request: both halves of the token, and what was said."""
        self._tokens: dict[bytes, str] = {}
        """The tokens that were proved here, by their hash; "" for the code of a guest of this machine."""
        self.keys = KeyOpening(directory, landing=landing, home=home, session=self._session, tokens=self._tokens)
        self.publishing: set[bytes] = set()
        """The hashes of the links to publish that were proved. No guest comes by one."""
        self._is_open_by_name = False
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

    def answer(self, message: ShowBegin | ShowProof | OpenByWord | OpenByLogin) -> Answer:
        """Take a step of a proof, and return the next.

        Raises:
            PeerError: Too many steps were wrong, or have begun, or only workers of one machine may send this.
        """
        answer: Answer | None
        match message:
            case ShowBegin():
                answer = self._begin(message)
            case ShowProof():
                answer = self._complete(message)
            case OpenByLogin():
                session = self.keys.opens(message)
                answer = self._open(message.request, session, None) if session is not None else None
            case _:
                answer = self._by_word(message)
        if answer is None:
            self._count_refusal()
            return NotOpened(message.request)
        return answer

    def admitted(self, session: HostedSession, join: Join) -> ProvedKey | None:
        """Return the key of a guest who comes by what was opened on this link, empty for none; None: they don't.

        A worker of this machine is believed which key a guest has, and that they were in before: the host knows
        their ticket.
        """
        if not self._is_trusted:
            key = self.keys.admitted(session, join)
            if key is None:
                self._count_refusal()
            return key
        if not join.ticket:
            is_open = self._is_open_by_name and bool(join.key)
            if not (join.token_hash in self._tokens if join.token_hash is not None else is_open):
                return None
        return ProvedKey(join.key, join.key_name, join.authority)

    def _count_refusal(self) -> None:
        self._refused += 1
        if self._refused > _MAX_REFUSED:
            raise PeerError("too many tokens and keys that open nothing", code="guessing")

    def _session(self) -> HostedSession | None:
        if self.opened is not None:
            return self.opened if self._directory.has(self.opened) else None
        return self._directory.with_id(self._chosen)

    def _begin(self, message: ShowBegin) -> ShowHomeProof | None:
        if len(self._begun) >= _MAX_OPEN:
            raise PeerError("too many proofs have begun", code="guessing")
        session = self._session()
        if session is None or len(session.seal) != SEAL_BYTES:
            return None
        sealed = sealed_half(message.begin, session.seal)
        invitation = session.links.get(token_hash(message.begin + sealed))
        if invitation is None:
            return None
        handshake = Handshake(self._landing, self._home, message.nonce, draw_nonce())
        self._begun[message.request] = (message.begin, sealed, handshake)
        return ShowHomeProof(message.request, handshake.home_nonce, handshake.home_proof(sealed))

    def _complete(self, message: ShowProof) -> Opened | None:
        begin, sealed, handshake = self._begun.pop(message.request, ("", "", None))
        session = self._session()
        if handshake is None or session is None:
            return None
        if not hmac.compare_digest(message.proof, handshake.guest_proof(sealed)):
            return None
        presented = token_hash(begin + sealed)
        invitation = session.links.get(presented)
        if invitation is None:
            return None
        if invitation.role == "publish":
            self.publishing.add(presented)
        else:
            self._tokens[presented] = begin + sealed
        return self._open(message.request, session, invitation)

    def _by_word(self, message: OpenByWord) -> Opened | None:
        if not self._is_trusted:
            raise PeerError("only workers of one machine are believed", code="unexpected_message")
        session = self._session()
        if session is None:
            return None
        if message.token_hash is None and message.name:
            if session not in self._directory.keyed(message.name).sessions:
                return None
            self._is_open_by_name = True
            return self._open(message.request, session, None)
        if message.token_hash is None:
            return self._open(message.request, session, None)
        invitation = session.links.get(message.token_hash)
        if invitation is None or not invitation.nameplate or invitation.nameplate != message.nameplate:
            return None  # The landing gateway counts it, and tells all gateways.
        self._tokens[message.token_hash] = ""
        return self._open(message.request, session, invitation)

    def _open(self, request: int, session: HostedSession, invitation: InvitationWire | None) -> Opened:
        self.opened = session
        facts = SessionFacts(
            session.name,
            session.fixed_name,
            session.owner.id,
            session.owner.name_prefix,
            session.needs_key,
            list(session.keys) if self._is_trusted else [],
        )
        return Opened(request, invitation, facts, session.settings)
