"""One websocket, from its opening to its end: the login of a browser, and then its guest.

Nothing is decided here: see `access.gateway_admission`. Nothing of the session is sent before the
login is complete. A mistake of the page ends its websocket, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import assert_never

from aiohttp import WSMsgType, web

from pairterm.access.gateway_admission import Admission
from pairterm.access.max_startups import Login
from pairterm.access.penalties import source_of
from pairterm.access.rate_limits import Share
from pairterm.access.verdicts import AskHostKey, AskKey, ComeIn, NoEntry, Refusal, Refused, Verdict, WaitForHost
from pairterm.errors import UsageError
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.login_turns import DROP_TEXTS, Arrival
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.web.messages import (
    MAX_MESSAGE_BYTES,
    PROTOCOL,
    Acknowledge,
    BadMessageError,
    CodeAcknowledge,
    Pong,
    Run,
    Said,
    SayHello,
    SetSize,
    TypeText,
    WatchCode,
    read,
)
from pairterm.gateway.web.terminal import WebTerminal
from pairterm.gateway.web.web_guest import WebGuest
from pairterm.types import DEFAULT_SIZE, Size

__all__ = ["Visit"]

logger = logging.getLogger(__name__)

_HELLO_S = 10.0

_CLOSE_S = 2.0
"""How long a page may take to agree to the end."""

_TURN_S = 0.002
"""After which the rest of what came waits for the next turn of the loop."""

_BURST_S = 0.1
_PART = 0.15
"""The loop's time that one page may take at once and in the long run, as an ssh guest."""

_DRAINING = "The gateway takes no more guests"
_NEEDS_KEY = "this session is only for guests with an SSH key: join with ssh"
_POLICY = 1008


