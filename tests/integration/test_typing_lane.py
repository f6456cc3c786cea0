"""Law 3 for the host's lane: with it and without it, viewers and the host have the same frames.

The host runs in this thread, with a real pty whose echo is the kernel's. The viewers are in another one: each
callback of theirs in the host's loop would close the lane.
"""

from __future__ import annotations

import asyncio
import fcntl
import random
import select
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest

from pairterm.host import foreground_commands
from pairterm.host.actor import HostActor
from pairterm.host.pty import PtyProgram
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Echo,
    Hello,
    Input,
    Join,
    LookAt,
    ScreenUpdate,
    ViewerMessage,
    ViewSettings,
    Windows,
)
from pairterm.link.session_replica import SessionReplica
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.runtime.link_stream import LinkStream
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Role
from tests.unit.session.sessions import SIZE, Session

pytestmark = pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, the loop is asyncio's own")

_TIMEOUT_S = 30
_NEVER_S = 3600
_PANE = PaneId(0)
_TYPIST = 1

_Result = TypeVar("_Result")


class Viewer:
    """A viewer's side, with one client, which blocks its thread until something comes."""

    def __init__(self, sock: socket.socket, *, acknowledges_each: bool) -> None:
        self._socket = sock
        self._socket.settimeout(_TIMEOUT_S)
        self._reader = FrameReader()
        self._replica = SessionReplica()
        self._acknowledges_each = acknowledges_each
        self._owed: list[ViewerMessage] = []
        self.echoes = 0
        self.say(Hello(PROTOCOL, "1", "gateway"))

    def close(self) -> None:
        self._socket.close()

    def join(self, token_hash: bytes) -> None:
        self.say(Join(client=_TYPIST, rows=SIZE.rows, cols=SIZE.cols, token_hash=token_hash, transport="ssh"))

    def say(self, *messages: ViewerMessage) -> None:
        """Send messages, and with them the acknowledgements that are owed, as a gateway does."""
        self._socket.sendall(b"".join(framed(encode(each)) for each in [*self._owed, *messages]))
        self._owed.clear()

    def type(self, data: bytes) -> None:
        self.say(Input(_TYPIST, data))

    def until_read(self) -> None:
        """Wait until the host has read all, without a message that would close its lane."""
        deadline_s = time.monotonic() + _TIMEOUT_S
        while struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4))[0]:
            assert time.monotonic() < deadline_s, "the host does not read"
            time.sleep(0.001)

    @property
    def frame(self) -> Frame | None:
        return self._replica.frame_of(_PANE)

    def until(self, is_so: Callable[[Frame], bool]) -> None:
        """Take messages until the picture is so."""
        while self.frame is None or not is_so(self.frame):
            data = self._socket.recv(65_536)
            assert data, "the host closed the link"
            for payload in self._reader.feed(data):
                self._take(payload)

    def _take(self, payload: bytes) -> None:
        match decode_host_message(payload):
            case Windows() as windows:
                self._replica.take_windows(windows)
            case LookAt() as look:
                self._replica.take_look(look)
            case ScreenUpdate() | Echo() as change:
                self.echoes += isinstance(change, Echo)
                self._replica.update(change)
                self._owed.append(Ack(change.pane, change.generation))
                if self._acknowledges_each or isinstance(change, ScreenUpdate) or len(self._owed) >= 4:
                    self.say()
            case _:
                pass


