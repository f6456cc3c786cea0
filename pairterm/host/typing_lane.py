"""The short way of a typist's keys through the host: from their link to the pty, and back to all links as echoes.

A key and its echo change so little that all of it is known beforehand, as long as nothing else
happens. So this lane reads the link and the pty itself, and does only what cannot wait: it
writes the key to the program, and sends the echo to those who look at the pane. The rest waits:
the screen, the frames and the times of the last key are brought up to date by `settle`, with
many keys at once. `DirectLoop` calls it before any other callback runs, so nobody can see that
something waits.

Law 6: the lane decides nothing. It is opened after an echo that took the plain way, if the session's gate
lets all input of the last typist pass and nothing else follows from it. Nothing but the lane runs
until it is closed, so this holds for each key.
Law 3: the lane and the plain way give the same screen, the same messages and the same generations.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable

from pairterm.errors import PeerError
from pairterm.host.peers import Peers
from pairterm.host.program_effects import ProgramEffects
from pairterm.host.programs import Programs
from pairterm.link.codec import decode_viewer_message, encode
from pairterm.link.echo import is_echo_text
from pairterm.link.echo_way import EchoWay
from pairterm.link.framing import HEADER_BYTES, framed
from pairterm.link.messages import MAX_ECHO_CELLS, Ack, Echo, Input
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.runtime.lane_patience import Patience
from pairterm.runtime.link_stream import LinkStream
from pairterm.session.core import SessionCore
from pairterm.session.effects import Effect, Publish
from pairterm.types import PaneId

__all__ = ["TypingLane"]

logger = logging.getLogger(__name__)

_READ_BYTES = 65_536

_MOST_PIECES = 64
"""So many echoes at most wait for `settle`, which takes about 2 ms then."""


class TypingLane:
    """The lane of one session. It is open for one pane at a time, and for the person who typed last."""

    def __init__(
        self,
        core: SessionCore,
        peers: Peers,
        programs: Programs,
        program_effects: ProgramEffects,
        *,
        carry_out: Callable[[Iterable[Effect]], None],
    ) -> None:
        """`carry_out` gets what follows from the output that waited, besides its echoes."""
        self._core = core
        self._peers = peers
        self._programs = programs
        self._carry_out = carry_out
        self._program_effects = program_effects
        loop = asyncio.get_running_loop()
        self._loop = loop if isinstance(loop, DirectLoop) else None
        self._patience = Patience()
        self._was_of_use = False
        """Echoes went through the lane before it was closed, and nothing has taken the plain way since."""
        self._ends: list[_LinkEnd] = []
        self._ways: list[EchoWay] = []
        self._pieces: list[bytes] = []
        """The output whose echoes were sent, and that the screen has not got yet."""
        self._typed_s = self._read_s = 0.0
        """When the last key came, and the last echo; 0: none has since the lane was opened."""

    def open(self, pane: PaneId, data: bytes) -> None:
        """Open the lane after this output of a pane, if it was an echo and the next one can be foreseen."""
        self._was_of_use = False
        if len(data) <= MAX_ECHO_CELLS:
            self._open(pane)

    def reopen(self, pane: PaneId) -> None:
        """Open the lane again if it was of use, and was closed for something that has printed nothing."""
        if self._was_of_use and pane == self._pane:
            self._was_of_use = False
            self._open(pane)

    def _open(self, pane: PaneId) -> None:
        loop = self._loop
        if loop is None or not self._patience.tries():
            return
        place = self._core.visible.plain_typing(pane)
        pump = self._programs.pump(pane)
        if place is None or pump is None or not pump.is_plain or not loop.is_read_by(pump.program.master, pump):
            return
        ways: list[EchoWay] = []
        ends: list[_LinkEnd] = []
        for peer in self._peers:
            if not peer.clients or pane not in peer.panes:
                continue
            way = peer.shown.echo_way(pane, place.frame, peer.wire.send)
            if way is None or peer.is_recorder:
                return
            ways.append(way)
            if isinstance(stream := peer.wire, LinkStream) and (fd := stream.direct_fd(loop)) is not None:
                ends.append(_LinkEnd(self, stream, fd, way, peer.clients.get(place.client)))
        if not any(end.is_typists for end in ends):
            return
        self._client, self._pane, self._pump, self._ways, self._ends = place.client, pane, pump, ways, ends
        self.master = pump.program.master
        self._generation, self._col, self._limit = place.frame.generation, place.frame.cursor.col, place.stop_col
        loop.shorten(self.master, self._take_output)
        for end in ends:
            loop.shorten(end.fd, end.take)
        loop.owe(self.settle)

    def _take_output(self) -> bool:
        """Take what the program printed. Return False if there is nothing to read: the pump finds out why."""
        try:
            data = os.read(self.master, _READ_BYTES)
        except OSError:
            return False
        if not data:
            return False
        stop = self._col + len(data)
        if is_echo_text(data) and stop <= self._limit and len(self._pieces) < _MOST_PIECES:
            loop = self._loop
            assert loop is not None
            now_s = loop.time()
            for way in self._ways:
                if not way.may_send(now_s):
                    break
            else:
                echo = Echo(self._pane, self._generation, self._generation + 1, data)
                self._generation += 1
                self._col = stop
                if not self._pieces:
                    self._program_effects.printed(self._pane, data)  # It plans a look, which closes the lane.
                self._pieces.append(data)
                self._read_s = now_s
                for way in self._ways:
                    way.send(echo, now_s)
                return True
        pump = self._pump
        self.end()
        pump.take(data)
        return True

    def typed(self, key: bytes) -> bool:
        """Write a key of the typist to the program. Return False if it does not take it now."""
        try:
            written = os.write(self.master, key)
        except OSError:
            return False
        assert self._loop is not None
        self._typed_s = self._loop.time()
        return written == len(key)

    def acknowledged(self, way: EchoWay, frame: bytes) -> bool:
        """Take a whole frame of the link if it is an acknowledgement and nothing follows from it."""
        if int.from_bytes(frame[:HEADER_BYTES], "big") != len(frame) - HEADER_BYTES or not way.has_room:
            return False
        try:
            message = decode_viewer_message(frame[HEADER_BYTES:])
        except PeerError:
            return False
        if type(message) is not Ack or message.pane != self._pane:
            return False
        way.acknowledge(message.generation)
        return True

    def end(self) -> None:
        """Close the lane: something came that is not for it."""
        assert self._loop is not None
        self._loop.settle()

    def settle(self) -> None:
        """Close the lane, and do what has waited: the screen and the frames are what they are the plain way."""
        assert self._loop is not None
        self._loop.end_shortening(self.master)
        for end in self._ends:
            self._loop.end_shortening(end.fd)
        ways, self._ways, self._ends = self._ways, [], []
        pieces, self._pieces = self._pieces, []
        if self._typed_s:
            self._pump.has_typed(self._typed_s)
            if self._client in self._core.people:
                self._core.people.change(self._client, typed_s=self._typed_s)
        self._was_of_use = bool(pieces)
        self._patience.tried(is_used=self._was_of_use)
        if pieces:
            self._pump.has_read(self._read_s)
            self._catch_up(pieces, ways)
        self._typed_s = self._read_s = 0.0

    def _catch_up(self, pieces: list[bytes], ways: list[EchoWay]) -> None:
        """Give the screen the output that was shown, as if each piece had made its frame."""
        pane = self._core.pane(self._pane)
        assert pane is not None, "nothing has run since the lane was opened"
        pane.terminal.expect_frames(len(pieces))
        effects = self._core.feed(self._pane, b"".join(pieces), self._read_s)
        frame = pane.frame()
        is_foreseen = frame.generation == self._generation and frame.cursor.col == self._col
        if not is_foreseen:
            logger.error("echoes of pane %d were not what its screen shows: it is sent anew", self._pane)
        for way in ways:
            way.catch_up(frame if is_foreseen else None)
        self._carry_out([each for each in effects if not is_foreseen or not isinstance(each, Publish)])


class _LinkEnd:
    """A link's descriptor, while the lane is open."""

    def __init__(self, lane: TypingLane, stream: LinkStream, fd: int, way: EchoWay, number: int | None) -> None:
        """`number`: the typist's on this link; None: they are on another one."""
        self._lane = lane
        self._stream = stream
        self._way = way
        self.fd = fd
        self._prefix = framed(encode(Input(number, b"k")))[:-1] if number is not None else b""
        """A key of the typist is a frame that begins so, and has one byte more."""

    @property
    def is_typists(self) -> bool:
        """Whether the typist's keys come here."""
        return bool(self._prefix)

    def take(self) -> bool:
        """Take what the other side sent. Return False if there is nothing to read: the transport finds out why."""
        try:
            data = os.read(self.fd, _READ_BYTES)
        except OSError:
            return False
        if not data:
            return False
        lane = self._lane
        if self._prefix:
            before, prefix, key = data.rpartition(self._prefix)
            if prefix and len(key) == 1 and (not before or lane.acknowledged(self._way, before)) and lane.typed(key):
                return True
        elif lane.acknowledged(self._way, data):
            return True
        lane.end()
        self._stream.data_received(data)
        return True
