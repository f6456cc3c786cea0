"""Laws 3 and 6 for the host's typing lane, whatever happens between two keys.

The program of the session is this test: it holds the other side of a real pty, sees each typed byte, and prints what it
likes. Law: the program gets just the keys that the gates let pass, in their order, and the host and all viewers show
what its output makes. The same holds in a loop without lanes.
"""

from __future__ import annotations

import asyncio
import os
import select
import termios
import time
import tty
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.host.pty import PtyProgram
from pairterm.link.messages import Resize
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.types import Size
from tests.integration.test_typing_lane import _TIMEOUT_S, _TYPIST, Stage, Viewer, on_stage
from tests.length import by_day
from tests.unit.session.sessions import SIZE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, the loop is asyncio's own"),
]

_EXAMPLES = by_day(20, at_night=1500)

_OUTPUT = [
    b"\r\n",
    b"\b \b",
    b"\x1b[5;20Htext\x1b[5;15H",
    b"\x1b[4h",  # insert mode
    b"\x1b[4l",
    b"\x1b[?7l",  # no wrap at the margin
    b"\x1b[?7h",
    b"\x1b[12;77H",
    b"\x1b[24;79H",
    b"\x1b[H",
    b"\x1b[2J\x1b[H",
    b"\x1b[K",
    b"\x1b[1;31m",
    b"\x1b[44m\x1b[K",
    b"\x1b[m",
    b"\x1b[2;5r",
    b"\x1b[r",
    b"\x1b[?6h",  # the origin is in the scroll region
    b"\x1b[?6l",
    b"\x1b[?2026h",  # a synchronized update
    b"\x1b[?2026l",
    b"\x1b[?1049h",  # the alternate screen
    b"\x1b[?1049l",
    b"\x1b[?25l",
    b"\x1b[?25h",
    b"\x1b(0",  # line drawing
    b"\x1b(B",
    b"\x0e",
    b"\x0f",
    b'\x1b[1"q',  # protected cells
    b'\x1b[0"q',
    b"\x1b[3b",  # repeats the last character
    b"\x1b[?5h",
    b"\x1b]2;title\x07",
    b"\x07",
    b"\x1b",  # a sequence that is not whole: the next key is a part of it
    b"\xe6",
    "漢".encode(),
    "e\u0301".encode(),
    "\u0301".encode(),
    "\U0001f468\u200d".encode(),
    b"\t",
    b"\x1bM",
    b"line\r\n" * 400,  # a flood
]

_KEY = st.integers(0x20, 0x7E).map(lambda code: bytes([code]))
_ANY_KEY = st.one_of(_KEY, st.sampled_from([b"\r", b"\x03", b"\x1b", b"\x00"]))
_EVENTS = st.one_of(
    st.tuples(st.just("word"), st.lists(_KEY, min_size=2, max_size=6).map(b"".join)),
    st.tuples(st.sampled_from(["key", "unseen", "other", "both"]), _ANY_KEY),
    st.tuples(st.sampled_from(["print", "change", "change"]), st.sampled_from(_OUTPUT)),
    st.tuples(st.sampled_from(["print", "change", "change"]), st.sampled_from(_OUTPUT)),
    st.tuples(st.just("paste"), st.sampled_from([b"a paste", b"0123456789" * 700])),
    st.tuples(st.just("gate"), st.sampled_from([b"pause", b"role", b"seat"])),
    st.tuples(st.just("size"), st.sampled_from([b"wide", b"narrow"])),
    st.tuples(st.sampled_from(["look", "deaf"]), st.just(b"")),
)


