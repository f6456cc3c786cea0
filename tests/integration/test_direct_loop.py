"""`DirectLoop` does what asyncio's own loop does, in the same order. The loops run the same program side by side."""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import socket
import threading
from collections.abc import Callable, Coroutine

import pytest

from pairterm.runtime.direct_loop import DirectLoop, run

pytestmark = pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, all processes use asyncio's own loop")

_TIMEOUT_S = 20

Program = Callable[[asyncio.AbstractEventLoop, list[str]], "asyncio.Future[None]"]


def logged(loop: asyncio.AbstractEventLoop, program: Program) -> list[str]:
    """Run a program to its end and return its log."""
    log: list[str] = []

    async def bounded() -> None:
        async with asyncio.timeout(_TIMEOUT_S):
            await program(loop, log)

    try:
        loop.run_until_complete(bounded())
    finally:
        loop.close()
    return log


def both(program: Program) -> list[str]:
    """Return the log of a program. It is the same in both loops."""
    mine, theirs = logged(DirectLoop(), program), logged(asyncio.SelectorEventLoop(), program)
    assert mine == theirs
    return mine


def test_processes_run_in_it_here() -> None:
    """Without this, a change of asyncio would leave all processes with asyncio's own loop, and nobody would know."""

    async def kind() -> type[asyncio.AbstractEventLoop]:
        return type(asyncio.get_running_loop())

    assert run(kind()) is DirectLoop


@pytest.mark.parametrize("seed", range(20))
def test_events_callbacks_and_timers_come_in_the_same_order(seed: int) -> None:
    """Bytes arrive at several sockets while callbacks and timers of one time wait, and readers schedule more."""

    def program(loop: asyncio.AbstractEventLoop, log: list[str]) -> asyncio.Future[None]:
        choose = random.Random(seed)
        done = loop.create_future()
        pairs = [socket.socketpair() for _ in range(4)]
        left = [40]

        def act(name: str) -> None:
            log.append(name)
            left[0] -= 1
            if left[0] == 0:
                for mine, theirs in pairs:
                    loop.remove_reader(mine.fileno())
                    mine.close()
                    theirs.close()
                done.set_result(None)
            elif left[0] > 0:
                for _ in range(choose.randint(1, 2)):
                    match choose.randint(0, 3):
                        case 0:
                            loop.call_soon(act, f"soon {left[0]}")
                        case 1:
                            loop.call_at(0.0, act, f"due {left[0]}")
                        case 2:
                            loop.call_soon(act, "cancelled").cancel()
                            pairs[0][1].send(b"0")
                        case _:
                            pairs[choose.randrange(4)][1].send(b"x")

        def read(mine: socket.socket, number: int) -> None:
            act(f"{number} {mine.recv(100)!r}")

        for number, (mine, _) in enumerate(pairs):
            mine.setblocking(False)
            loop.add_reader(mine.fileno(), read, mine, number)
        pairs[2][1].send(b"first")
        return done

    assert len(both(program)) >= 40


def test_a_reader_that_is_removed_by_another_one_is_not_called() -> None:
    def program(loop: asyncio.AbstractEventLoop, log: list[str]) -> asyncio.Future[None]:
        done = loop.create_future()
        first, second = socket.socketpair(), socket.socketpair()

        def read(name: str) -> None:
            log.append(name)
            for mine, theirs in (first, second):
                loop.remove_reader(mine.fileno())
                mine.close()
                theirs.close()
            done.set_result(None)

        for name, (mine, theirs) in (("first", first), ("second", second)):
            theirs.send(b"x")
            loop.add_reader(mine.fileno(), read, name)
        return done

    assert len(both(program)) == 1


