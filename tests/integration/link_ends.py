"""The far end of a link over SSH, made by hand: it says what an end of ours never would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import asyncssh

from pairterm.link.codec import LinkMessage, encode
from pairterm.link.framing import FrameReader, framed
from tests.e2e.terminal import DEADLINE_S

__all__ = ["LinkEnd"]

_Heard = TypeVar("_Heard")


class LinkEnd(Generic[_Heard]):
    """One end, on the subsystem of a connection; `decode` reads what the gateway says to it."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes], decode: Callable[[bytes], _Heard]) -> None:
        self.process = process
        self._decode = decode
        self._reader = FrameReader()
        self._waiting: list[_Heard] = []

    def say(self, *messages: LinkMessage) -> None:
        self.raw(b"".join(framed(encode(each)) for each in messages))

    def raw(self, data: bytes) -> None:
        self.process.stdin.write(data)

    async def hear(self) -> _Heard | None:
        """Return the next message; None when the gateway closed the link."""
        async with asyncio.timeout(DEADLINE_S):
            while not self._waiting:
                data = await self.process.stdout.read(65_536)
                if not data:
                    return None
                self._waiting += map(self._decode, self._reader.feed(data))
        return self._waiting.pop(0)

    async def hear_until(self, *kinds: type[Any]) -> Any:
        """Return the next message of one of these kinds."""
        while True:
            message = await self.hear()
            assert message is not None, f"the link ended before {kinds}"
            if isinstance(message, kinds):
                return message
