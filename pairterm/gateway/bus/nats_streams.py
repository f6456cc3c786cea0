"""All streams of one gateway over core NATS subjects: they open, they take turns, and they end.

A frame goes to the subject ….GATEWAY.stream.SENDER.STREAM, and each gateway listens to all that end at it. A stream
never waits for another one. If the bus is lost, streams wait for it for a while, and go on where they were.
`sealed_streams` encrypts what runs over it, and proves who is at the other end. The heads of the frames stay readable:
whoever can change them can end a stream, and no more.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterable

from pairterm.cluster.stream_frames import Frame, FrameKind
from pairterm.errors import PeerError
from pairterm.gateway.bus.bus import BusAwayError
from pairterm.gateway.bus.sealed_streams import StreamTls
from pairterm.gateway.bus.stream_transport import StreamTransport
from pairterm.runtime.supervisor import Supervisor

__all__ = ["NatsStreams"]

logger = logging.getLogger(__name__)

_OPEN_S = 5.0
"""How long the other gateway may take to answer."""

_MAX_STREAMS = 20_000
"""Streams that other gateways may have with this one: one for each session that their guests watch."""

_MAX_UNPROVED_OF_GATEWAY = 256
"""Streams of one gateway that it has not proved yet. A gateway that stalls in the middle of them takes no other's
places. A subject names the gateway, and whoever may write subjects can use all names: see `_MAX_UNPROVED`."""

_MAX_UNPROVED = 1024
"""The same of all gateways."""


class NatsStreams:
    """The streams of one gateway."""

    def __init__(
        self,
        own: str,
        tls: StreamTls,
        tasks: Supervisor,
        send: Callable[[str, str, bytes], None],
        wake: Callable[[], None],
    ) -> None:
        """Make it without streams.

        Args:
            own: This gateway.
            tls: Encrypts the streams.
            tasks: Runs the handshakes of streams that others open.
            send: Sends a frame outside the streams' turns: the gateway, the stream, the frame.
            wake: Says that `next_frame` has one.
        """
        self._own = own
        self._tls = tls
        self._tasks = tasks
        self._send = send
        self._wake = wake
        self._streams: dict[tuple[str, str], StreamTransport] = {}
        self._ready: dict[StreamTransport, None] = {}
        self._unproved: Counter[str] = Counter()
        self._patience: asyncio.TimerHandle | None = None
        """Ends the streams if the bus stays away."""
        self._new_protocol: Callable[[str], asyncio.Protocol] | None = None
        self.is_open = False
        """Whether the bus is there. Without it, no stream opens."""

    def __len__(self) -> int:
        return len(self._streams)

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other gateways from now on."""
        self._new_protocol = new_protocol

    async def connect(self, gateway: str, protocol: asyncio.Protocol) -> None:
        """Open a stream to `gateway`, and give it to `protocol`.

        Raises:
            BusAwayError: It can't be reached, or does not prove that it is this gateway of our service.
        """
        if not self.is_open:
            raise BusAwayError("this gateway is cut off from the others", code="bus_away")
        stream = self._new_stream(gateway, secrets.token_hex(12))
        stream.open()
        try:
            async with asyncio.timeout(_OPEN_S):
                await stream.opened
            await self._tls.connected(stream, gateway, lambda: protocol)
        except (OSError, PeerError) as error:  # TimeoutError is an OSError.
            stream.abort()
            text = f"gateway {gateway} can't be reached: {error or 'no answer'}"
            raise BusAwayError(text, code="bus_away") from error
        except asyncio.CancelledError:
            stream.abort()
            raise

    def received(self, sender: str, stream_id: str, payload: bytes) -> None:
        """Take a frame that `sender` sent, as its subject says. A bad one is dropped with its stream."""
        stream = self._streams.get((sender, stream_id))
        try:
            frame = Frame.decode(payload)
        except PeerError:
            if stream is not None:
                stream.lost("a bad frame")
            return
        if stream is None:
            stream = self._opened(sender, stream_id) if frame.kind is FrameKind.OPEN else None
        if stream is not None:
            stream.received(frame)
        elif frame.kind is not FrameKind.RESET:
            self.reset(sender, stream_id)

    def next_frame(self) -> tuple[str, str, bytes] | None:
        """Return the next frame of the stream whose turn it is, with its gateway and its stream; None: none has one."""
        while self._ready:
            stream = next(iter(self._ready))
            del self._ready[stream]
            frame = stream.next_frame()
            if frame is not None:
                self._ready[stream] = None  # At the end: the others come first.
                return stream.peer, stream.stream_id, frame.encode()
        return None

    def tick(self) -> None:
        """Confirm what has come, and notice lost frames at the end of what was sent. To be called once a second."""
        for each in list(self._streams.values()):
            each.tick()

    def end_with(self, gateway: str, reason: str) -> None:
        """End all streams with a gateway."""
        self._end([each for each in self._streams.values() if each.peer == gateway], reason)

    def wait(self, patience_s: float, reason: str) -> None:
        """Wait for the bus, which is lost: end all streams if it does not come back in time.

        Streams that are being opened end at once: nobody waits for them yet.
        """
        self._end([each for each in self._streams.values() if not each.opened.done()], reason)
        if self._patience is None:  # Each try to connect that fails comes here too.
            self._patience = asyncio.get_running_loop().call_later(patience_s, self.end_all, reason)

    def resume(self) -> None:
        """The bus is back: go on with all streams."""
        self._stop_waiting()
        for each in list(self._streams.values()):
            each.resume()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def end_all(self, reason: str) -> None:
        """End all streams."""
        self._stop_waiting()
        self._end(list(self._streams.values()), reason)

    @staticmethod
    def _end(streams: Iterable[StreamTransport], reason: str) -> None:
        for each in streams:
            each.lost(reason)

    # The carrier of a stream (`StreamCarrier`).

    def wants_turn(self, stream: StreamTransport) -> None:
        """Ask `stream` for its frames soon."""
        self._ready[stream] = None
        self._wake()

    def reset(self, peer: str, stream_id: str) -> None:
        """Tell a gateway that a stream has ended."""
        self._send(peer, stream_id, Frame(FrameKind.RESET).encode())

    def ended(self, stream: StreamTransport) -> None:
        """Forget a stream."""
        self._streams.pop((stream.peer, stream.stream_id), None)
        self._ready.pop(stream, None)

    def _new_stream(self, peer: str, stream_id: str) -> StreamTransport:
        stream = StreamTransport(self, peer, stream_id)
        self._streams[peer, stream_id] = stream
        return stream

    def _opened(self, sender: str, stream_id: str) -> StreamTransport | None:
        """Return a new stream that another gateway opens; None: there is no room, or streams are not taken."""
        is_full = len(self._streams) >= _MAX_STREAMS or self._unproved.total() >= _MAX_UNPROVED
        if self._new_protocol is None or is_full or self._unproved[sender] >= _MAX_UNPROVED_OF_GATEWAY:
            return None
        self._unproved[sender] += 1  # Now, and not when its task begins: one read of the socket brings many streams.
        stream = self._new_stream(sender, stream_id)
        self._tasks.once("taking a stream", self._prove(stream, self._new_protocol))
        return stream

    async def _prove(self, stream: StreamTransport, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        try:
            await self._tls.accepted(stream, stream.peer, new_protocol)
        except PeerError as error:
            logger.warning("a stream of gateway %s was refused: %s", stream.peer, error)
            stream.abort()
        finally:
            self._unproved[stream.peer] -= 1
            if not self._unproved[stream.peer]:
                del self._unproved[stream.peer]
