"""The gateway's end of one host's link: which messages it takes, and in which order.

Each message of a host is checked before it is used (T23): a bad one ends this link.
Frames go into the session's replica (`session_link`). Each guest is painted from there at
their own pace, and guests in step share the painted bytes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Protocol, assert_never

from pairterm import __version__
from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError, UsageError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.hosts.recordings_link import RecordingsLink, RecordingsPlace
from pairterm.gateway.hosts.session_link import SessionLink
from pairterm.link.codec import decode_host_message
from pairterm.link.messages import (
    PROTOCOL,
    AdmissionRules,
    AttendanceWire,
    Captured,
    Clipboard,
    DocumentAck,
    Documents,
    DocumentUpdate,
    Echo,
    Ended,
    GatewayAway,
    Hello,
    History,
    HomeProved,
    HostMessage,
    InputMarked,
    Joined,
    JoinPending,
    LookAt,
    Ping,
    Pong,
    PublishOver,
    PublishTaken,
    Questions,
    RecordEvent,
    Refused,
    Register,
    Registered,
    Replay,
    RoleChanged,
    ScreenUpdate,
    SessionInfo,
    SharingChanged,
    ShowText,
    ViewSettings,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.runtime.heartbeat import Heartbeat

__all__ = ["LINK_BURST_S", "LINK_PART", "HostLink", "NameClaims", "Registry"]

logger = logging.getLogger(__name__)

LINK_BURST_S = 0.2
LINK_PART = 0.3
"""How much of the loop's time one host's link may take, at once and in the long run: 60 pictures of a large screen a
second."""

_MAX_WAITING_BYTES = 1 << 20
"""How much may wait for a host when one more message is sent to it. Guests' input stops before that (`input_gate`)."""

_MAX_HELD = 64
"""Messages of a host that may wait while its session's name is claimed: it sends a handful."""

_REGISTER_TIMEOUT_S = 10.0
"""How long a link may be open without a session."""


class NameClaims(Protocol):
    """Claims fixed names in a service of several gateways."""

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the claim of a link in the background."""

    async def claim(self, owner: HostOwner, message: Register) -> tuple[Register, str]:
        """Claim the fixed name of a session.

        Returns:
            The message as it counts from now on, and why a host that returns did not get its name again, "" if it did.

        Raises:
            UsageError: A fixed name is asked for the first time and can't be had.
        """


class Registry(Protocol):
    """The gateway, as a host's link sees it."""

    @property
    def recordings(self) -> RecordingsPlace | None:
        """Where it keeps recordings; None: it keeps none."""

    @property
    def name_claims(self) -> NameClaims | None:
        """Where fixed names are claimed for several gateways; None: this gateway is alone."""

    async def claim_name(self, link: HostLink, message: Register) -> tuple[Register, str]:
        """Claim the fixed name of a session in the whole service; return the message, and a notice for the owner.

        Raises:
            UsageError: It can't be had.
        """

    def register(self, link: HostLink, message: Register, notice: str = "") -> tuple[HostedSession, Registered]:
        """Accept a session; return it, and the answer for the host with the notice.

        Raises:
            UsageError: The session can't be accepted.
        """

    def refusal(self, link: HostLink) -> Refused | None:
        """Return why a link may not wait for its session; None when it may."""

    def admit(self, session: HostedSession, message: AdmissionRules) -> None:
        """Take the invitations and keys that open a session from now on."""

    def forget(self, session: HostedSession) -> None:
        """Remove a session: its host ended it, or can't come back."""

    def away(self, session: HostedSession) -> None:
        """Keep a session for a while: its host is away, and may come back."""

    def gone(self, link: HostLink) -> None:
        """Forget a link that has ended."""


