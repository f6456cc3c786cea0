"""The short way of a typist's keys through the gateway: from their connection to the host, and back to all guests.

It is the counterpart of the host's lane (`host.typing_lane`), and keeps the same rule: it does only
what cannot wait, and `settle` brings the replica, the pictures and the views up to date before any other
callback runs.

Law 6: the lane decides nothing. It is opened after an echo that took the plain way, if the gateway's gate lets
all that the typist types pass. Nothing but the lane runs until it is closed, so this holds for each key.
Law 3: the lane and the plain way send the same bytes to the host, and each terminal shows the same.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pairterm.errors import PeerError
from pairterm.gateway.crowds import FEW_GUESTS
from pairterm.gateway.direct_terminal import EchoScreen
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.link.codec import decode_host_message
from pairterm.link.echo import is_echo_text
from pairterm.link.framing import HEADER_BYTES
from pairterm.link.messages import Echo, Input
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.runtime.lane_patience import Patience
from pairterm.terminal.frame import DEFAULT_PEN, Frame
from pairterm.types import PaneId

if TYPE_CHECKING:
    from pairterm.gateway.hosts.session_link import SessionLink

__all__ = ["TypingLane"]

_READ_BYTES = 65_536

_MOST_PIECES = 64
"""So many echoes at most wait for `settle`."""

_TURN_S = 0.00005
"""A turn of the lane counts as so much time of those who pay for it."""


class TypingLane:
    """The lane of one session, for the guest who typed last."""

    def __init__(self, link: SessionLink) -> None:
        self._link = link
        self._patience = Patience()
        self._echoes: list[Echo] = []
        """The echoes that were shown, and that the replica has not got yet."""
        self._keys = 0
        """So many keys were sent to the host since the lane was opened."""

    def open(self, session: HostedSession, pane: PaneId) -> None:
        """Open the lane after an echo in a pane of this session, if the next one can be foreseen."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, DirectLoop) or session.relays or len(session.here) > FEW_GUESTS:
            return
        if not self._patience.tries():
            return
        typist = session.here.get(session.typist)
        if typist is None or typist.direct_terminal is None or not typist.types_freely:
            return
        fd, packets = self._link.direct_fd(loop), typist.direct_terminal.typed(loop)
        frame = session.replica.frame_of(pane)
        if fd is None or packets is None or frame is None or self._link.waiting_bytes:
            return
        screens = _screens(session, pane, frame)
        self._limit = _blank_until(frame)
        if not screens or self._limit <= frame.cursor.col:
            return
        self._loop, self._session, self._pane, self._screens = loop, session, pane, screens
        self._fd, self._packets = fd, packets
        self._generation, self._col = frame.generation, frame.cursor.col
        loop.shorten(fd, self._take_echo)
        loop.shorten(packets.fd, self._take_key)
        loop.owe(self._settle)

    def _take_key(self) -> bool:
        """Take what the typist's client sent. Return False if there is nothing to read: the transport finds out why."""
        packets = self._packets
        try:
            data = os.read(packets.fd, _READ_BYTES)
        except OSError:
            return False
        if not data:
            return False
        opened = packets.opened(data)
        if opened is not None and self._keys < _MOST_PIECES and not self._link.waiting_bytes:
            key = packets.key(opened)
            if key is not None:
                self._keys += 1
                self._link.send(Input(self._session.typist, key))
                return True
        self._loop.settle()
        packets.give_back(data)
        return True

    def _take_echo(self) -> bool:
        """Take what the host sent. Return False if there is nothing to read: the transport finds out why."""
        try:
            data = os.read(self._fd, _READ_BYTES)
        except OSError:
            return False
        if not data:
            return False
        echo = self._echo_in(data)
        now_s = self._loop.time()
        if echo is None or not self._may_show(now_s):
            self._loop.settle()
            self._link.data_received(data)
            return True
        self._generation = echo.generation
        self._col += len(echo.text)
        self._echoes.append(echo)
        for _, screen in self._screens:
            screen.show(echo.text, now_s)
        self._link.acknowledge(echo)
        return True

    def _may_show(self, now_s: float) -> bool:
        return all(screen.may_show(now_s) for _, screen in self._screens)

    def _echo_in(self, data: bytes) -> Echo | None:
        """Return the echo that the data is, if it is nothing else and the next one that was foreseen."""
        if int.from_bytes(data[:HEADER_BYTES], "big") != len(data) - HEADER_BYTES:
            return None
        try:
            message = decode_host_message(data[HEADER_BYTES:])
        except PeerError:
            return None
        if (
            type(message) is not Echo
            or message.pane != self._pane
            or message.base != self._generation
            or not is_echo_text(message.text)
            or self._col + len(message.text) > self._limit
            or len(self._echoes) >= _MOST_PIECES
        ):
            return None
        return message

    def _settle(self) -> None:
        """Close the lane, and do what has waited: the replica and the views are what they are the plain way."""
        session, now_s = self._session, self._loop.time()
        self._loop.end_shortening(self._fd)
        self._loop.end_shortening(self._packets.fd)
        keys, self._keys = self._keys, 0
        echoes, self._echoes = self._echoes, []
        self._patience.tried(is_used=bool(echoes))
        if keys:
            self._packets.settle(keys, now_s, keys * _TURN_S)
        if not echoes:
            return
        text = b"".join([each.text for each in echoes])
        session.replica.update(Echo(self._pane, echoes[0].base, echoes[-1].generation, text))
        for number, screen in self._screens:
            picture = session.replica.picture_with(number, self._pane)
            assert picture is not None, "nothing has run since the lane was opened"
            screen.settle(picture, len(text), now_s)
        session.share.spend(now_s, len(echoes) * _TURN_S)
        self._link.charge(now_s, len(echoes) * _TURN_S)


def _screens(session: HostedSession, pane: PaneId, frame: Frame) -> list[tuple[int, EchoScreen]]:
    """Return the terminals that show this frame of a pane, and first the typist's, by the guests' numbers.

    []: one of them has something else to show.
    """
    screens: list[tuple[int, EchoScreen]] = []
    for number, guest in session.here.items():
        picture = session.replica.picture_with(number, pane) if guest.is_in else None
        if picture is None:
            continue
        terminal = guest.direct_terminal
        screen = terminal.screen(frame) if terminal is not None and picture.frame is frame else None
        if screen is None:
            return []
        screens.append((number, screen))
    return sorted(screens, key=lambda each: each[0] != session.typist)


def _blank_until(frame: Frame) -> int:
    """Return the column up to which the cells from the cursor on are blank, without the last one of the row."""
    row = frame.rows[frame.cursor.row]
    cells, pens = row.cells, row.pens
    stop = frame.cursor.col
    while stop < len(cells) - 1 and cells[stop] == " " and pens[stop] == DEFAULT_PEN:
        stop += 1
    return stop
