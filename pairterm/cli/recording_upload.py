"""The connection of `pairterm share-recording` to a gateway: a host's link, with one request on it.

The gateway may be on another machine: then the login is the one by which sessions are shared there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from pairterm import __version__
from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.host.local_gateways import GatewayAddress
from pairterm.link.codec import decode_keeper_message
from pairterm.link.messages import PROTOCOL, Hello, Ping, Pong, Refused
from pairterm.link.messages.hello import check_protocol
from pairterm.link.shared_recordings import (
    MAX_PART_BYTES,
    GatewayMessage,
    ListRecordings,
    RecordingPart,
    RecordingShared,
    RecordingTaken,
    RevokeRecording,
    SharedRecordings,
    ShareRecording,
    SharerMessage,
)
from pairterm.outbound.dialling import dial, start_proxy_command
from pairterm.outbound.ssh_login import GatewayLogin, Target
from pairterm.runtime.link_over_ssh import HOST_USER
from pairterm.runtime.link_stream import LinkStream, connect_unix

__all__ = ["list_recordings", "revoke_recording", "share_recording"]

_LOGIN_TIMEOUT_S = 60.0
"""The user may have to confirm the use of a key."""

_ANSWER_TIMEOUT_S = 30.0

_Answer = TypeVar("_Answer", RecordingTaken, RecordingShared, SharedRecordings)


def share_recording(
    gateway: GatewayAddress, data: bytes, *, token_hash: bytes, name: str, keep_s: int
) -> RecordingShared:
    """Put a recording on a gateway's page.

    Raises:
        UsageError: The gateway refuses it, or takes none of our keys.
        SystemFault: The gateway can't be reached, or can't write.
    """
    return asyncio.run(_share(gateway, data, ShareRecording(token_hash, name, len(data), keep_s)))


async def _share(gateway: GatewayAddress, data: bytes, request: ShareRecording) -> RecordingShared:
    async with _connected(gateway) as link:
        await link.ask(request, RecordingTaken)
        last = (len(data) - 1) // MAX_PART_BYTES * MAX_PART_BYTES
        for at in range(0, last, MAX_PART_BYTES):
            await link.ask(RecordingPart(data[at : at + MAX_PART_BYTES]), RecordingTaken)
        return await link.ask(RecordingPart(data[last:]), RecordingShared)


def list_recordings(gateway: GatewayAddress) -> SharedRecordings:
    """Return our recordings on a gateway.

    Raises:
        UsageError: The gateway keeps none, or takes none of our keys.
        SystemFault: The gateway can't be reached.
    """
    return asyncio.run(_request(gateway, ListRecordings()))


def revoke_recording(gateway: GatewayAddress, recording_id: str) -> SharedRecordings:
    """Delete one of our recordings on a gateway; return the others.

    Raises:
        UsageError: There is none with this id.
        SystemFault: The gateway can't be reached.
    """
    return asyncio.run(_request(gateway, RevokeRecording(recording_id)))


async def _request(gateway: GatewayAddress, message: ListRecordings | RevokeRecording) -> SharedRecordings:
    async with _connected(gateway) as link:
        return await link.ask(message, SharedRecordings)


@contextlib.asynccontextmanager
async def _connected(gateway: GatewayAddress) -> AsyncIterator[_SharerLink]:
    link = _SharerLink()
    process: subprocess.Popen[bytes] | None = None
    try:
        if gateway.host:
            process = await _log_in(gateway, link)
        else:
            await connect_unix(Path(gateway.socket), link)
        link.send(Hello(PROTOCOL, __version__, "sharer"))
        yield link
    finally:
        link.close()
        if process is not None:
            process.terminate()


async def _log_in(gateway: GatewayAddress, link: LinkStream) -> subprocess.Popen[bytes] | None:
    """Open the link at a gateway on another machine. Return the process of a proxy command."""
    target = Target(
        host=gateway.host, port=gateway.port, user=HOST_USER, host_key=gateway.host_key, identity=gateway.identity
    )
    login, process = GatewayLogin(target), None
    try:
        async with asyncio.timeout(_LOGIN_TIMEOUT_S):
            if gateway.proxy_command:
                sock, process = start_proxy_command(gateway.proxy_command, gateway.host, gateway.port)
            else:
                sock = await dial(gateway.host, gateway.port, os.environ)
            await login.open(sock, link)
    except BaseException as error:
        if process is not None:
            process.terminate()
        raise login.translated(error) from error
    return process


class _SharerLink(LinkStream):
    """Our end of the link: one question at a time."""

    def __init__(self) -> None:
        super().__init__(self._receive, self._gone)
        self._has_hello = False
        self._answer: asyncio.Future[GatewayMessage] | None = None
        self._failure: PairtermError | None = None

    async def ask(self, message: SharerMessage, kind: type[_Answer]) -> _Answer:
        """Send a message, and return its answer.

        Raises:
            UsageError: The gateway refuses.
            SystemFault: The link was lost, or there is no answer in time.
            PeerError: The gateway has another version, or answers something else.
        """
        if self._failure is not None:
            raise self._failure
        self._answer = asyncio.get_running_loop().create_future()
        self.send(message)
        try:
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                answer = await self._answer
        except TimeoutError as error:
            raise SystemFault("the gateway does not answer", code="unreachable") from error
        finally:
            self._answer = None
        if isinstance(answer, Refused):
            raise UsageError(answer.text, code=answer.code)
        if not isinstance(answer, kind):
            raise PeerError("an answer to something else", code="unexpected_message")
        return answer

    def _receive(self, payload: bytes) -> None:
        message = decode_keeper_message(payload)
        match message:
            case _ if not self._has_hello:
                check_protocol(message, ours=__version__)
                self._has_hello = True
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case _ if self._answer is None or self._answer.done():
                self._failure = self._failure or _refusal(message)
            case _:
                self._answer.set_result(message)

    def _gone(self, error: PeerError | None) -> None:
        self._failure = self._failure or error or SystemFault("the gateway closed the link", code="unreachable")
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(self._failure)


def _refusal(message: GatewayMessage) -> PairtermError:
    """Return the error of a message that nobody asked for: a gateway may refuse at once."""
    if isinstance(message, Refused):
        return UsageError(message.text, code=message.code)
    return PeerError("an answer to nothing", code="unexpected_message")
