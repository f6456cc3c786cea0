"""This terminal as a guest of a session elsewhere: a link through its gateway, dialled again whenever it is lost.

The view is here, so a loss of the line takes neither the picture nor the place in the
history; the status line says since when. What is typed meanwhile is refused, not
kept. What ends it is the session's end, a link that opens nothing any more, a changed
host key, or the person.
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
from pairterm.link.codec import check_protocol, decode_relayed_message
from pairterm.link.messages import (
    PROTOCOL,
    AttendanceWire,
    Hello,
    History,
    Input,
    Joined,
    JoinPending,
    Ping,
    Pong,
    RoleChanged,
    RunCommand,
    ScreenUpdate,
    ShowText,
)
from pairterm.link.relay import SELF, Disconnect, GuestMessage, HostAway, RelayedMessage, SessionHello
from pairterm.outbound.dialling import dial
from pairterm.outbound.redial_pauses import RedialPauses
from pairterm.outbound.ssh_login import GatewayLogin, Target
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream
from pairterm.session.names import is_name
from pairterm.session.people import clean_name
from pairterm.types import Role
from pairterm.view import TerminalKind
from pairterm.view.name_prompt import NAME_PROMPT, NamePrompt

__all__ = ["join_terminal"]

_LOGIN_TIMEOUT_S = 60.0
"""For the whole of the first login: the person may have to confirm the use of a key."""

_REDIAL_TIMEOUT_S = 20.0

_FAREWELL_S = 1.0
"""How long the gateway may take to hear that we leave."""

_INTERRUPTED_STATUS = 130
"""128 + SIGINT, as a shell says it."""

"""What leaves while waiting at the door: as in a view that may not type."""

_CUT_OFF = "truncated_message"
"""A link that ends in the middle of a message was lost, not broken by the gateway."""

_LOST = "connection lost: what you type is not sent"

_LOST_WORDS = "connection lost, redialling"


def join_terminal(target: Target, kind: TerminalKind) -> int:
    """Show the session of a link here until one of both ends; return the exit status.

    Raises:
        UsageError: The link opens nothing, or the gateway's host key is not right.
        SystemFault: The gateway is not to be reached.
        PeerError: It is of another version, or broke a rule.
    """
    return asyncio.run(_join(target, kind))


async def _join(target: Target, kind: TerminalKind) -> int:
    return await _Guest(target, kind).run()


class _Guest:
    """One terminal's stay, over as many links as it takes."""

    def __init__(self, target: Target, kind: TerminalKind) -> None:
        self._target = target
        self._kind = kind
        self._loop = asyncio.get_running_loop()
        self._session: SessionHello | None = None
        self._link: _GuestLink | None = None
        """The link that is up; None while there is none."""
        self._lost = asyncio.Event()
        self._is_near = False
        """The gateway said that it would be back, or its machine refused a connection."""
        self._is_held = False
        self._ticket = b""
        """What we come back by, as the same guest."""
        self._name_line = NamePrompt()
        """What is typed while waiting at the door."""
        self._over: asyncio.Future[int] = self._loop.create_future()
        self._terminal: OwnTerminal | None = None
        self._viewer: Viewer | None = None

    async def run(self) -> int:
        """Join, and stay until the end; return the exit status."""
        await self._dial(_LOGIN_TIMEOUT_S)
        with raw_terminal() as fd:
            self._terminal = OwnTerminal(fd)
            self._viewer = Viewer(self._terminal, self._kind, send=self._send, on_detach=self._detach)
            self._terminal.watch(on_keys=self._typed, on_resize=self._viewer.resized, on_hangup=self._detach)
            self._ask_in(self._viewer)
            coming_back = asyncio.create_task(self._come_back())
            try:
                await asyncio.wait((self._over, coming_back), return_when=asyncio.FIRST_COMPLETED)
                if not self._over.done():
                    coming_back.result()
            finally:
                coming_back.cancel()
                await self._part()
                self._terminal.finish()
        return self._over.result()

    async def _part(self) -> None:
        """Tell the gateway that we leave."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await link.ended.wait()

    # The line.

    async def _dial(self, timeout_s: float) -> None:
        """Reach the gateway, and hear what is shared by our link."""
        login = GatewayLogin(self._target)
        link = _GuestLink(self._take, self._lose)
        try:
            async with asyncio.timeout(timeout_s):
                sock = await dial(self._target.host, self._target.port, os.environ)
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

    async def _come_back(self) -> None:
        """Dial again whenever the link is lost. Ends by being cancelled."""
        while True:
            await self._lost.wait()
            redial = RedialPauses()
            while self._lost.is_set():
                await asyncio.sleep(redial.pause_s(is_near=self._is_near))
                try:
                    self._lost.clear()
                    await self._dial(_REDIAL_TIMEOUT_S)
                except SystemFault as fault:
                    self._lost.set()
                    self._is_near = fault.code == "refused"
                except PairtermError as error:
                    self._fail(error)
                    return
                else:
                    assert self._viewer is not None
                    self._ask_in(self._viewer)

    def _ask_in(self, viewer: Viewer) -> None:
        assert self._session is not None
        viewer.furnish(self._session.name, self._session.settings)
        viewer.ask_in(ticket=self._ticket)

    def _send(self, message: GuestMessage) -> None:
        if self._link is not None:
            self._link.send(message)
        elif isinstance(message, Input | RunCommand):
            self._tell(_LOST)

    def _lose(self, link: _GuestLink, error: PeerError | None) -> None:
        """Take note that a link is gone; of one that is not up nobody needs to know."""
        if link is not self._link or self._over.done():
            return
        self._link = None
        if error is not None:
            self._fail(error)
            return
        self._lost.set()
        live = self._viewer.live if self._viewer is not None else None
        if live is not None:
            live.link_away(self._loop.time(), _LOST_WORDS)
        if self._viewer is not None and (live is None or not self._viewer.has_status):
            self._tell(_LOST_WORDS)

    # What the gateway says.

    def _take(self, message: RelayedMessage) -> None:
        viewer = self._viewer
        if viewer is None:
            return
        match message:
            case ScreenUpdate() | AttendanceWire() | History():
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
                self._is_held = True
                viewer.forget_typed()
                self._tell(text)
                if viewer.live is None:
                    self._echo(NAME_PROMPT)
            case HostAway(seconds=seconds):
                self._take_away(viewer, seconds)
            case Disconnect(may_return=True):
                self._is_near = True
            case Disconnect(text=text, status=status):
                self._end(text, status)
            case Hello() | SessionHello() | Ping() | Pong():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    def _enter(self, viewer: Viewer, role: Role) -> None:
        self._is_held = self._is_near = False
        viewer.enter(role)
        if viewer.live is not None:
            viewer.live.link_away(None)

    def _take_away(self, viewer: Viewer, seconds: float | None) -> None:
        """The session's host is away, or back: then `Joined` follows, or `JoinPending`."""
        if viewer.live is not None:
            viewer.live.link_away(None if seconds is None else self._loop.time() - seconds)
        if seconds is not None:
            self._tell("the session's host is away; waiting")

    def _tell(self, text: str) -> None:
        if self._viewer is not None:
            self._viewer.tell(text)

    # What the person does.

    def _typed(self, data: bytes) -> None:
        assert self._viewer is not None
        if not data:
            self._settle(0)  # The terminal is gone: there is nothing to restore.
        elif self._viewer.live is None and self._is_held:
            self._type_name(data)
        elif self._viewer.live is None and b"\x03" in data:
            self._end("", _INTERRUPTED_STATUS)
        else:
            self._viewer.keys(data)

    def _type_name(self, data: bytes) -> None:
        """Take what was typed at the door: a name for the owner to see, or the wish to leave."""
        typed = self._name_line.feed(data, self._loop.time())
        self._echo(typed.echo)
        if name := clean_name(typed.name):
            self._send(RunCommand(0, f"name {name}"))
        if typed.leaves:
            self._end("[left]", 0)

    def _echo(self, text: str) -> None:
        if self._terminal is not None:
            self._terminal.write(text.encode())

    def _detach(self) -> None:
        name = self._session.name if self._session is not None else ""
        self._end(f"[detached from {name}]", 0)

    def _fail(self, error: PairtermError) -> None:
        self._end(f"pairterm: {error.message}", error.exit_status)

    def _end(self, line: str, status: int) -> None:
        if self._viewer is not None:
            self._viewer.leave(line)
        self._settle(status)

    def _settle(self, status: int) -> None:
        if not self._over.done():
            self._over.set_result(status)


