"""Law 3 for the gateway's lane: with it and without it, each guest's terminal shows what the host's screen shows.

The gateway's part runs in this thread: a session, its host's link and two guests with real SSH connections.
The host and the guests' clients are in another thread: each of their callbacks in the gateway's loop would
close the lane.
"""

from __future__ import annotations

import asyncio
import random
import select
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, ClassVar, Literal, TypeVar

import asyncssh
import pytest
from asyncssh.constants import MSG_IGNORE
from asyncssh.packet import SSHPacketLogger

from pairterm.access.name_claims import Claim
from pairterm.access.rate_limits import Share
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.hosts.session_link import SessionLink
from pairterm.gateway.ssh.guest_channel import GuestChannel
from pairterm.gateway.ssh.guest_connection import serve_connection
from pairterm.link.codec import LinkMessage, decode_host_message, decode_viewer_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import (
    Ack,
    Echo,
    Input,
    Join,
    Joined,
    LookAt,
    PaneWire,
    RoleChanged,
    ScreenUpdate,
    ViewSettings,
    Windows,
    WindowWire,
)
from pairterm.link.screen_publisher import Publisher
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.terminal import Terminal
from pairterm.types import PaneId
from tests.integration.guest_server import connected_sockets, server_options
from tests.unit.session.sessions import SIZE

pytestmark = pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, the loop is asyncio's own")

_TIMEOUT_S = 30
_PANE = PaneId(0)


class Client(asyncssh.SSHClientSession[bytes]):
    """A guest's terminal."""

    def __init__(self, stage: Far) -> None:
        self._stage = stage
        self.terminal = Terminal(SIZE)

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self.channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.terminal.feed(data)
        self._stage.changed.set()

    def shows(self, screen: Terminal) -> bool:
        """Return whether all is shown but for the last row, where the view's messages are."""
        mine, theirs = self.terminal.snapshot(), screen.snapshot()
        rows = zip(mine.rows[:-1], theirs.rows[:-1], strict=True)
        return mine.cursor == theirs.cursor and all(own.same_as(other) for own, other in rows)