class HostLink(SessionLink):
    """A host's link, and the one session that it registers."""

    def __init__(self, owner: HostOwner, registry: Registry) -> None:
        # Over SSH the connection has a share already, which is the link's too.
        share = Share(LINK_BURST_S, LINK_PART) if owner.uid is not None else None
        super().__init__(
            self._receive,
            self._gone,
            is_near=not owner.may_be_away,
            max_waiting_bytes=_MAX_WAITING_BYTES,
            share=share,
        )
        self.turn_share = share
        """The share that pays for its turns: over SSH its connection's."""
        self.owner = owner
        self._registry = registry
        self._has_hello = False
        self._settings = ViewSettings()
        self._session: HostedSession | None = None
        self._held: list[bytes] | None = None
        """What came while the session's name is claimed; None: nothing is claimed now."""
        self._recordings: RecordingsLink | None = None
        """What is on the link instead of a session: an owner shares recordings."""

    @property
    def session(self) -> HostedSession | None:
        """The session that it registered; None before that."""
        return self._session

    def open(self, refusal: Refused | None = None) -> None:
        """Say hello, which is the first message each way, and wait for a session, unless there is a refusal."""
        self.send(Hello(PROTOCOL, __version__, "gateway", round(time.time())))
        refusal = refusal or self._registry.refusal(self)
        if refusal is not None:
            self.send(refusal)
            self.close()
            return
        asyncio.get_running_loop().call_later(_REGISTER_TIMEOUT_S, self._check_registered)
        if self.owner.may_be_away:
            self.heartbeat = Heartbeat(lambda: self.send(Ping()), self._dead)

    def excuse(self, took_s: float) -> None:
        """Take so much out of the turn that is under way: it was spent on guests."""
        if self.turn_share is not None:
            self.turn_share.excuse(took_s)

    def supersede(self) -> None:
        """Tell the host that another link has its session now, and close."""
        self._session = None
        self.send(Refused(None, "superseded", "this session is shared by another link now"))
        self.close()

    def dismiss(self, text: str) -> None:
        """Disconnect a host that may no longer share here, and its session's guests."""
        session, self._session = self._session, None
        self.send(Refused(None, "not_allowed", text))
        if session is not None:
            self._registry.forget(session)
            session.end_guests(f"[{session.name}: ended by the gateway]", 1)
        self.close()

    def _check_registered(self) -> None:
        if self._session is None and self._recordings is None:
            self.close(PeerError("nothing was registered in time", code="no_registration"))

    def _dead(self) -> None:
        logger.info("the link of %s is silent: taken for dead", self._session.name if self._session else "a host")
        self.abort()

    def _receive(self, payload: bytes) -> None:
        session = self._session
        if session is not None:
            self._take(session, decode_host_message(payload))
        elif self._recordings is not None:
            self._recordings.receive(payload)
        elif self._held is not None:
            self._held.append(payload)
            if len(self._held) > _MAX_HELD:
                raise PeerError("too much before the session is registered", code="unexpected_message")
        else:
            self._take_first(decode_host_message(payload))

    def _take_first(self, message: HostMessage) -> None:
        if not self._has_hello:
            hello = check_protocol(message, ours=__version__)
            self._has_hello = True
            if hello.side == "sharer":
                self._recordings = RecordingsLink(self, self.owner.id, self._registry.recordings)
            return
        match message:
            case ViewSettings():
                self._settings = message
            case Register(fixed_name=fixed_name) if fixed_name and self._registry.name_claims is not None:
                self._held = []
                self._registry.name_claims.run(self._claim_name(message))
            case Register():
                self._register(message)
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case _:
                raise PeerError("a host has to register first", code="unexpected_message")

    def _take(self, session: HostedSession, message: HostMessage) -> None:
        match message:
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
                | Refused()
                | ShowText()
                | History()
                | InputMarked()
                | ViewSettings()
            ):
                self.take_for(session, message)
            case PublishTaken() | PublishOver():
                session.publishers.take(message)
            case HomeProved():
                session.home_proofs.take(message)
            case AdmissionRules():
                self._registry.admit(session, message)
            case Ended(text=text):
                self._session = None
                self._registry.forget(session)
                session.end_guests(text, 0)
                self.close()
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case Register():
                raise PeerError("registered already", code="unexpected_message")
            case (
                Hello()
                | SessionInfo()
                | GatewayAway()
                | Captured()
                | Clipboard()
                | RecordEvent()
                | SharingChanged()
                | DocumentAck()
            ):
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    async def _claim_name(self, message: Register) -> None:
        """Register when the name is claimed, and then take what came meanwhile."""
        try:
            message, notice = await self._registry.claim_name(self, message)
        except UsageError as error:
            self._refuse(error)
            return
        except Exception as error:
            logger.exception("a name could not be claimed: link dropped")
            self.close(PeerError(f"internal error: {type(error).__name__}", code="internal"))
            return
        held, self._held = self._held or [], None
        try:
            if self.is_open:
                self._register(message, notice)
            for payload in held:
                if self.is_open:
                    self._receive(payload)
        except PeerError as error:
            logger.warning("link dropped: %s", error)
            self.close(error)

    def _refuse(self, error: UsageError) -> None:
        self.send(Refused(None, error.code, error.message))
        self.close()

    def _register(self, message: Register, notice: str = "") -> None:
        try:
            session, answer = self._registry.register(self, message, notice)
        except UsageError as error:
            self._refuse(error)
            return
        self._session = session
        self.send(answer)
        session.connect(self, self._settings)

    def _gone(self, error: PeerError | None) -> None:
        if self._recordings is not None:
            self._recordings.gone()
        session, self._session = self._session, None
        if session is not None and session.link is self:
            if self.owner.may_be_away:
                session.disconnect(asyncio.get_running_loop().time())
                self._registry.away(session)
            else:
                self._registry.forget(session)
                session.end_guests(f"[{session.name} lost: its host is gone]", 1)
        self._registry.gone(self)
