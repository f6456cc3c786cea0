"""The connections between the workers of one machine: framed messages, or after the first one a stream.

A worker that does not read is cut off when 4 MiB wait for it: it is connected again when it reads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from pairterm.cluster.bus_messages import (
    MAX_BUS_MESSAGE_BYTES,
    BusMessage,
    GatewayHello,
    decode_bus_message,
    encode_bus_message,
)
from pairterm.errors import PeerError
from pairterm.link.framing import FrameReader, framed

__all__ = ["ArrivingWire", "LeavingWire", "OpeningStream"]

logger = logging.getLogger(__name__)

_MAX_WAITING_BYTES = 4 << 20

_HELLO_S = 5.0
"""How long a connection may take to say whose it is."""


class LeavingWire(asyncio.Protocol):
    """A connection to another worker, on which this one tells and asks. Nothing comes back on it."""

    def __init__(self, own: str, on_lost: Callable[[], None]) -> None:
        self._own = own
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say whose it is."""
        self._transport = cast(asyncio.Transport, transport)
        self.send(GatewayHello(self._own))

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end."""
        self._transport = None
        self._on_lost()

    def send(self, message: BusMessage) -> None:
        """Send a message; nothing happens if the connection has ended."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > _MAX_WAITING_BYTES:
            logger.warning("another worker does not read: cut off")
            self._transport.abort()
            return
        self._transport.write(framed(encode_bus_message(message)))

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


class ArrivingWire(asyncio.Protocol):
    """A connection of another worker. Its first message says whose it is, and whether it is a stream."""

    def __init__(
        self,
        on_hello: Callable[[ArrivingWire, str], None],
        on_message: Callable[[str, BusMessage], None],
        on_lost: Callable[[ArrivingWire, str], None],
        new_stream: Callable[[str, asyncio.Transport], asyncio.Protocol],
    ) -> None:
        self._on_hello = on_hello
        self._on_message = on_message
        self._on_lost = on_lost
        self._new_stream = new_stream
        self._reader = FrameReader(MAX_BUS_MESSAGE_BYTES)
        self._gateway = ""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first message."""
        self._transport = cast(asyncio.Transport, transport)
        self._timer = asyncio.get_running_loop().call_later(_HELLO_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take messages. A bad one ends this connection."""
        pending = data
        try:
            while pending:
                # One at a time: after the first one, the rest may be a stream's.
                head, pending = (pending, b"") if self._gateway else _first_frame(self._reader, pending)
                for payload in self._reader.feed(head):
                    message = decode_bus_message(payload)
                    if self._gateway:
                        self._on_message(self._gateway, message)
                    elif self._begin(message, pending):
                        return
        except PeerError as error:
            logger.warning("a worker's connection dropped: %s", error)
            self.close()
        except Exception:
            logger.exception("a worker's message made us fail: its connection is dropped")
            self.close()

    def _begin(self, message: BusMessage, rest: bytes) -> bool:
        """Take the first message; return whether the connection is a stream now."""
        if not isinstance(message, GatewayHello):
            raise PeerError("a gateway has to say hello first", code="no_hello")
        assert self._transport is not None
        if self._timer is not None:
            self._timer.cancel()
        if not message.is_stream:
            self._gateway = message.gateway
            self._on_hello(self, message.gateway)
            return False
        transport = self._transport
        stream = self._new_stream(message.gateway, transport)
        self._transport = None
        transport.set_protocol(stream)
        stream.connection_made(transport)
        if rest:
            stream.data_received(rest)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if self._gateway:
            self._on_lost(self, self._gateway)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


class OpeningStream(asyncio.Protocol):
    """Says whose a new stream is, and gives it to its protocol."""

    def __init__(self, own: str, protocol: asyncio.Protocol) -> None:
        self._own = own
        self._protocol = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the stream (asyncio calls this)."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(framed(encode_bus_message(GatewayHello(self._own, is_stream=True))))
        transport.set_protocol(self._protocol)
        self._protocol.connection_made(transport)


def _first_frame(reader: FrameReader, data: bytes) -> tuple[bytes, bytes]:
    """Split data after the first frame of a connection, as far as its length has come."""
    missing = reader.missing_bytes(data)
    return data[:missing], data[missing:]
