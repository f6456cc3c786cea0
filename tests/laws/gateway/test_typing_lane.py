"""Laws 3 and 6 for the gateway's typing lane, whatever happens between two keys.

Three guests with real SSH connections are in a session: two may type, and one only watches. Their keys are exchanged
again and again, and their windows are small. Law: the host gets just the keys that the gate lets pass, in their order,
and each guest's terminal shows the host's screen. The same holds in a loop without lanes.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import asyncssh
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.link.codec import decode_viewer_message
from pairterm.link.messages import Ack, Input, Join, Joined, RoleChanged
from pairterm.runtime.direct_loop import DirectLoop
from tests.integration.test_gateway_typing_lane import _TIMEOUT_S, Client, Far, Near, on_stage
from tests.length import by_day
from tests.unit.session.sessions import SIZE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, the loop is asyncio's own"),
]

_EXAMPLES = by_day(8, at_night=500)

_REKEY_BYTES = 6000
"""After so much, a gateway exchanges keys: each example does it some times."""

_OUTPUT = [
    b"\r\n",
    b"\x1b[5;20Htext\x1b[5;15H",
    b"\x1b[4h",  # insert mode
    b"\x1b[4l",
    b"\x1b[12;70H",
    b"\x1b[2J\x1b[H",
    b"\x1b[K",
    b"\x1b[1;31m",
    b"\x1b[44m\x1b[K",
    b"\x1b[m",
    b"\x1b[?1049h",  # the alternate screen
    b"\x1b[?1049l",
    b"\x1b[?25l",
    b"\x1b[?25h",
    b"\x1b(0",  # line drawing
    b"\x1b(B",
    b"\x1b]2;title\x07",
    b"\x07",
    b"\x1b[5 q",  # another cursor
    b"\x1b[?2004h",
    b"\x1b[?2004l",
    "漢".encode(),
    "e\u0301".encode(),
    b"line\r\n" * 15,
]

_KEY = st.integers(0x20, 0x7E).map(lambda code: bytes([code]))
_WORD = st.lists(_KEY, min_size=2, max_size=6).map(b"".join)
_EVENTS = st.one_of(
    st.tuples(st.just("word"), _WORD),
    st.tuples(st.sampled_from(["unseen", "other", "watcher"]), _KEY),
    st.tuples(st.sampled_from(["print", "change"]), st.sampled_from(_OUTPUT)),
    st.tuples(st.sampled_from(["print", "change"]), st.sampled_from(_OUTPUT)),
    st.tuples(st.sampled_from(["gate", "help", "deaf", "narrow", "paste"]), st.just(b"")),
)


class _Host(Far):
    """The host's end, and what the guests do."""

    def __init__(self, link: socket.socket) -> None:
        super().__init__(link)
        self._echoes = True
        self._deaf = False
        self.wanted = b""

    async def serve(self) -> None:
        while data := await self._reading.read(65_536):
            for payload in self._reader.feed(data):
                match decode_viewer_message(payload):
                    case Join(client=number):
                        self.say(Joined(number, "ro", False) if number == 3 else Joined(number, "rw", True))
                        self.show()
                    case Input(data=keys):
                        self.typed += keys
                        self.changed.set()
                        if self._echoes:
                            self.print(keys)
                    case Ack(generation=generation):
                        self._publisher.acknowledge(generation)
                        self.show()
                    case _:
                        pass

    async def press(self, guest: int, data: bytes) -> None:
        """Type what has to come to the host."""
        self.wanted += data
        self.clients[guest].channel.write(data)
        async with asyncio.timeout(_TIMEOUT_S):
            while len(self.typed) < len(self.wanted):
                self.changed.clear()
                await self.changed.wait()
        assert self.typed == self.wanted

    async def seen(self) -> None:
        """Wait until each guest who reads sees the screen."""
        async with asyncio.timeout(_TIMEOUT_S):
            while not all(each.shows(self.screen) for each in self._readers()):
                self.changed.clear()
                await self.changed.wait()
        assert self.typed == self.wanted

    def _readers(self) -> list[Client]:
        return self.clients[:2] if self._deaf else self.clients

    async def happen(self, near: Near, what: str, data: bytes) -> None:
        match what:
            case "word":
                for code in data:
                    await self.press(0, bytes([code]))
                    await self.seen()
            case "unseen":  # a password
                self._echoes = False
                await self.press(0, data)
                self._echoes = True
            case "other":
                await self.press(1, data)
            case "watcher":
                self.clients[2].channel.write(data)
            case "paste":
                await self.press(0, b"a paste")
            case _:
                await self._change(near, what, data)

    async def _change(self, near: Near, what: str, data: bytes) -> None:
        typist = self.clients[0].channel
        match what:
            case "print":
                self.print(data)
            case "change":
                self.print(data)
                await self.seen()
                await self.happen(near, "word", b"qxlja")
            case "help":
                typist.write(b"\x02?")
                typist.write(b"q")
            case "deaf":
                self._deaf = not self._deaf
                channel = self.clients[2].channel
                (channel.pause_reading if self._deaf else channel.resume_reading)()
            case "narrow":
                typist.change_terminal_size(60, SIZE.rows)
                await self.press(1, b"n")
                typist.change_terminal_size(SIZE.cols, SIZE.rows)
            case "gate":
                await self._shut(near)
            case _:
                raise AssertionError(what)

    async def _shut(self, near: Near) -> None:
        """Shut the gate: no key of the typist passes. Then open it."""
        for role in ("rw", "ro"):  # A watcher who types reads a message, and there is no lane for a while.
            await self.happen(near, "word", b"\r\nabcd")
            self.say(RoleChanged(1, role, False))
            self.print(b"-")  # as an echo, after which a lane could be opened
            await self.seen()
            count = near.bytes_in
            self.clients[0].channel.write(b"X")
            async with asyncio.timeout(_TIMEOUT_S):
                while near.bytes_in == count:  # noqa: ASYNC110 -- another thread counts
                    await asyncio.sleep(0.001)
            self.say(RoleChanged(1, "rw", True))
            self.print(b"-")
            await self.seen()

    async def finish(self) -> None:
        if self._deaf:
            self._deaf = False
            self.clients[2].channel.resume_reading()
        self.print(b"\x1b[2J\x1b[Hthe end")
        await self.seen()

    async def come(self, sock: socket.socket, stack: AsyncExitStack, **options: Any) -> None:
        create = asyncssh.SSHClientConnection.create_session
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                asyncssh.SSHClientConnection,
                "create_session",
                lambda *args, **given: create(*args, **given, window=4096),
            )
            await super().come(sock, stack, **options)