class Stage:
    """A host with `cat`, and two viewers: the typist's link, and one that only watches."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.session = Session()
        self.actor = HostActor(self.session.core, command="cat", settings=ViewSettings())
        self.expected = Terminal(SIZE)
        """The judge: it gets what the kernel echoes."""
        self.feeds = 0
        feed = self.session.core.feed

        def counted(*args: object) -> object:
            self.feeds += 1
            return feed(*args)  # type: ignore[arg-type]  # as they came

        self.session.core.feed = counted  # type: ignore[method-assign, assignment]  # counts, and does the same

    async def start(self) -> None:
        self.program = PtyProgram(
            ["sh", "-c", "stty -echoctl; echo ready; exec cat >/dev/null"],
            executable="/bin/sh",
            environment={"PATH": "/usr/bin:/bin"},
            directory="/",
            size=SIZE,
        )
        self.actor.start(self.program)
        self.typist = await self._link(acknowledges_each=False)
        self.watcher = await self._link(acknowledges_each=True)

    async def stop(self) -> None:
        self.typist.close()
        self.watcher.close()
        await self.actor.farewell(_TIMEOUT_S)
        self.actor.programs.hang_up_all()
        async with asyncio.timeout(_TIMEOUT_S):
            while self.program.poll() is None:  # noqa: ASYNC110 -- another process ends
                await asyncio.sleep(0.01)

    async def _link(self, *, acknowledges_each: bool) -> Viewer:
        ours, theirs = socket.socketpair()
        stream = LinkStream(lambda payload: peer.receive(payload), lambda error: self.actor.remove_peer(peer))
        await self.loop.create_unix_connection(lambda: stream, sock=ours)
        peer = self.actor.add_peer(stream, is_local=False, on_gateway=lambda message: None)
        return Viewer(theirs, acknowledges_each=acknowledges_each)

    def look_at_command(self) -> None:
        """Have the host look at the program in the foreground, as it does half a second after output."""
        is_done = threading.Event()

        def look() -> None:
            self.actor._program_effects._commands._look(_PANE)
            is_done.set()

        self.loop.call_soon_threadsafe(look)
        assert is_done.wait(_TIMEOUT_S)

    def in_host(self, work: Callable[[], _Result]) -> _Result:
        """Run something in the host's loop, from the viewers' thread."""

        async def run() -> _Result:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(_TIMEOUT_S)

    def begin(self) -> None:
        """Let both join, the typist as guest-1, and wait for the program."""
        self.expected.feed(b"ready\r\n")
        for viewer in (self.typist, self.watcher):
            viewer.join(self.token(Role.READ_WRITE))
            viewer.until(self.expected.snapshot().same_as)

    def play(self, script: Callable[[], None]) -> None:
        self.begin()
        script()

    def token(self, role: Role) -> bytes:
        invitations = self.session.parts.admission.invitations.all()
        return next(each.token_hash for each in invitations if each.role is role)

    def type(self, data: bytes, echo: bytes, viewer: Viewer | None = None) -> None:
        (viewer or self.typist).type(data)
        self.expected.feed(echo)

    def look(self) -> None:
        """Wait until both viewers see what is expected, which the watcher's acknowledgements need too."""
        for viewer in (self.typist, self.watcher):
            viewer.until(self.expected.snapshot().same_as)

    def check(self) -> None:
        """The host has the frame that the viewers have, and counts it as they do."""
        frame = self.in_host(self.session.core.frame)
        assert frame.same_as(self.expected.snapshot())
        for viewer in (self.typist, self.watcher):
            assert viewer.frame is not None
            assert viewer.frame.generation == frame.generation


StageT = TypeVar("StageT", bound=Stage)


def on_stage(
    script: Callable[[StageT], None], loop: asyncio.AbstractEventLoop, new_stage: Callable[[], StageT]
) -> StageT:
    """Run the script of the viewers beside a host in this loop."""

    async def play() -> StageT:
        stage = new_stage()
        await stage.start()
        try:
            async with asyncio.timeout(10 * _TIMEOUT_S):
                await asyncio.to_thread(stage.play, partial(script, stage))
        finally:
            await stage.stop()
        return stage

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(play())


LOOPS = [DirectLoop, asyncio.SelectorEventLoop]


