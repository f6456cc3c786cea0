"""One driver and its watchers on one target: what they do together, and when the last of them has seen it."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

from pairterm.types import Size
from tests.bench.peers.client import Client, Eyes, connect
from tests.bench.peers.drain import Drain
from tests.bench.peers.targets import Target

__all__ = ["PROMPT", "WORDS", "Crowd"]

PROMPT = b"%READY%"

LETTERS = b"qwertyuiopasdfghjklzxcvbnm"

WORDS = b"git status -sb && make check; then say in the chat what has failed, and why. "
"""Commands and prose, as people type them: a fifth of the keys are spaces."""

_LINE_KEYS = 40
"""Keys on one line before the next is begun: no line wraps."""

_KEY_PAUSE_S = 0.035
"""Between two keys: a fast typist's, and never in step with anybody's clock."""

_MARKS = ("=+:+=", "~#,#~")
"""What a command line prints when it is done: two in turn, with no cell alike, nor like a shell's or `seq`'s text."""

_turns: WeakKeyDictionary[Target, Iterator[str]] = WeakKeyDictionary()
"""The marks of each target. A mark that is there already would not be painted again. So the turn goes on from crowd to
crowd of one target, and no other target takes a mark out of it."""

_TIMEOUT_S = 120

_BEGIN_S = 0.3
"""Until `cat` or a new line stands for everyone, which is not measured."""

_CONNECTING = 16
"""Logins at the same time where the logins are not what is measured."""


class Crowd:
    """Those who are attached to one target."""

    def __init__(self, target: Target, size: Size, *, text: bytes = LETTERS) -> None:
        """`text` is typed again and again. Spaces in it can be told only where nothing but the echo is shown."""
        self.target = target
        self.size = size
        self.watchers: list[Client] = []
        self._keys = itertools.cycle(text)
        self._typed = 0
        self._addresses = (f"127.1.{number >> 8 & 255}.{number & 255}" for number in itertools.count(1))

    async def __aenter__(self) -> Crowd:
        """Bring the driver in."""
        self.eyes = Eyes()
        self.driver = Client()
        await self._arrive([self.driver], may_type=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Have everyone leave."""
        self.eyes.close()
        for each in self.everyone:
            each.close()
        await asyncio.sleep(0.1)

    @property
    def everyone(self) -> list[Client]:
        """The driver and the watchers."""
        return [self.driver, *self.watchers]

    async def grow_to(self, watchers: int) -> None:
        """Bring watchers in until there are so many; each has its picture when this returns."""
        while len(self.watchers) < watchers:
            arriving = [Client() for _ in range(min(_CONNECTING, watchers - len(self.watchers)))]
            await self._arrive(arriving, may_type=False)
            self.watchers += arriving

    def drain(self, watchers: list[Client]) -> Drain:
        """Let a program of its own take what these are sent: nobody looks at their screens any more."""
        return Drain([self.eyes.release(each) for each in watchers])

    async def join_at_once(self, watchers: int, text: bytes) -> float:
        """Let so many come in at the same moment; return the seconds until the last of them shows `text`."""
        arriving = [Client() for _ in range(watchers)]
        started_s = time.perf_counter()
        taken_s = await self._arrive(arriving, may_type=False, text=text) - started_s
        self.watchers += arriving
        return taken_s

    async def _arrive(self, clients: list[Client], *, may_type: bool, text: bytes = PROMPT) -> float:
        """Let them in; return when the last of them had its picture."""
        door = self.target.door(may_type=may_type)
        seen = _Countdown(len(clients))
        for each in clients:
            each.look_for(text, seen.one)
        async with asyncio.timeout(_TIMEOUT_S):
            await asyncio.gather(
                *(connect(door, self.size, client=each, address=next(self._addresses)) for each in clients)
            )
            await seen.done
        for each in clients:
            self.eyes.adopt(each)
        return seen.at_s

    async def until_seen(self, text: bytes, act: Callable[[], None], clients: list[Client] | None = None) -> float:
        """Do something and return the seconds until the last of all (or of `clients`) shows `text`."""
        clients = clients or self.everyone
        seen = _Countdown(len(clients))
        for each in clients:
            each.look_for(text, seen.one)
        started_s = time.perf_counter()
        act()
        async with asyncio.timeout(_TIMEOUT_S):
            await seen.done
        return seen.at_s - started_s

    async def run(self, line: str) -> float:
        """Type a command line; return the seconds until everyone shows the mark that it prints at its end."""
        mark = next(_turns.setdefault(self.target, itertools.cycle(_MARKS)))
        text = f"{line}; printf '{mark[:2]}%s\\n' '{mark[2:]}'\r"
        return await self.until_seen(mark.encode(), lambda: self.driver.type(text.encode()))

    async def type_keys(self, count: int, pause_s: float = _KEY_PAUSE_S) -> list[float]:
        """Type into `cat`, whose echo is the kernel's; return each key's seconds until everyone shows it.

        `pause_s`: about how long after a key is seen the next is typed.
        """
        await self.begin_typing()
        taken_s = await self.type_on(count, pause_s)
        await self.end_typing()
        return taken_s

    async def begin_typing(self) -> None:
        """Start `cat`."""
        await self.run("clear")
        self.driver.type(b"cat >/dev/null\r")
        await asyncio.sleep(_BEGIN_S)
        self._typed = 0

    async def type_on(self, count: int, pause_s: float) -> list[float]:
        """Type more keys, after `begin_typing`: see `type_keys`."""
        taken_s = []
        for _ in range(count):
            await asyncio.sleep(pause_s * random.uniform(0.7, 1.3))
            if self._typed % _LINE_KEYS == 0:
                self.driver.type(b"\r")
                await asyncio.sleep(_BEGIN_S)
            self._typed += 1
            key = bytes([next(self._keys)])
            taken_s.append(await self.until_seen(key, lambda key=key: self.driver.type(key)))  # type: ignore[misc]
        return taken_s

    async def end_typing(self) -> None:
        """End `cat`."""
        await self.until_seen(PROMPT, lambda: self.driver.type(b"\x03"))


class _Countdown:
    """Waits for so many to have seen something."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.at_s = 0.0

    def one(self) -> None:
        self._left -= 1
        if not self._left and not self.done.done():
            self.at_s = time.perf_counter()
            self.done.set_result(None)
