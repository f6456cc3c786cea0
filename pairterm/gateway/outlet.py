"""The sending side of one guest's connection, lent to a crowd.

A crowd sends the same bytes to many (`crowds`). For each guest, it then has to encrypt and send them, and to keep some
counts. All of that is in one small object, because objects that nobody has touched since the last key cost more than
what is done with them. While a sending side is lent, nobody else sends there: the connection takes it back before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

__all__ = ["Outlet", "Packing"]

Packing = Callable[[bytes], tuple[bytes, bytes]]
"""Makes of a terminal's bytes what is encrypted: the length in the clear, and the packet."""


class Outlet:
    """What it takes to send packets on one connection."""

    __slots__ = ("data_bytes", "form", "held_bytes", "on_taken", "pack", "room_bytes", "seal", "send", "seq")

    def __init__(
        self,
        *,
        form: Hashable,
        pack: Packing,
        seal: Callable[[int, bytes, bytes], bytes],
        send: Callable[[bytes], int],
        seq: int,
        room_bytes: int,
        held_bytes: int,
        on_taken: Callable[[], None],
    ) -> None:
        self.form = form
        """The same packets are right for outlets of the same form, before they are encrypted."""
        self.pack = pack
        self.seal = seal
        """Encrypts a packet: its number, its length, the packet."""
        self.send = send
        """Sends to the socket, and returns how much it took.

        Raises:
            OSError: It takes nothing now, or never again.
        """
        self.seq = seq
        """The number of the next packet."""
        self.room_bytes = room_bytes
        """How many bytes of packets may be sent until the client widens its window, or keys are exchanged anew."""
        self.held_bytes = held_bytes
        """What may not have left the machine yet, at most."""
        self.data_bytes = 0
        """How many bytes of the terminal were sent since it was lent."""
        self.on_taken = on_taken
        """Is called when the connection has to send something else. It makes the crowd give this back."""

    def ask_held_bytes(self) -> int:
        """Ask the kernel what has not left the machine yet; return it."""
        raise NotImplementedError

    def give_back(self, rest: bytes) -> None:
        """Return the sending side to the connection. `rest`: what the socket did not take of the last packet."""
        raise NotImplementedError
