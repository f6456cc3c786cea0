"""An SSH channel that carries a link of a host or of a joined terminal. It serves the link's subsystem only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

import asyncssh

from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM, ChannelTransport

__all__ = ["LinkChannel"]


class _Link(Protocol):
    """The gateway's end of a link: a `LinkStream` that speaks first."""

    def open(self) -> None:
        """Send the hello."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""

    def data_received(self, data: bytes) -> None:
        """Take what arrived; it guards itself."""

    def eof_received(self) -> None:
        """The other side sends nothing more."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""


class LinkChannel(asyncssh.SSHServerSession[bytes]):
    """The channel of one link, from its opening to its close."""

    def __init__(self, new_link: Callable[[], _Link]) -> None:
        self._new_link = new_link
        self._link: _Link | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Take the channel (asyncssh calls this)."""
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        """Take the link's subsystem; shell, command and terminal are refused by default."""
        return subsystem == LINK_SUBSYSTEM

    def session_started(self) -> None:
        """Begin the link."""
        self._link = self._new_link()
        self._link.connection_made(ChannelTransport(cast(Any, self._channel)))
        self._link.open()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Take what the other side sent."""
        if self._link is not None and datatype is None:
            self._link.data_received(data)

    def eof_received(self) -> bool:
        """Close when the other side does."""
        if self._link is not None:
            self._link.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the link, and end the connection, which has no other channel."""
        if self._link is not None:
            self._link.connection_lost(exc)
        self._channel.get_connection().close()
