"""A host's SSH channel: the subsystem that carries its link, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import asyncssh

from pairterm.gateway.hostlink import HostLink
from pairterm.sshlink import LINK_SUBSYSTEM, ChannelTransport

__all__ = ["HostChannel"]


class HostChannel(asyncssh.SSHServerSession[bytes]):
    """From a channel's opening to its close; the link does all the rest."""

    def __init__(self, new_link: Callable[[], HostLink]) -> None:
        self._new_link = new_link
        self._link: HostLink | None = None

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
        """Take what the host sent; `LinkStream` guards itself."""
        if self._link is not None and datatype is None:
            self._link.data_received(data)

    def eof_received(self) -> bool:
        """Close when the host does."""
        if self._link is not None:
            self._link.eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the link, and end the connection, which has no other channel."""
        if self._link is not None:
            self._link.connection_lost(exc)
        self._channel.get_connection().close()
