"""A page's side of a websocket, with aiohttp's client: what a browser would say and see."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Any

import aiohttp

from pairterm.terminal import Terminal
from pairterm.types import DEFAULT_SIZE
from tests.e2e.terminal import DEADLINE_S
from tests.golden.cases import text_of

PROTOCOLS = ("pairterm.1",)


class Page:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.size = size = DEFAULT_SIZE
        self.said: list[dict[str, Any]] = []
        self.terminal = Terminal(size)
        self.shown_bytes = 0
        self.acknowledges = True
        self.close_code: int | None = None

    async def say(self, kind: str, **fields: object) -> None:
        await self.socket.send_str(json.dumps({"t": kind, **fields}))

    async def hello(self, token: str, **fields: object) -> None:
        await self.say("hello", token=token, rows=self.size.rows, cols=self.size.cols, status=False, **fields)

    async def _answer(self, kind: str, **fields: object) -> None:
        """Say what a page says by itself. It may come too late: the last messages are read after the close."""
        with contextlib.suppress(ConnectionResetError):
            await self.say(kind, **fields)

    async def step(self) -> bool:
        """Take one message; return False at the end."""
        message = await self.socket.receive(DEADLINE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            self.shown_bytes += len(message.data)
            self.terminal.feed(message.data)
            if self.acknowledges:
                await self._answer("ack", bytes=self.shown_bytes)
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.said.append(json.loads(message.data))
            if self.said[-1]["t"] == "ping":
                await self._answer("pong", n=self.said[-1]["n"])
        else:
            self.close_code = self.socket.close_code
            return False
        return True

    async def output(self) -> bytes:
        """Return the next output for the terminal; b"" at the end. The terminal here is left out: that takes time."""
        while True:
            message = await self.socket.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                self.shown_bytes += len(message.data)
                await self._answer("ack", bytes=self.shown_bytes)
                return bytes(message.data)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return b""

    async def hears(self, kind: str, **fields: object) -> dict[str, Any]:
        """Take messages until one is of this kind and has these fields, or fulfils them; it is taken out."""

        def is_wanted(message: dict[str, Any]) -> bool:
            return message["t"] == kind and all(
                wanted(message[name]) if callable(wanted) else message.get(name) == wanted
                for name, wanted in fields.items()
            )

        async with asyncio.timeout(DEADLINE_S):
            while True:
                for each in self.said:
                    if is_wanted(each):
                        self.said.remove(each)
                        return each
                assert await self.step(), f"closed with {self.close_code}; said: {self.said}"

    async def sees(self, text: str) -> None:
        """Take messages until the terminal shows a text."""
        async with asyncio.timeout(DEADLINE_S):
            while text not in self.text():
                assert await self.step(), f"closed with {self.close_code}; said: {self.said}; shown:\n{self.text()}"

    async def ends(self) -> int | None:
        """Take messages to the end; return the code of the close."""
        async with asyncio.timeout(DEADLINE_S):
            while await self.step():
                pass
        return self.close_code

    def text(self) -> str:
        return text_of(self.terminal.snapshot())


@asynccontextmanager
async def page(
    url: str, *, origin: str = "", headers: dict[str, str] | None = None, ssl: SSLContext | bool = True
) -> AsyncIterator[Page]:
    """Open the websocket of the page at `url`."""
    shown = {"Origin": origin or url.rstrip("/"), **(headers or {})}
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{url}ws", protocols=PROTOCOLS, headers=shown, autoping=True, ssl=ssl) as socket,
    ):
        yield Page(socket)