class Visit:
    """One websocket."""

    def __init__(self, state: GatewayState, address: str, settled: Callable[[], None]) -> None:
        """`address` is the browser's. `settled` is called when a guest's place is taken."""
        self._state = state
        self._address = address
        self._source = source_of(address)
        self._settled = settled
        self._admission: Admission[HostedSession] = Admission(state.access, self._source)
        self._share = Share(_BURST_S, _PART)
        self._guest: WebGuest | None = None

    async def serve(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Serve the websocket to its end; a lost connection cancels this."""
        self._socket = web.WebSocketResponse(
            timeout=_CLOSE_S, protocols=(PROTOCOL,), compress=False, max_msg_size=MAX_MESSAGE_BYTES
        )
        await self._socket.prepare(request)
        transport = request.transport
        if transport is None:
            return self._socket
        self._terminal = WebTerminal(self._socket, transport, DEFAULT_SIZE)
        try:
            await self._come_in()
            if self._guest is not None:
                await self._listen(self._guest)
        except BadMessageError as error:
            self._terminal.close_with(error.code)
        except Exception:
            logger.exception("a browser's guest made us fail: dropped")
            self._terminal.abort()
        finally:
            self._leave()
        if self._terminal.closing is not None:
            await self._terminal.closing
        return self._socket

    def _leave(self) -> None:
        """Give back what the websocket held."""
        if self._guest is not None:
            self._guest.guest.leave()
        counted = self._admission.closed(self._now_s())
        if counted is not None:
            self._audit(counted.why)
        self._terminal.stop()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _audit(self, why: Refusal) -> None:
        self._state.audit.refused(why.value, self._source, transport="web")

    # The login.

    async def _come_in(self) -> None:
        """Wait for the turn to log in, and log in: then there is a guest. If not, the page was told why."""
        if self._state.is_draining:
            self._state.audit.refused("draining", self._source, transport="web")
            self._refuse(_DRAINING)
            return
        login = Login(self._source, self._now_s(), has_spoken=True)
        arrival = Arrival(login, lambda: True, lambda: True, self._terminal.abort)
        with self._state.login_turns.waiting(arrival):
            dropped = await arrival.begun
            if dropped is not None:
                self._state.audit.refused(dropped.value, self._source, transport="web")
                self._refuse(DROP_TEXTS[dropped])
                return
            hello = await self._hello()
            if hello is None:
                return
            session = await self._log_in(hello, login)
        if session is not None:
            self._settled()
            self._begin(session, hello)

    async def _hello(self) -> SayHello | None:
        """Return the first message; None: the page has closed, or said nothing in time."""
        try:
            async with asyncio.timeout(_HELLO_S):
                message = await self._socket.receive()
        except TimeoutError:
            self._terminal.close_with(_POLICY)
            return None
        if message.type is WSMsgType.TEXT:
            hello = read(message.data)
            if isinstance(hello, SayHello):
                return hello
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise BadMessageError(_POLICY)
        return None

    async def _log_in(self, hello: SayHello, login: Login) -> HostedSession | None:
        """Return the session of a page that may come in; None: it was refused."""
        verdict = self._admission.named(hello.user, self._now_s())
        if isinstance(verdict, WaitForHost) and verdict.elsewhere is None:
            self._state.login_queue.park(login)
            self._terminal.say("wait", text="the gateway has just started, waiting for the session's host")
        while isinstance(verdict, WaitForHost):
            is_brought = await self._state.wait_for_host(verdict, self._source)
            verdict = self._admission.waited(self._now_s(), is_brought=is_brought)
        why = self._refusal_of(verdict)
        if why is None:
            place = self._admission.logged_in(self._now_s())
            why = place.why if isinstance(place, Refused) else None
        if why is not None:
            if why is not Refusal.KEY:  # That one is counted, and audited, when the websocket is closed.
                self._audit(why)
            self._refuse(why.text if why is not Refusal.KEY or self._admission.token_hash is None else _NEEDS_KEY)
            return None
        found = self._admission.enter()
        if isinstance(found, NoEntry):
            self._refuse(found.text)
            return None
        return found

    def _refusal_of(self, verdict: Verdict) -> Refusal | None:
        """Return why a page does not come in; None: it may. A browser has no SSH key to prove."""
        match verdict:
            case ComeIn() | AskKey(takes_any=True):
                return None
            case AskKey():
                return Refusal.KEY
            case AskHostKey():
                return Refusal.LINK
            case Refused(why):
                return why
            case WaitForHost():
                raise AssertionError("it waits already")
            case _:
                assert_never(verdict)

    def _refuse(self, text: str) -> None:
        self._terminal.finish(text, 1, may_return=False)

    def _begin(self, session: HostedSession, hello: SayHello) -> None:
        """Make the guest, and ask the host to let them in."""
        self._terminal.size = Size.clamped(rows=hello.rows, cols=hello.cols)
        admission = self._admission
        credentials = Credentials(
            token_hash=admission.token_hash,
            address=self._address,
            owner_proof=admission.owner_proof,
            user_name=admission.user,
        )
        try:
            web_guest = WebGuest(
                session,
                credentials,
                self._state,
                terminal=self._terminal,
                share=self._share,
                has_status=hello.status,
            )
        except UsageError as error:
            self._refuse(error.message)
            return
        self._guest = web_guest
        web_guest.ask_in(hello.term, bytes.fromhex(hello.ticket))
        if not hello.ticket:
            web_guest.call_me(hello.name)
        self._terminal.ping()

    # The guest.

    async def _listen(self, guest: WebGuest) -> None:
        """Take what the page sends until it leaves. A page that takes too much of the loop's time waits."""
        socket, share, turn_s = self._socket, self._share, 0.0
        while True:
            message = await socket.receive()
            began_s = time.thread_time()
            if message.type is WSMsgType.BINARY:
                guest.guest.run(guest.keys, message.data)
            elif message.type is WSMsgType.TEXT:
                self._take(guest, read(message.data))
            else:
                return
            took_s = time.thread_time() - began_s
            wait_s = share.spend(self._now_s(), took_s)
            turn_s += took_s
            if wait_s or turn_s > _TURN_S:  # `receive` waits for nothing while there is a message.
                await asyncio.sleep(wait_s)
                turn_s = 0.0

    def _take(self, guest: WebGuest, said: Said) -> None:
        match said:
            case SayHello():
                raise BadMessageError(_POLICY)
            case SetSize(rows=rows, cols=cols):
                self._terminal.size = Size.clamped(rows=rows, cols=cols)
                guest.guest.run(guest.resized)
            case Acknowledge(bytes=total_bytes):
                if not self._terminal.acknowledged(total_bytes):
                    raise BadMessageError(_POLICY)
            case Run(line=line):
                guest.guest.run(guest.run_line, line)
            case TypeText(text=text, serial=serial):
                guest.guest.run(guest.type_text, text, serial)
            case WatchCode(documents=documents):
                guest.guest.run(guest.watch_code, documents)
            case CodeAcknowledge(document=document, serial=serial):
                guest.guest.run(guest.has_code, document, serial)
            case Pong(n=number):
                self._terminal.ponged(number)
            case _:
                assert_never(said)