def test_an_error_in_a_reader_goes_to_the_handler_and_the_loop_goes_on() -> None:
    def program(loop: asyncio.AbstractEventLoop, log: list[str]) -> asyncio.Future[None]:
        done = loop.create_future()
        mine, theirs = socket.socketpair()

        def read() -> None:
            data = mine.recv(1)
            log.append(repr(data))
            if data == b"2":
                loop.remove_reader(mine.fileno())
                mine.close()
                theirs.close()
                done.set_result(None)
                return
            raise ValueError("in a reader")

        def handle(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
            log.append(f"{context['exception']!r}")
            theirs.send(b"2")

        loop.set_exception_handler(handle)
        loop.add_reader(mine.fileno(), read)
        theirs.send(b"1")
        return done

    assert both(program) == ["b'1'", "ValueError('in a reader')", "b'2'"]


def test_threads_and_signals_wake_it() -> None:
    def program(loop: asyncio.AbstractEventLoop, log: list[str]) -> asyncio.Future[None]:
        done = loop.create_future()

        def told() -> None:
            log.append("thread")
            os.kill(os.getpid(), signal.SIGUSR1)

        def signalled() -> None:
            log.append("signal")
            loop.remove_signal_handler(signal.SIGUSR1)
            done.set_result(None)

        loop.add_signal_handler(signal.SIGUSR1, signalled)
        threading.Timer(0.0, loop.call_soon_threadsafe, (told,)).start()
        return done

    assert both(program) == ["thread", "signal"]


class Shortened:
    """A reader with a short way, which takes one byte and owes some work for it. The byte "." ends the wait for it."""

    def __init__(self, loop: DirectLoop, log: list[str]) -> None:
        self.log = log
        self.loop = loop
        self._mine, self._theirs = socket.socketpair()
        self._mine.setblocking(False)
        self._owes = 0
        self._seen = loop.create_future()
        loop.add_reader(self._mine.fileno(), self._read)
        loop.shorten(self._mine.fileno(), self._take)
        self.is_taking = True

    def _read(self) -> None:
        self.log.append(f"read {self._mine.recv(1)!r}")
        self._seen.set_result(None)

    def _take(self) -> bool:
        if not self.is_taking:
            return False
        data = self._mine.recv(1)
        if data == b".":
            self._seen.set_result(None)
            return True
        if data == b"!":
            raise ValueError("in a short way")
        if not self._owes:
            self.loop.owe(self._settle)
        self._owes += 1
        self.log.append(f"took {data!r}")
        return True

    def _settle(self) -> None:
        self.log.append(f"settled {self._owes}")
        self._owes = 0

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait for the last one."""
        self._seen = self.loop.create_future()
        self._theirs.send(data)
        await self._seen
        self.log.append("seen")

    def close(self) -> None:
        self.loop.end_shortening(self._mine.fileno())
        self.loop.remove_reader(self._mine.fileno())
        self._mine.close()
        self._theirs.close()


def shortened(program: Callable[[Shortened], Coroutine[None, None, None]]) -> list[str]:
    """Run a program with such a reader and return its log."""
    log: list[str] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, DirectLoop)
        loop.set_exception_handler(lambda _, context: log.append(f"{context['exception']!r}"))
        made = Shortened(loop, log)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await program(made)
        finally:
            made.close()

    run(work())
    return log


def test_what_a_short_way_owes_is_done_at_once_and_before_anything_else_runs() -> None:
    async def program(reader: Shortened) -> None:
        await reader.send(b"abc.")
        await reader.send(b"d.")

    assert shortened(program) == [
        "took b'a'", "took b'b'", "took b'c'", "settled 3", "seen", "took b'd'", "settled 1", "seen",
    ]  # fmt: skip


def test_a_short_way_leaves_to_the_reader_what_it_does_not_take() -> None:
    async def program(reader: Shortened) -> None:
        await reader.send(b"a.")
        reader.is_taking = False
        await reader.send(b"b")

    assert shortened(program) == ["took b'a'", "settled 1", "seen", "read b'b'", "seen"]


def test_no_short_way_overtakes_an_event_that_came_before() -> None:
    """The loop once called all short ways of a turn first: a typist's key passed a kick that had arrived before it."""

    async def program(reader: Shortened) -> None:
        mine, theirs = socket.socketpair()
        with mine, theirs:
            reader.loop.add_reader(mine, lambda: reader.log.append(f"first {mine.recv(1)!r}"))
            theirs.send(b"k")
            await reader.send(b"a")
            reader.loop.remove_reader(mine)

    assert shortened(program) == ["first b'k'", "read b'a'", "seen"]


def test_an_error_in_a_short_way_goes_to_the_handler_and_the_loop_goes_on() -> None:
    async def program(reader: Shortened) -> None:
        await reader.send(b"!a.")

    assert shortened(program) == ["ValueError('in a short way')", "took b'a'", "settled 1", "seen"]