class _Gateway(Near):
    """The gateway's part, with three guests who exchange keys often."""

    options: ClassVar[dict[str, Any]] = {"rekey_bytes": _REKEY_BYTES}

    async def start(self) -> tuple[socket.socket, list[socket.socket]]:
        link, connections = await super().start()
        return link, [*connections, await self.serve()]


def _play(events: list[tuple[str, bytes]], loop: asyncio.AbstractEventLoop) -> _Gateway:
    async def script(host: _Host, near: _Gateway) -> None:
        for what, data in events:
            await host.happen(near, what, data)
            await host.seen()
        await host.finish()

    return on_stage(script, loop, _Host, _Gateway)


@pytest.mark.parametrize("loop", [DirectLoop, asyncio.SelectorEventLoop])
@settings(max_examples=_EXAMPLES)
@given(events=st.lists(_EVENTS, min_size=5, max_size=25))
def test_a_lane_gives_the_host_its_keys_and_the_guests_its_screen(
    loop: Callable[[], asyncio.AbstractEventLoop], events: list[tuple[str, bytes]]
) -> None:
    _play(events, loop())


def test_the_words_of_the_law_take_the_lane() -> None:
    """The law says nothing about lanes if none is open, nor about keys that are exchanged if none are."""
    near = _play([("word", b"abcdefgh")], DirectLoop())
    assert near.updates < 8
    assert [each.result()._rekey_bytes for each in near._serving] == 3 * [_REKEY_BYTES]
