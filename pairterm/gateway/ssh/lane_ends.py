"""An SSH connection as the two ends of a typing lane: the packets of keys, and the packets of echoes."""

from __future__ import annotations

from pairterm.gateway.guest_presentation import Traffic
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.gateway.ssh.guest_connection import GuestConnection, TerminalChannel
from pairterm.gateway.ssh.outgoing import LITTLE_BYTES, Outgoing
from pairterm.link.session_replica import Picture
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.runtime.live_view import LiveView
from pairterm.terminal.frame import Frame

__all__ = ["PacketKeys", "PacketScreen"]


class PacketKeys:
    """The packets that a guest's client sends."""

    def __init__(
        self,
        fd: int,
        connection: GuestConnection,
        channel: TerminalChannel,
        traffic: Traffic,
        keys: frozenset[bytes],
    ) -> None:
        self.fd = fd
        self._connection = connection
        self._channel = channel
        self._traffic = traffic
        self._keys = keys
        self._head = channel.data_head(1)
        self._opened: tuple[bytes | None] | None = None

    def opened(self, data: bytes) -> bytes | None:
        """Return the content of a packet that arrived whole; None: it did not, or it is forged."""
        self._opened = None
        if not self._connection.is_whole(data):
            return None
        opened = self._connection.open_packet(data)
        self._opened = (opened,)
        return opened

    def key(self, opened: bytes) -> bytes | None:
        """Take a packet if it is one byte that goes to the session as it is, and return that. None: it is not taken."""
        key = opened[10:11]
        if opened[1:10] != self._head or key not in self._keys or not self._channel.may_take(opened):
            return None
        self._opened = None
        self._connection.has_taken(self._channel, 1)
        return key

    def give_back(self, data: bytes) -> None:
        """Let the connection take what was read. It may be opened, but it is not taken."""
        if self._opened is None:
            self._connection.data_received(data)
        else:
            self._connection.take_opened(self._opened[0], data)

    def settle(self, keys: int, now_s: float, took_s: float) -> None:
        """Count the keys that were taken, and the time."""
        self._traffic.bytes_in += keys
        self._connection.share.spend(now_s, took_s)


class PacketScreen:
    """The packets that a guest's client gets."""

    def __init__(
        self,
        connection: GuestConnection,
        channel: TerminalChannel,
        outgoing: Outgoing,
        live: LiveView,
        traffic: Traffic,
    ) -> None:
        self._connection = connection
        self._channel = channel
        self._outgoing = outgoing
        self._live = live
        self._pacer = live.pacer
        self._traffic = traffic

    def may_show(self, now_s: float) -> bool:
        """Return whether the terminal may get something now."""
        return (
            self._outgoing.held_bytes_at_most <= LITTLE_BYTES
            and self._pacer.free_at_s <= now_s
            and self._connection.is_sending
        )

    def show(self, text: bytes, now_s: float) -> None:
        """Print."""
        self._pacer.painted(now_s, len(text))
        self._outgoing.wrote(len(text))
        self._channel.write(text)

    def settle(self, picture: Picture, shown_bytes: int, now_s: float) -> None:
        """Take note that the terminal shows this picture, after so many bytes."""
        self._traffic.bytes_out += shown_bytes
        self._live.has_printed(picture.frame, picture.panes, now_s)


class SshTerminal:
    """A painted guest's terminal at the other end of an SSH connection."""

    def __init__(
        self,
        painted: PaintedGuest,
        connection: GuestConnection,
        channel: TerminalChannel,
        outgoing: Outgoing,
        traffic: Traffic,
    ) -> None:
        self._painted = painted
        self._connection = connection
        self._channel = channel
        self._outgoing = outgoing
        self._traffic = traffic

    def typed(self, loop: DirectLoop) -> PacketKeys | None:
        """Return the connection of the guest's keys; None: the view needs them, or packets take asyncssh's way now."""
        live = self._painted.live
        keys = live.plain_keys(loop.time()) if live is not None else frozenset()
        fd = self._connection.direct_fd(loop) if keys else None
        return PacketKeys(fd, self._connection, self._channel, self._traffic, keys) if fd is not None else None

    def screen(self, frame: Frame) -> PacketScreen | None:
        """Return the screen if it shows this frame, and what is written into blank cells has only to be printed."""
        live = self._painted.live
        if live is None or self._painted.guest.measure_timer is None or not live.prints_echoes(frame):
            return None
        return PacketScreen(self._connection, self._channel, self._outgoing, live, self._traffic)
