"""This terminal as a guest of a session elsewhere: a link through its gateway, dialled again whenever it is lost.

The view is here, so the picture and the place in the history stay when the connection
is lost; the status line says for how long. Input is refused meanwhile, not
kept. It ends with the session, when the invitation opens nothing any more, when the
gateway's host key has changed, or when the person leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import assert_never

from pairterm import __version__
from pairterm.cli.own_terminal import OwnTerminal, raw_terminal
from pairterm.cli.terminal_viewer import Viewer
from pairterm.errors import PairtermError, PeerError, SystemFault
from pairterm.link.codec import decode_relayed_message
from pairterm.link.messages import (
    PROTOCOL,
    AttendanceWire,
    Documents,
    DocumentUpdate,
    Echo,
    Hello,
    History,
    Input,
    InputMarked,
    Joined,
    JoinPending,
    LookAt,
    Ping,
    Pong,
    RoleChanged,
    RunCommand,
    ScreenUpdate,
    ShowText,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import SELF, Disconnect, GuestMessage, HostAway, RelayedMessage, SessionHello
from pairterm.outbound.dialling import dial
from pairterm.outbound.redial_pauses import RedialPauses
from pairterm.outbound.ssh_login import GatewayLogin, Target
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream
from pairterm.session.session_names import is_name
from pairterm.types import Role
from pairterm.view import TerminalKind
from pairterm.view.prediction import PredictMode

__all__ = ["join_terminal"]

_LOGIN_TIMEOUT_S = 60.0
"""For the whole of the first login: the person may have to confirm the use of a key."""

_REDIAL_TIMEOUT_S = 20.0

_REDIAL_ANSWER_S = 3.0
"""How long a gateway may take to answer when it is dialled again. Then another dial begins: the kernel would ask again
after longer and longer pauses, and the line may be back at any moment."""

_FAREWELL_S = 1.0
"""How long the gateway may take to hear that we leave."""

_CUT_OFF = "truncated_message"
"""A link that ends in the middle of a message was lost, not broken by the gateway."""

_LOST = "connection lost: what you type is not sent"

_LOST_WORDS = "connection lost, redialling"


def join_terminal(target: Target, kind: TerminalKind, predicts: PredictMode = PredictMode.ADAPTIVE) -> int:
    """Show an invitation's session here until the session or the person ends this; return the exit status.

    `predicts`: when typed text is shown before its echo.

    Raises:
        UsageError: The invitation opens nothing, or the gateway's host key is not right.
        SystemFault: The gateway can't be reached.
        PeerError: The gateway has another version, or broke a rule.
    """
    return asyncio.run(_join(target, kind, predicts))


async def _join(target: Target, kind: TerminalKind, predicts: PredictMode) -> int:
    return await _Guest(target, kind, predicts).run()


class _Guest:
    """One terminal's stay in a session, over as many links as it takes."""

    def __init__(self, target: Target, kind: TerminalKind, predicts: PredictMode) -> None:
        self._target = target
        self._predicts = predicts
        self._kind = kind
        self._loop = asyncio.get_running_loop()
        self._session: SessionHello | None = None
        self._link: _GuestLink | None = None
        """The link that is up; None while there is none."""
        self._lost = asyncio.Event()
        self._is_near = False
        """The gateway said that it would be back, or its machine refused a connection."""
        self._is_silent = False
        """Nothing answered the newest dial: to dial again soon is no load for anybody."""
        self._ticket = b""
        """With it we come back as the same guest."""
        self._viewer: Viewer | None = None

    async def run(self) -> int:
        """Join, and stay until the end; return the exit status."""
        await self._dial(_LOGIN_TIMEOUT_S)
        assert self._session is not None
        with raw_terminal() as tty:
            terminal = OwnTerminal(tty)
            viewer = self._viewer = Viewer(
                terminal, self._kind, session=self._session.name, send=self._send, predicts=self._predicts
            )
            terminal.watch(on_keys=viewer.keys, on_resize=viewer.resized, on_hangup=viewer.detach)
            self._ask_in(viewer)
            coming_back = asyncio.create_task(self._come_back(viewer))
            try:
                await asyncio.wait((viewer.over, coming_back), return_when=asyncio.FIRST_COMPLETED)
                if not viewer.over.done():
                    coming_back.result()
            finally:
                coming_back.cancel()
                await self._leave()
                terminal.finish()
        return viewer.over.result()

    async def _leave(self) -> None:
        """Tell the gateway that we leave."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await link.ended.wait()

    # The line.

    async def _dial(self, timeout_s: float, answer_s: float | None = None) -> None:
        """Reach the gateway, and learn which session our invitation opens. `answer_s`: see `_REDIAL_ANSWER_S`."""
        login = GatewayLogin(self._target)
        link = _GuestLink(self._take, self._lose)
        try:
            async with asyncio.timeout(timeout_s):
                self._is_silent = True
                async with asyncio.timeout(answer_s):
                    sock = await dial(self._target.host, self._target.port, os.environ)
                self._is_silent = False
                await login.open(sock, link)
                link.send(Hello(PROTOCOL, __version__, "client"))
                self._session = await link.session
        except BaseException as error:
            link.abort()
            if error is link.failure and login.said:
                raise SystemFault(f"{self._target.where}: {login.said}", code="gateway") from error
            raise login.translated(error) from error
        self._link = link
        link.begin()
        if link.ended.is_set():
            self._lose(link, None)

    async def _come_back(self, viewer: Viewer) -> None:
        """Dial again whenever the link is lost. Ends by being cancelled."""
        while True:
            await self._lost.wait()
            redial = RedialPauses()
            while self._lost.is_set():
                await asyncio.sleep(redial.pause_s(is_near=self._is_near or self._is_silent))
                try:
                    self._lost.clear()
                    await self._dial(_REDIAL_TIMEOUT_S, _REDIAL_ANSWER_S)
                except SystemFault as fault:
                    self._lost.set()
                    self._is_near = fault.code == "refused"
                except PairtermError as error:
                    _fail(viewer, error)
                    return
                else:
                    self._ask_in(viewer)

    def _ask_in(self, viewer: Viewer) -> None:
        assert self._session is not None
        viewer.furnish(self._session.name, self._session.settings)
        viewer.ask_in(ticket=self._ticket)

    def _send(self, *messages: GuestMessage) -> None:
        if self._link is not None:
            self._link.send(*messages)
        elif self._viewer is not None and isinstance(messages[0], Input | RunCommand):
            self._viewer.tell(_LOST)

    def _lose(self, link: _GuestLink, error: PeerError | None) -> None:
        """Take note that the link which is up is gone."""
        viewer = self._viewer
        if link is not self._link or (viewer is not None and viewer.over.done()):
            return
        self._link = None
        if viewer is None:
            self._lost.set()  # It was lost as soon as it was there: dial again.
            return
        viewer.unheard()
        if error is not None:
            _fail(viewer, error)
        else:
            self._lost.set()
            if viewer.live is not None:
                viewer.live.link_away(self._loop.time(), _LOST_WORDS)
            if viewer.live is None or not viewer.has_status:
                viewer.tell(_LOST_WORDS)

    # Messages of the gateway.

    def _take(self, message: RelayedMessage) -> None:
        viewer = self._viewer
        if viewer is None:
            return
        match message:
            case Windows() | LookAt() | ScreenUpdate() | Echo() | AttendanceWire() | History() | InputMarked():
                viewer.take(message)
            case Documents() | DocumentUpdate():
                viewer.take(message)
            case ShowText(text=text, title=title, items=items, starts_at_end=starts_at_end):
                # Questions and copies are for owners: a guest's terminal does not take them.
                viewer.take(ShowText(SELF, text, title=title, items=items, starts_at_end=starts_at_end))
            case Joined(role=role, ticket=ticket):
                self._ticket = ticket or self._ticket
                self._enter(viewer, Role(role))
            case RoleChanged(role=role):
                viewer.set_role(Role(role))
            case JoinPending(text=text):
                viewer.hold(text)
            case HostAway(seconds=seconds):
                self._take_away(viewer, seconds)
            case Disconnect(may_return=True):
                self._is_near = True
            case Disconnect(text=text, status=status):
                viewer.end(text, status)
            case Hello() | SessionHello() | Ping() | Pong():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    def _enter(self, viewer: Viewer, role: Role) -> None:
        self._is_near = False
        viewer.enter(role)
        if viewer.live is not None:
            viewer.live.link_away(None)

    def _take_away(self, viewer: Viewer, seconds: float | None) -> None:
        """The session's host is away, or back: then `Joined` follows, or `JoinPending`."""
        if viewer.live is not None:
            viewer.live.link_away(None if seconds is None else self._loop.time() - seconds)
        if seconds is not None:
            viewer.unheard()
            viewer.tell("the session's host is away; waiting")