class _GuestLink(LinkStream):
    """One link with the gateway, from the dial to its loss."""

    def __init__(
        self, take: Callable[[RelayedMessage], None], on_lost: Callable[[_GuestLink, PeerError | None], None]
    ) -> None:
        """`take` gets what follows on `session`."""
        super().__init__(self._receive, self._gone)
        self._take = take
        self._on_link_lost = on_lost
        self._has_hello = False
        self._heartbeat: Heartbeat | None = None
        self.session: asyncio.Future[SessionHello] = asyncio.get_running_loop().create_future()
        """What the link leads to; fails if the gateway does not say so."""
        self.failure: PairtermError | None = None
        """Why `session` failed."""
        self.ended = asyncio.Event()

    def begin(self) -> None:
        """Watch whether the line still lives."""
        self._heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort)

    def data_received(self, data: bytes) -> None:
        """Take any sign of life (the transport calls this)."""
        if self._heartbeat is not None:
            self._heartbeat.heard()
        super().data_received(data)

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
        if self._heartbeat is not None:
            self._heartbeat.stop()
        self.ended.set()
        if error is not None and error.code == _CUT_OFF:
            error = None
        if not self.session.done():
            self.failure = error or SystemFault("the gateway closed the link", code="unreachable")
            self.session.set_exception(self.failure)
            self.session.exception()  # Perhaps nobody waits for it.
        self._on_link_lost(self, error)
