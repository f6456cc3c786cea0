"""The channel of a link over SSH counts all bytes that wait for the other side."""

from __future__ import annotations

import asyncio

from pairterm.runtime.link_over_ssh import ChannelTransport
from tests.unit.runtime.test_link_stream import Transport


class Connection:
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = Transport()
        self._kex_complete = True

    def abort(self) -> None: ...


class Channel:
    def __init__(self) -> None:
        self.connection = Connection()

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def get_connection(self) -> Connection:
        return self.connection

    def get_write_buffer_size(self) -> int:
        return 1


def test_what_waits_is_the_windows_the_kernels_and_a_key_exchanges() -> None:
    """Data for a host that has a huge window but does not read, or never ends a key exchange, was not counted."""
    channel = Channel()
    link = ChannelTransport(channel)
    link.write(b"x" * 10)
    assert link.get_write_buffer_size() == 1
    assert channel.connection._transport is not None
    channel.connection._transport.write(b"y" * 100)
    assert link.get_write_buffer_size() == 101
    channel.connection._kex_complete = False
    link.write(b"x" * 1000)
    link.write(b"x" * 1000)
    assert link.get_write_buffer_size() == 2101
    channel.connection._kex_complete = True
    assert link.get_write_buffer_size() == 101
    link.write(b"x")
    channel.connection._kex_complete = False
    assert link.get_write_buffer_size() == 101