def _fail(viewer: Viewer, error: PairtermError) -> None:
    viewer.end(f"pairterm: {error.message}", error.exit_status)


class _GuestLink(LinkStream):
    """One link with the gateway, from the dial to its loss."""

    def __init__(
        self, take: Callable[[RelayedMessage], None], on_lost: Callable[[_GuestLink, PeerError | None], None]
    ) -> None:
        """`take` gets the messages that follow on `session`."""
        super().__init__(self._receive, self._gone)
        self._take = take
        self._on_link_lost = on_lost
        self._has_hello = False
        self.session: asyncio.Future[SessionHello] = asyncio.get_running_loop().create_future()
        """The session that the link leads to; fails if the gateway names none."""
        self.failure: PairtermError | None = None
        """Why `session` failed."""
        self.ended = asyncio.Event()

    def begin(self) -> None:
        """Watch whether the link is still alive."""
        self.heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort)

    def _receive(self, payload: bytes) -> None:
        message = decode_relayed_message(payload)
        match message:
            case _ if not self._has_hello:
                check_protocol(message, ours=__version__)
                self._has_hello = True
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case SessionHello(name=name) if not self.session.done():
                if not is_name(name):
                    raise PeerError("a session without a name", code="bad_text")
                self.session.set_result(message)
            case _ if not self.session.done():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                self._take(message)

    def _gone(self, error: PeerError | None) -> None:
        self.ended.set()
        if error is not None and error.code == _CUT_OFF:
            error = None
        if not self.session.done():
            self.failure = error or SystemFault("the gateway closed the link", code="unreachable")
            self.session.set_exception(self.failure)
            self.session.exception()  # So that asyncio does not complain when nobody waits for it.
        self._on_link_lost(self, error)
