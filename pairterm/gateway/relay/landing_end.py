"""The landing gateway's end of a relay link: a session's link that comes from another gateway instead of its host.

It proves the tokens and codes of the guests here, and believes a home only after that home has proved that it has
the session (`landing_proofs`). Its messages are checked as a host's: a bad one ends this link.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import TypeAlias, assert_never

from pairterm import __version__
from pairterm.access.rate_limits import Share
from pairterm.access.tokens import looks_like_token
from pairterm.access.user_names import UserName
from pairterm.errors import PeerError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.session_link import SessionLink
from pairterm.gateway.relay.key_opening import login_to_wire, shown_name
from pairterm.gateway.relay.landing_proofs import (
    CodeProof,
    LandingProof,
    Question,
    ReturnProof,
    TokenProof,
    Unproved,
    Word,
)
from pairterm.link.codec import LinkMessage, decode_home_message
from pairterm.link.gateway_relay import (
    ClientEnded,
    HomeMessage,
    NotOpened,
    Opened,
    OpenSession,
    ShowHomeCode,
    ShowHomeProof,
)
from pairterm.link.key_relay import GuestLogin, HomeShown, KeyTaken
from pairterm.link.messages import (
    PROTOCOL,
    AttendanceWire,
    Documents,
    DocumentUpdate,
    Echo,
    Hello,
    History,
    InputMarked,
    Join,
    Joined,
    JoinPending,
    LookAt,
    Ping,
    Pong,
    PublishOver,
    PublishTaken,
    Questions,
    Replay,
    RoleChanged,
    ScreenUpdate,
    ShowText,
    ViewSettings,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import HostAway
from pairterm.runtime.heartbeat import Heartbeat

__all__ = ["LandingEnd"]

logger = logging.getLogger(__name__)

_SHARE_BURST_S, _SHARE_PART = 0.2, 0.3
"""How much of the loop's time one relay link may take, as a host's link."""

_DOUBT_S = 0.5
"""How long a home may take to say anything when its session is announced elsewhere, or its lease is over."""

_MAX_WAITING_BYTES = 1 << 20
"""How much may wait for a home when one more message is sent to it. Guests' input stops before that."""

_Answer: TypeAlias = Opened | HomeShown | KeyTaken


