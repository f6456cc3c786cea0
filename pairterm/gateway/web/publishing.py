"""One websocket of pair-ls (`pair-ls lsp -forward`), which publishes an editor's files in a session.

It comes to `/s/TOKEN/relay`, and its token is checked as that of any guest before anything of it is read. Its
messages go to the host in pieces, as they came, and never more than the host takes. It is told
nothing, and gets nothing of the session.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import WSMsgType, web

from pairterm.access.gateway_admission import Admission
from pairterm.access.max_startups import Login
from pairterm.access.penalties import source_of
from pairterm.access.verdicts import ComeIn, NoEntry, Refusal, Refused, Verdict, WaitForHost
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.login_turns import Arrival
from pairterm.gateway.shared_state import GatewayState
from pairterm.link.messages import PUBLISH_PIECE_BYTES, PUBLISH_WINDOW_BYTES

__all__ = ["PublishingVisit"]

logger = logging.getLogger(__name__)

_MAX_MESSAGE_BYTES = 8 << 20
"""pair-ls sends a file as one message when it is opened. Files over 2 MiB are not shared."""

_CLOSE_S = 2.0

_BEGIN_S = 10.0
"""How long the host may take to answer."""

_AWAY = 1001
"""RFC 6455 §7.4.1: the endpoint goes away."""


class PublishingVisit:
    """One websocket of pair-ls."""

    def __init__(self, state: GatewayState, address: str, settled: Callable[[], None]) -> None:
        """`address` is the client's. `settled` is called when a place is taken."""
        self._state = state
        self._address = address
        self._source = source_of(address)
        self._settled = settled
        self._admission: Admission[HostedSession] = Admission(state.access, self._source, publishes=True)
        self._socket = web.WebSocketResponse(timeout=_CLOSE_S, compress=False, max_msg_size=_MAX_MESSAGE_BYTES)
        self._sent_bytes = 0
        self._taken_bytes = -1
        """How much the host has taken; -1: it has not answered."""
        self._changed = asyncio.Event()
        self._is_over = False
        self._transport: asyncio.Transport | None = None

    async def serve(self, request: web.BaseRequest, token: str) -> web.WebSocketResponse:
        """Serve the websocket to its end.

        Raises:
            web.HTTPException: It may not publish.
        """
        self._transport = request.transport
        try:
            session = await self._log_in(token)
            self._settled()
            await self._publish(session, request)
        finally:
            counted = self._admission.closed(self._now_s())
            if counted is not None:
                self._audit(counted.why.value)
        return self._socket

    def taken(self, taken_bytes: int) -> None:
        """Take note how much the host has taken in all."""
        self._taken_bytes = taken_bytes
        self._changed.set()

    def over(self, text: str) -> None:
        """End: the host says so."""
        logger.info("a publisher ends: %s", text)
        self._is_over = True
        self._changed.set()
        if self._socket.prepared and self._transport is not None:
            self._transport.close()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _audit(self, why: str) -> None:
        self._state.audit.refused(why, self._source, transport="publish")

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # The login.

    async def _log_in(self, token: str) -> HostedSession:
        if self._state.is_draining:
            self._audit("draining")
            raise web.HTTPServiceUnavailable
        login = Login(self._source, self._now_s(), has_spoken=True)
        arrival = Arrival(login, lambda: True, lambda: True, self._abort)
        with self._state.login_turns.waiting(arrival):
            dropped = await arrival.begun
            if dropped is not None:
                self._audit(dropped.value)
                raise web.HTTPTooManyRequests
            return await self._admit(token, login)

    async def _admit(self, token: str, login: Login) -> HostedSession:
        """Return the session of a token, as for any guest."""
        verdict: Verdict = self._admission.named(token, self._now_s())
        if isinstance(verdict, WaitForHost):
            self._state.login_queue.park(login)
        while isinstance(verdict, WaitForHost):
            is_brought = await self._state.wait_for_host(verdict, self._source)
            verdict = self._admission.waited(self._now_s(), is_brought=is_brought)
        if isinstance(verdict, ComeIn):
            verdict = self._admission.logged_in(self._now_s())
        if isinstance(verdict, ComeIn):
            found = self._admission.enter()
            if not isinstance(found, NoEntry):
                return found
        elif isinstance(verdict, Refused) and verdict.why is not Refusal.KEY:
            self._audit(verdict.why.value)  # A missing key is audited at the end.
        raise web.HTTPForbidden

    # The publisher.

    async def _publish(self, session: HostedSession, request: web.BaseRequest) -> None:
        token_hash = self._admission.token_hash
        assert token_hash is not None
        number = session.publishers.add(self, token_hash, self._address)
        try:
            async with asyncio.timeout(_BEGIN_S):
                await self._until(lambda: self._taken_bytes >= 0)
            if self._is_over:
                raise web.HTTPForbidden
            await self._socket.prepare(request)
            while (data := await self._receive()) is not None:
                await self._pass_on(session, number, data)
            if not self._is_over:
                await self._socket.close(code=_AWAY)
        except TimeoutError:
            raise web.HTTPServiceUnavailable from None
        finally:
            session.publishers.remove(number)

    async def _receive(self) -> bytes | None:
        """Return the next message; None: there is none any more."""
        message = await self._socket.receive()
        if message.type is WSMsgType.BINARY:
            return bytes(message.data)
        return message.data.encode() if message.type is WSMsgType.TEXT else None

    async def _pass_on(self, session: HostedSession, number: int, data: bytes) -> None:
        """Send the host a message, as fast as it takes it."""
        for start in range(0, len(data), PUBLISH_PIECE_BYTES):
            piece = data[start : start + PUBLISH_PIECE_BYTES]
            await self._until(lambda: self._sent_bytes - self._taken_bytes < PUBLISH_WINDOW_BYTES)
            if self._is_over:
                return
            session.publishers.say(number, piece)
            self._sent_bytes += len(piece)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, or the host has ended it."""
        while not (self._is_over or is_so()):
            self._changed.clear()
            await self._changed.wait()