class Far:
    """The host's end of the link, with a screen that echoes all keys, and the clients of two guests."""

    def __init__(self, link: socket.socket) -> None:
        self._socket = link
        self._reader = FrameReader()
        self._publisher = Publisher(_PANE)
        self.screen = Terminal(SIZE)
        self.typed = b""
        self.changed = asyncio.Event()
        self.clients: list[Client] = []

    async def start(self) -> None:
        self._reading, self._writing = await asyncio.open_unix_connection(sock=self._socket)
        pane = PaneWire(int(_PANE), 0, 0, SIZE.rows, SIZE.cols)
        self.say(Windows([WindowWire(0, 0, "w", SIZE.rows, SIZE.cols, [pane])]), LookAt(None, 0, int(_PANE)))

    def say(self, *messages: LinkMessage) -> None:
        self._writing.write(b"".join(framed(encode(each)) for each in messages))

    async def serve(self) -> None:
        """Take what the gateway says, until it closes the link."""
        while data := await self._reading.read(65_536):
            for payload in self._reader.feed(data):
                match decode_viewer_message(payload):
                    case Join(client=number):
                        self.say(Joined(number, "rw" if number == 1 else "ro", number == 1))
                        self.show()
                    case Input(data=keys):
                        self.typed += keys
                        self.print(keys.replace(b"\r", b"\r\n").replace(b"\x7f", b"\b \b"))
                    case Ack(generation=generation):
                        self._publisher.acknowledge(generation)
                        self.show()
                    case _:
                        pass

    def print(self, data: bytes) -> None:
        self.screen.feed(data)
        self.show()

    def show(self) -> None:
        if self._publisher.may_send and (update := self._publisher.update(self.screen.snapshot())) is not None:
            self.say(update)

    async def come(self, sock: socket.socket, stack: AsyncExitStack, **options: Any) -> None:
        connection = await asyncssh.connect("", sock=sock, known_hosts=None, username="x", config=None, **options)
        await stack.enter_async_context(connection)
        send = connection.send_packet

        def send_as_openssh(kind: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
            if kind != MSG_IGNORE:  # asyncssh sends one before each packet
                send(kind, *args, handler=handler)

        connection.send_packet = send_as_openssh  # type: ignore[method-assign, assignment]  # as people's ssh sends
        client = Client(self)
        self.clients.append(client)
        await connection.create_session(
            lambda: client, term_type="xterm", term_size=(SIZE.cols, SIZE.rows), encoding=None
        )

    async def look(self, typed: bytes) -> None:
        """Wait until all this was typed, and all see the screen."""
        async with asyncio.timeout(_TIMEOUT_S):
            while self.typed != typed or not all(each.shows(self.screen) for each in self.clients):
                self.changed.clear()
                await self.changed.wait()

    def close(self) -> None:
        self._writing.close()


class Near:
    """The gateway's part."""

    options: ClassVar[dict[str, Any]] = {}
    """What the guests' connections need besides."""

    def __init__(self) -> None:
        self.session = HostedSession("s", HostOwner("uid 1", 1, None, may_be_away=False), {}, Claim("u", b"i", 1), "")
        self.updates = 0
        """How often the replica was brought up to date."""
        self.bytes_in = self.bytes_out = 0
        self._serving: list[asyncio.Task[asyncssh.SSHServerConnection]] = []

    async def start(self) -> tuple[socket.socket, list[socket.socket]]:
        """Return the far ends of the link and of the guests' connections."""
        ours, theirs = socket.socketpair()
        self.link = Link(self.session, share=Share(10.0, 1.0))
        await asyncio.get_running_loop().create_unix_connection(lambda: self.link, sock=ours)
        self.session.connect(self.link, ViewSettings(status=False))
        self.session.replica.update = self._counted_of(self.session.replica.update)  # type: ignore[method-assign, assignment]
        return theirs, [await self.serve() for _ in range(2)]

    def _counted_of(self, update: Callable[[ScreenUpdate | Echo], PaneId]) -> Callable[[ScreenUpdate | Echo], PaneId]:
        def counted(message: ScreenUpdate | Echo) -> PaneId:
            self.updates += 1
            return update(message)

        return counted

    async def serve(self, send_buffer_bytes: int = 0) -> socket.socket:
        """Return the far end of one more guest's connection."""
        ours, theirs = connected_sockets()
        if send_buffer_bytes:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        options = server_options(self._new_session, **self.options)
        self._serving.append(asyncio.create_task(serve_connection(ours, options)))
        return theirs

    def _new_session(self) -> GuestChannel:
        return GuestChannel(self.session, Credentials(token_hash=bytes(32), address="::1"), self)

    async def stop(self) -> None:
        for served in await asyncio.gather(*self._serving, return_exceptions=True):
            if isinstance(served, asyncssh.SSHServerConnection):
                served.abort()
        self.link.abort()


FarT = TypeVar("FarT", bound=Far)
NearT = TypeVar("NearT", bound=Near)


class Link(SessionLink):
    """A host's link, as far as a session needs one."""

    def __init__(self, session: HostedSession, *, share: Share) -> None:
        super().__init__(self._receive, lambda error: None, is_near=True, max_waiting_bytes=1 << 20, share=share)
        self._session = session

    def excuse(self, took_s: float) -> None: ...

    def _receive(self, payload: bytes) -> None:
        match decode_host_message(payload):
            case Echo() | ScreenUpdate() as change:
                self.take_picture(self._session, change)
            case Windows() | LookAt() | Joined() | RoleChanged() as message:
                self.take_for(self._session, message)
            case message:
                raise AssertionError(message)


def on_stage(
    script: Callable[[FarT, NearT], Awaitable[None]],
    loop: asyncio.AbstractEventLoop,
    new_far: Callable[[socket.socket], FarT],
    new_near: Callable[[], NearT],
) -> NearT:
    """Run a script at the far ends, beside a gateway in this loop."""

    async def far(near: NearT, link: socket.socket, connections: list[socket.socket]) -> None:
        async with AsyncExitStack() as stack:
            stage = new_far(link)
            await stage.start()
            serving = asyncio.create_task(stage.serve())
            for connection in connections:
                await stage.come(connection, stack)
                await stage.look(b"")
            await script(stage, near)
            stage.close()
            await serving

    async def play() -> NearT:
        near = new_near()
        link, connections = await near.start()
        try:
            async with asyncio.timeout(5 * _TIMEOUT_S):
                await asyncio.to_thread(asyncio.run, far(near, link, connections))
        finally:
            await near.stop()
        return near

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(play())


LOOPS = [DirectLoop, asyncio.SelectorEventLoop]


@pytest.mark.parametrize("loop", LOOPS)
def test_typed_words_go_through_the_lane_and_through_no_other_loop(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    words = b"git commit -m 'two  words' && git push "

    async def script(far: Far, near: Near) -> None:
        for number, key in enumerate(words):
            far.clients[0].channel.write(bytes([key]))
            await far.look(words[: number + 1])

    near = on_stage(script, loop(), Far, Near)
    assert near.bytes_in == len(words)
    if loop is DirectLoop:
        assert near.updates < len(words), "no key took the lane"
    else:
        assert near.updates >= len(words)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("loop", LOOPS)
def test_the_lane_and_the_plain_way_show_the_same(loop: Callable[[], asyncio.AbstractEventLoop], seed: int) -> None:
    """Words, spaces, line ends, deleted characters, pastes, the view's own keys, and output between the keys."""
    choose = random.Random(seed)

    async def script(far: Far, near: Near) -> None:
        typed, in_line = b"", 0
        for _ in range(120):
            keys = bytes([choose.randrange(0x21, 0x7F)])
            match choose.randrange(16):
                case 0:
                    keys = b"\r"
                case 1:
                    keys = b" "
                case 2 if in_line:
                    keys = b"\x7f"
                case 3:
                    keys = b"a paste"
                case 4:
                    far.print(b"\r\n\x1b[1mnews\x1b[m ")
                    in_line = 5
                case 5:
                    far.clients[1].channel.write(b"nobody reads this")
                case 6:
                    far.clients[0].channel.write(b"\x02?")  # the help
                    far.clients[0].channel.write(b"q")
                case _:
                    pass
            in_line = 0 if keys == b"\r" else in_line + (-1 if keys == b"\x7f" else len(keys))
            if in_line > 60:
                keys += b"\r"
                in_line = 0
            typed += keys
            far.clients[0].channel.write(keys)
            await far.look(typed)

    on_stage(script, loop(), Far, Near)


@pytest.mark.parametrize("role", ["ro", "rw"])
def test_a_gate_that_shuts_stops_the_next_key(role: Literal["ro", "rw"]) -> None:
    """Law 6: the lane is open when the host says that the guest may only watch, or that another person drives.

    What is printed then is an echo, after which a lane could be opened for the guest who typed last.
    """

    async def script(far: Far, near: Near) -> None:
        for number in range(4):
            far.clients[0].channel.write(b"a")
            await far.look(b"a" * (number + 1))
        far.say(RoleChanged(1, role, False))
        far.print(b"-")
        await far.look(b"aaaa")  # The role came before this picture.
        count = near.bytes_in
        far.clients[0].channel.write(b"X")
        async with asyncio.timeout(_TIMEOUT_S):
            while near.bytes_in == count:  # noqa: ASYNC110 -- another thread counts
                await asyncio.sleep(0.01)
        far.say(RoleChanged(1, "rw", True))
        far.print(b"-")
        await far.look(b"aaaa")

    on_stage(script, DirectLoop(), Far, Near)


def test_spaces_between_the_letters_keep_the_lane_open() -> None:
    """A space over a blank was a whole update. It closed the lane, and the next letter took the plain way too."""

    async def script(far: Far, near: Near) -> None:
        typed = b""
        for key in b"abc d  e ":
            typed += bytes([key])
            far.clients[0].channel.write(typed[-1:])
            await far.look(typed)
            if typed == b"abc":
                updates = near.updates
        assert near.updates == updates

    on_stage(script, DirectLoop(), Far, Near)