@pytest.mark.parametrize("loop", LOOPS)
def test_typed_words_go_through_the_lane_and_through_no_other_loop(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    def script(stage: Stage) -> None:
        for key in words:
            stage.type(bytes([key]), bytes([key]))
            stage.look()
        stage.check()

    words = b"git commit -m 'two  words' && git push "
    stage = on_stage(script, loop(), Stage)
    assert stage.typist.echoes == stage.watcher.echoes == len(words)
    if loop is DirectLoop:
        assert stage.feeds < len(words), "no key took the lane"
    else:
        assert stage.feeds >= len(words)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("loop", LOOPS)
def test_the_lane_and_the_plain_way_show_the_same(loop: Callable[[], asyncio.AbstractEventLoop], seed: int) -> None:
    """Words, spaces, line ends, deleted characters, pastes, keys of another person, and looks at the host between."""
    choose = random.Random(seed)

    def script(stage: Stage) -> None:
        typed = 0
        for _ in range(150):
            match choose.randrange(20):
                case 0:
                    stage.type(b"\r", b"\r\n")
                    typed = 0
                case 1:
                    stage.type(b" ", b" ")
                    typed += 1
                case 2 if typed:
                    stage.type(b"\x7f", b"\b \b")
                    typed -= 1
                case 3:
                    stage.type(b"a paste", b"a paste")
                    typed += 7
                case 4:
                    stage.type(b"w", b"w", stage.watcher)
                    typed += 1
                case 5:
                    stage.check()
                case 6:
                    stage.type(b"x", b"x")
                    stage.type(b"y", b"y")  # maybe before the echo of the first one
                    typed += 2
                case _:
                    key = bytes([choose.randrange(0x21, 0x7F)])
                    stage.type(key, key)
                    typed += 1
            if typed > 60:
                stage.type(b"\r", b"\r\n")
                typed = 0
            stage.look()
        stage.check()

    on_stage(script, loop(), Stage)


@pytest.mark.parametrize("change", ["pause on", "set seat on", "revoke guest-1"])
def test_a_closed_gate_stops_the_next_key(change: str) -> None:
    """Law 6: the lane is open, and nothing but the owner's command comes between two keys.

    The owner's own letter is an echo, after which a lane could be opened for the person who typed last.
    """

    def script(stage: Stage) -> None:
        for key in (b"a", b"b", b"c", b"d"):
            stage.type(key, key)
            stage.look()
        fed = stage.feeds
        text, is_error = stage.in_host(lambda: stage.actor.owner_command(change))
        assert not is_error, text
        for letter in "efg":
            stage.typist.type(b"X")
            stage.typist.until_read()
            stage.in_host(lambda letter=letter: stage.actor.owner_command(f"send-keys -l {letter}"))  # type: ignore[misc]
            stage.expected.feed(letter.encode())
            if change == "pause on":  # the viewers see nothing of it
                while not stage.in_host(stage.session.core.frame).same_as(stage.expected.snapshot()):
                    time.sleep(0.001)
            else:
                stage.look()
        assert fed < 6, "no key took the lane"

    on_stage(script, DirectLoop(), Stage)


def test_a_turn_of_the_lane_costs_the_screen_nothing_until_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreground_commands, "_INTERVAL_S", _NEVER_S)

    def script(stage: Stage) -> None:
        for key in (b"a", b"b", b"c"):
            stage.type(key, key)
            stage.look()
        fed = stage.feeds
        for key in (b"d", b" ", b"e", b" ", b" ", b"f"):
            stage.type(key, key)
            stage.look()
        assert stage.feeds == fed
        stage.check()
        assert stage.feeds == fed + 1

    on_stage(script, DirectLoop(), Stage)


@pytest.mark.parametrize("is_another", [False, True])
def test_the_key_after_a_look_at_the_program_takes_the_lane(monkeypatch: pytest.MonkeyPatch, is_another: bool) -> None:
    """Each half second of typing cost a key the plain way, because the look had closed the lane.

    If the program is another one, the window gets its name first.
    """
    monkeypatch.setattr(foreground_commands, "_INTERVAL_S", _NEVER_S)

    def script(stage: Stage) -> None:
        stage.look_at_command()
        for key in (b"a", b"b", b"c"):
            stage.type(key, key)
            stage.look()
        if is_another:
            monkeypatch.setattr(foreground_commands, "_command", lambda master: ("another", "/"))
        stage.look_at_command()
        fed = stage.feeds
        for key in (b"d", b"e"):
            stage.type(key, key)
            stage.look()
        assert stage.feeds == fed
        stage.check()
        assert stage.feeds == fed + 1
        pane = stage.in_host(lambda: stage.session.core.pane(_PANE))
        assert pane is not None
        assert (pane.command == "another") is is_another

    on_stage(script, DirectLoop(), Stage)


def test_a_key_of_the_lane_is_followed_by_a_look_at_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that was opened again after a look stayed open without another one: a program kept the name of the last.

    A look also ends the wait of all that follows from the output, such as a mark for activity in a window.
    """
    monkeypatch.setattr(foreground_commands, "_INTERVAL_S", _NEVER_S)

    def script(stage: Stage) -> None:
        timers = stage.actor._program_effects._commands._timers
        for key in (b"a", b"b", b"c"):
            stage.type(key, key)
            stage.look()
        stage.look_at_command()
        assert _PANE not in timers
        fed = stage.feeds
        stage.type(b"d", b"d")
        stage.look()
        assert stage.feeds == fed, "the key took the plain way"
        assert _PANE in timers
        stage.check()

    on_stage(script, DirectLoop(), Stage)