class LandingEnd(SessionLink):
    """The end of one relay link that has the guests."""

    def __init__(
        self,
        session_id: bytes,
        *,
        home: str,
        own: str,
        is_trusted: bool,
        on_gone: Callable[[LandingEnd], None],
        on_away: Callable[[], None],
    ) -> None:
        """`home` and `own` are the names of the two gateways.

        `is_trusted`: the home is a worker of this machine. `on_away`: the session's host is away there.
        """
        self._link_share = Share(_SHARE_BURST_S, _SHARE_PART)
        super().__init__(
            self._receive, self._gone, is_near=is_trusted, max_waiting_bytes=_MAX_WAITING_BYTES, share=self._link_share
        )
        self._is_trusted = is_trusted
        self._session_id = session_id
        self.home, self.own = home, own
        self.proved_names: dict[str, float] = {}
        """When the session's host has proved to be at the home, for each name: see `key_logins`."""
        self._on_gone = on_gone
        self._on_away = on_away
        self._loop = asyncio.get_running_loop()
        self._has_hello = False
        self._requests = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._session: HostedSession | None = None
        self._settings = ViewSettings()
        self._away: HostAway | None = None
        self._doubt: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello, and which session is wanted."""
        super().connection_made(transport)
        self.heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort)
        self.send(Hello(PROTOCOL, __version__, "gateway"), OpenSession(self._session_id))

    def excuse(self, took_s: float) -> None:
        """Take so much out of the turn that is under way: it was spent on guests."""
        self._link_share.excuse(took_s)

    def send(self, *messages: LinkMessage) -> None:
        """Send messages. Before a guest with a key, their login goes, which proves it."""
        if any(isinstance(each, Join) for each in messages):
            messages = tuple(sent for each in messages for sent in (*self._logins(each), each))
        super().send(*messages)

    def _logins(self, message: LinkMessage) -> list[GuestLogin]:
        if not isinstance(message, Join) or self._session is None:
            return []
        guests = self._session.guests
        credentials = next((each.credentials for each in guests if each.number == message.client), None)
        if credentials is None or credentials.login is None:
            return []
        name = shown_name(credentials.user_name) if credentials.user_name is not None else ""
        return [GuestLogin(message.client, login_to_wire(credentials.login), name)]

    def doubt(self) -> None:
        """End the link if the home says nothing soon: there is a sign that it may have died."""
        if self._doubt is None and self.is_open:
            self.send(Ping())
            self._doubt = self._loop.call_later(_DOUBT_S, self.abort)

    def data_received(self, data: bytes) -> None:
        """Take messages. The home is alive."""
        self._trust()
        super().data_received(data)

    def _trust(self) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None

    # Proofs that open the session.

    async def open(self, user: UserName) -> Opened | None:
        """Prove a guest's token or code, or tell another worker of this machine their code or name.

        None: it opens nothing.
        """
        answer = await self._prove(self._proof_of(user))
        return answer if isinstance(answer, Opened) else None

    def _proof_of(self, user: UserName) -> LandingProof:
        if user.nameplate and not self._is_trusted:
            return CodeProof(user, self._session_id, landing=self.own, home=self.home)
        if user.nameplate or not looks_like_token(user.text):
            return Word(user)
        return TokenProof(user.text, landing=self.own, home=self.home)

    async def open_for_return(self, key: bytes) -> Opened | None:
        """Open the session for guests who were in before, and have tickets, by this gateway's return key."""
        answer = await self._prove(ReturnProof(key, landing=self.own, home=self.home))
        return answer if isinstance(answer, Opened) else None

    async def ask(self, message: Callable[[int], Question]) -> _Answer | None:
        """Ask the home, and return its answer; None: it says no, or the link has ended."""
        return await self._prove(Unproved(message))

    async def _prove(self, proof: LandingProof) -> _Answer | None:
        number = next(self._requests)
        asked = self._asked[number] = _Asked(proof, self._loop.create_future())
        self.send(proof.first(number))
        if not self.is_open:
            asked.settle(None)
        try:
            return await asked.answer
        finally:
            del self._asked[number]

    def _shown(self, message: ShowHomeProof | ShowHomeCode) -> None:
        """Answer what a home shows; one that can't have the session gets nothing."""
        asked = self._asked.get(message.request)
        if asked is None:
            return
        answer = asked.proof.answer(message)
        if answer is not None:
            self.send(answer)
        else:
            logger.warning("gateway %s announces a session that it does not have", self.home)
            asked.settle(None)

    def _opened(self, message: Opened) -> None:
        asked = self._asked.get(message.request)
        if asked is None:
            return
        if not asked.proof.believes(message):
            raise PeerError("a session is opened without a proof", code="no_proof")
        opened = message.invitation.token_hash if message.invitation is not None else None
        if opened != asked.proof.token_hash or (message.facts.keys and not self._is_trusted):
            # Guests come by what is opened. So a home must not choose for which links, nor by which keys.
            raise PeerError("a session is opened for more than was proved", code="no_proof")
        asked.settle(message)

    def _answered(self, message: HomeShown | KeyTaken | NotOpened) -> None:
        asked = self._asked.get(message.request)
        if asked is not None:
            asked.settle(None if isinstance(message, NotOpened) else message)

    # The session.

    def attach(self, session: HostedSession, settings: ViewSettings) -> None:
        """Make this the session's link, and bring its guests in on it."""
        self._session = session
        session.connect(self, settings)
        if self._away is not None:
            self._take_away(session, self._away)

    def _receive(self, payload: bytes) -> None:
        message = decode_home_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        match message:
            case Hello():
                raise PeerError("hello twice", code="unexpected_message")
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case ShowHomeProof() | ShowHomeCode():
                self._shown(message)
            case Opened():
                self._opened(message)
            case HomeShown() | KeyTaken() | NotOpened():
                self._answered(message)
            case _ if self._session is not None:
                self._take(self._session, message)
            case HostAway():
                self._away = message
            case ViewSettings():
                pass  # `Opened` has them.
            case _:
                raise PeerError("no session is open on this link", code="unexpected_message")

    def _take(self, session: HostedSession, message: HomeMessage) -> None:
        match message:
            case HostAway():
                self._take_away(session, message)
            case ClientEnded(client=client, text=text, status=status):
                session.end_guest(client, text, status)
            case PublishTaken() | PublishOver():
                session.publishers.take(message)
            case Echo() | ScreenUpdate():
                self.take_picture(session, message)
            case (
                Windows()
                | LookAt()
                | Replay()
                | Documents()
                | DocumentUpdate()
                | AttendanceWire()
                | Joined()
                | RoleChanged()
                | JoinPending()
                | Questions()
                | ShowText()
                | History()
                | InputMarked()
                | ViewSettings()
            ):
                self.take_for(session, message)
            case (
                Hello()
                | Ping()
                | Pong()
                | ShowHomeProof()
                | ShowHomeCode()
                | Opened()
                | NotOpened()
                | HomeShown()
                | KeyTaken()
            ):
                raise AssertionError("it is taken before")
            case _:
                assert_never(message)

    def _take_away(self, session: HostedSession, message: HostAway) -> None:
        seconds = message.seconds
        session.host_away(None if seconds is None else self._loop.time() - seconds)
        if seconds is not None:
            self._on_away()

    def _gone(self, error: PeerError | None) -> None:
        self._trust()
        for asked in self._asked.values():
            asked.settle(None)
        self._on_gone(self)


class _Asked:
    """One question whether something opens the session."""

    def __init__(self, proof: LandingProof, answer: asyncio.Future[_Answer | None]) -> None:
        self.proof = proof
        self.answer = answer

    def settle(self, answer: _Answer | None) -> None:
        """Give the answer, once."""
        if not self.answer.done():
            self.answer.set_result(answer)