class _Program(Stage):
    """A session whose program is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = bytearray()
        """The keys that the program should have got."""
        self.typed = bytearray()
        self.is_paused = self.is_driven = self.is_revoked = False
        self.is_deaf = False
        """The watcher's client takes nothing."""

    async def start(self) -> None:
        self.program = PtyProgram(
            ["sh", "-c", "exec sleep 3600"],
            executable="/bin/sh",
            environment={"PATH": "/usr/bin:/bin"},
            directory="/",
            size=SIZE,
        )
        self._slave = os.open(self.program.tty, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._slave, termios.TCSANOW)
        self.actor.start(self.program)
        self.typist = await self._link(acknowledges_each=False)
        self.watcher = await self._link(acknowledges_each=True)

    async def stop(self) -> None:
        os.close(self._slave)
        await super().stop()

    def begin(self) -> None:
        self.print(b"ready\r\n")
        super().begin()
        self.expected.take_replies()

    # The program.

    def print(self, data: bytes) -> None:
        """Print, and take note of what it should make, and of the terminal's answer to it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._slave, view) :]
        if b"ready" not in data:
            self.expected.feed(data)
            self.wanted += self.expected.take_replies()

    def get(self) -> None:
        """Wait for all keys that should have come."""
        deadline_s = time.monotonic() + _TIMEOUT_S
        while len(self.typed) < len(self.wanted):
            assert select.select([self._slave], [], [], deadline_s - time.monotonic())[0], (self.typed, self.wanted)
            self.typed += os.read(self._slave, 65_536)
        assert self.typed == self.wanted

    def get_nothing_more(self) -> None:
        """All that was sent to the host is taken, and no key came that should not."""
        for viewer in (self.typist, self.watcher):
            viewer.until_read()
        self.in_host(lambda: None)
        self.get()
        assert not select.select([self._slave], [], [], 0)[0], os.read(self._slave, 65_536)

    # What happens.

    def admits(self, viewer: Viewer) -> bool:
        return not (self.is_paused or self.is_driven or (viewer is self.typist and self.is_revoked))

    def press(self, viewer: Viewer, data: bytes) -> bytes:
        """Type; return what the program gets of it."""
        viewer.type(data)
        got = data if self.admits(viewer) else b""
        self.wanted += got
        return got

    def happen(self, what: str, data: bytes) -> None:
        match what:
            case "word":
                for code in data:
                    self._echoed(self.typist, bytes([code]))
                    self.look()
            case "key":
                self._echoed(self.typist, data)
            case "other":
                self._echoed(self.watcher, data)
            case "both":
                first = self.press(self.typist, data)
                self.typist.until_read()
                self.print(first + self.press(self.watcher, b"w"))
                self.get()
            case "unseen":  # a password
                self.press(self.typist, data)
                self.get()
            case "paste":
                self.press(self.typist, data)
                self.print(b".")  # as an echo, while a part of the paste may still wait for the program
                self.look()
                self.press(self.typist, b"z")
                self.get()
            case _:
                self._change(what, data)

    def _change(self, what: str, data: bytes) -> None:
        match what:
            case "print":
                self.print(data)
            case "change":
                self.print(data)
                self.happen("word", b"qxlja")
            case "gate":
                self._shut(data)
            case "size":
                size = Size(rows=SIZE.rows, cols=60 if data == b"narrow" else SIZE.cols)
                for viewer in (self.typist, self.watcher):
                    viewer.say(Resize(_TYPIST, size.rows, size.cols))
                    viewer.until_read()
                self.in_host(lambda: None)
                self.expected.resize(self.in_host(lambda: self.session.core.frame().size))
            case "look":
                self.in_host(self.session.core.frame)
            case "deaf":
                self.is_deaf = not self.is_deaf
            case _:
                raise AssertionError(what)

    def _echoed(self, viewer: Viewer, data: bytes) -> None:
        got = self.press(viewer, data)
        self.get()
        if got:
            self.print(got)

    def _shut(self, which: bytes) -> None:
        """Shut or open a gate: the next key does not pass, or passes."""
        self.get_nothing_more()
        match which:
            case b"pause":
                self.is_paused = not self.is_paused
                line = "pause on" if self.is_paused else "pause off"
            case b"role":
                self.is_revoked = not self.is_revoked
                line = "revoke guest-1" if self.is_revoked else "grant guest-1 rw"
            case _:  # The owner has the keyboard, who is not here.
                self.is_driven = not self.is_driven
                line = "set seat on" if self.is_driven else "set seat off"
        answer, is_error = self.in_host(lambda: self.actor.owner_command(line))
        assert not is_error, answer
        for _ in range(2):
            self.press(self.typist, b"X")
            self.get_nothing_more()
            self.print(b".")  # as an echo, after which a lane may be opened
            self.in_host(self.session.core.frame)

    def look(self) -> None:
        """Wait until the viewers who look see what is expected."""
        if self.expected.is_synchronised or self.is_paused:
            return
        for viewer in (self.typist, self.watcher):
            if viewer is self.typist or not self.is_deaf:
                viewer.until(self.expected.snapshot().same_as)

    def finish(self) -> None:
        self.is_deaf = False
        if self.is_paused:
            self._shut(b"pause")
        self.print(b"\x18\x1b[?2026l\x1b[2J\x1b[Hthe end")  # No screen before it looks like this.
        self.get_nothing_more()
        self.look()
        self.check()


def _play(events: list[tuple[str, bytes]], loop: asyncio.AbstractEventLoop) -> _Program:
    def script(stage: _Program) -> None:
        for what, data in events:
            stage.happen(what, data)
            stage.look()
        stage.finish()

    return on_stage(script, loop, _Program)


@pytest.mark.parametrize("loop", [DirectLoop, asyncio.SelectorEventLoop])
@settings(max_examples=_EXAMPLES)
@given(events=st.lists(_EVENTS, min_size=5, max_size=30))
def test_a_lane_gives_the_program_its_keys_and_the_viewers_its_screen(
    loop: Callable[[], asyncio.AbstractEventLoop], events: list[tuple[str, bytes]]
) -> None:
    _play(events, loop())


def test_the_words_of_the_law_take_the_lane() -> None:
    """The law says nothing about lanes if none is open."""
    stage = _play([("word", b"abcdefgh")], DirectLoop())
    assert stage.feeds < 8
