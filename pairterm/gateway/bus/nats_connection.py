"""One connection to the NATS servers of a service, from its login until it is lost.

A connection never comes back by itself: messages were lost then, and nobody would know which. `nats_bus` opens another
one and tells the others everything again.

A frame goes to the kernel at once, while it takes all. Else it waits here: messages first, then the streams in
turn, one frame each. nats-py takes 2 MiB and no more, so if the servers do not read, streams hold their writers, and
broadcasts are dropped. Nothing else waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import nats.errors

from pairterm.cluster_config import ClusterConfig
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.bus.prompt_client import PromptClient

if TYPE_CHECKING:
    from nats.js import JetStreamContext

__all__ = ["NatsConnection", "client_options", "log_faults", "raise_cancelled"]

logger = logging.getLogger(__name__)

_CONNECT_S = 3
"""How long one server may take to let us in."""

_PING_S = 2
_MAX_PINGS = 2
"""A server that does not answer for 4 to 6 s is given up. TCP alone notices a machine that is gone after minutes."""

_CLOSE_S = 1.0
"""How long a connection may take to send the rest before it is cut."""

_LOOK_S = 0.5
"""How often the state of a connection is looked at."""

_MAX_WAITING_BYTES = 4 << 20
"""Of the messages that wait for the servers: broadcasts, questions and answers. Of more, the oldest are dropped."""

_OVERHEAD_BYTES = 256
"""What a message takes besides its payload."""

_AT_ONCE = 8
"""Frames that go to the kernel in a row. The loop has its turn after that."""


class NatsConnection:
    """One connection."""

    def __init__(self, next_frame: Callable[[], tuple[str, bytes] | None]) -> None:
        """`next_frame` returns the subject and the bytes of the next frame of any stream; None: there is none."""
        self._closed = asyncio.Event()
        self._next_frame = next_frame
        self._client = PromptClient()
        self._messages: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._has_work = asyncio.Event()
        self.address = ""
        """The server, without a password."""

    async def open(self, options: dict[str, object]) -> None:
        """Log in at one of the servers.

        Raises:
            SystemFault: None of them lets us in.
        """
        try:
            async with asyncio.timeout(_CONNECT_S * (1 + len(cast(list[str], options["servers"])))):
                await self._client.connect(**options, closed_cb=self._was_closed, error_cb=self._failed)  # type: ignore[arg-type]
                raise_cancelled()
        except (OSError, nats.errors.Error, TimeoutError, ValueError) as error:
            await self.close()
            raise SystemFault(f"no NATS server lets this gateway in: {_reason(error)}", code="nats") from error
        url = self._client.connected_url
        self.address = f"{url.hostname}:{url.port}" if url is not None else ""

    @property
    def js(self) -> JetStreamContext:
        """JetStream over this connection."""
        return self._client.jetstream(timeout=_CONNECT_S)

    async def subscribe(self, subject: str, take: Callable[[str, bytes], None]) -> None:
        """Give each message on `subject` to `take`, with its own subject. `take` does not raise."""
        await self._client.subscribe_promptly(subject, take)
        raise_cancelled()

    async def confirm(self) -> None:
        """Return when the servers have taken what was sent so far, for example subscriptions."""
        await self._client.flush(timeout=_CONNECT_S)
        raise_cancelled()

    def send(self, subject: str, payload: bytes) -> None:
        """Send a message when the servers take it. It may be lost."""
        if not self._messages and self._client.is_free:
            self._client.publish_promptly(subject, payload)
            return
        self._messages.append((subject, payload))
        self._waiting_bytes += len(payload) + _OVERHEAD_BYTES
        while self._waiting_bytes > _MAX_WAITING_BYTES:
            self._next_message()
        self._has_work.set()

    def has_frames(self) -> None:
        """Send frames of streams at once, or soon if something waits."""
        if not self._messages:
            for _ in range(_AT_ONCE):
                if not self._client.is_free:
                    break
                if (frame := self._next_frame()) is None:
                    return
                self._client.publish_promptly(*frame)
        self._has_work.set()

    def _next_message(self) -> tuple[str, bytes]:
        message = self._messages.popleft()
        self._waiting_bytes -= len(message[1]) + _OVERHEAD_BYTES
        return message

    async def write(self) -> None:
        """Send what waits, as it comes. Never returns.

        Raises:
            SystemFault: The connection is lost.
        """
        try:
            while True:
                await self._has_work.wait()
                self._has_work.clear()
                while (next_one := self._next_message() if self._messages else self._next_frame()) is not None:
                    await self._client.publish(*next_one)
                    raise_cancelled()
        except (OSError, nats.errors.Error) as error:
            raise SystemFault(f"the connection to NATS is lost: {_reason(error)}", code="nats") from error

    async def until_lost(self) -> None:
        """Return when the connection has ended.

        nats-py says so only after it has sent the rest, which a server that stalls never takes. So its state is
        looked at too.
        """
        while not self._client.is_closed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._closed.wait()

    async def close(self) -> None:
        """Send the rest, if the server reads it, and close."""
        try:
            with contextlib.suppress(TimeoutError, OSError, nats.errors.Error):
                async with asyncio.timeout(_CLOSE_S):
                    await self._client.close()
        finally:  # Also if we are cancelled: the socket must not be left.
            self._cut()

    def _cut(self) -> None:
        """Close the socket. nats-py waits forever for a server that does not read, and has no call to cut it off."""
        writer = getattr(getattr(self._client, "_transport", None), "_io_writer", None)
        if isinstance(writer, asyncio.StreamWriter):
            writer.transport.abort()

    async def _was_closed(self) -> None:
        self._closed.set()

    async def _failed(self, error: Exception) -> None:
        if not self._client.is_closed:  # Its subscriptions complain after its end.
            logger.info("the connection to NATS has a problem: %s", _reason(error))


def raise_cancelled() -> None:
    """Raise the cancellation of this task that nats-py has swallowed: its calls do, when their answer comes then.

    Raises:
        CancelledError: The task was cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def client_options(config: ClusterConfig, gateway: str) -> dict[str, object]:
    """Return the options of nats-py for the settings.

    Raises:
        UsageError: A file of the settings can't be read, or is not what it should be.
    """
    options: dict[str, object] = {
        "servers": list(config.nats),
        "name": f"pairterm {config.name} {gateway}",
        "allow_reconnect": False,
        "connect_timeout": _CONNECT_S,
        "ping_interval": _PING_S,
        "max_outstanding_pings": _MAX_PINGS,
    }
    for key, path in (("user_credentials", config.credentials), ("nkeys_seed", config.nkey_file)):
        if path:
            _check_readable(path)
            options[key] = path
    if config.tls_ca or config.tls_cert or any(each.startswith("tls:") for each in config.nats):
        options["tls"] = _tls(config)
    return options


def _tls(config: ClusterConfig) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=config.tls_ca or None)
        if config.tls_cert:
            context.load_cert_chain(config.tls_cert, config.tls_key or None)
    except OSError as error:  # ssl.SSLError is one of them.
        raise UsageError(f"[cluster] can't use the TLS files: {error.strerror or error}", code="nats") from error
    return context


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise UsageError(f"[cluster] can't read {path}: {error.strerror}", code="nats") from error


def _reason(error: BaseException) -> str:
    """Return what went wrong, without a URL: it may have a password."""
    text = str(error) or type(error).__name__
    return text if "://" not in text else type(error).__name__


def log_faults(faults: BaseExceptionGroup[BaseException], *, was_connected: bool) -> None:
    """Log why a connection ended, or did not come about."""
    for each in faults.exceptions:
        if isinstance(each, BaseExceptionGroup):
            log_faults(each, was_connected=was_connected)
        elif was_connected:
            logger.warning("cut off from the other gateways: %s", each or type(each).__name__)
        else:
            logger.info("not connected to NATS: %s", each or type(each).__name__)
