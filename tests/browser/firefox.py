"""A Firefox with one page, by WebDriver BiDi: Firefox speaks it by itself, and Debian has no geckodriver.

Nothing is written by scripts: a test clicks and types by the driver's actions, as in `tests.browser.browser`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.terminal import DEADLINE_S, eventually

__all__ = ["Firefox", "open_firefox"]

_POLL_S = 0.03

_PREFERENCES: dict[str, object] = {
    # All hosts but this machine are behind a proxy that is not there. So Firefox calls nobody else.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.failover_direct": False,
}

_LISTENS = re.compile(r"^WebDriver BiDi listening on (ws://\S+)\n", re.MULTILINE)

_SCREEN = 'window.pairterm?.buffer().cells.map((row) => row.join("").trimEnd()).join("\\n") ?? ""'

_MIDDLE = """(() => {
  const box = document.querySelector(".xterm-screen").getBoundingClientRect();
  return JSON.stringify([Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]);
})()"""


class Firefox:
    """A Firefox, its first tab, and what the page said on the console."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._page = ""
        self.version = ""
        self.console: list[str] = []
        """The warnings and errors of the page, and what its Content-Security-Policy forbade."""

    async def begin(self) -> None:
        """Begin a session of WebDriver in the first tab."""
        begun = await self.command("session.new", capabilities={})
        self.version = begun["capabilities"]["browserVersion"]
        tabs = await self.command("browsingContext.getTree")
        self._page = tabs["contexts"][0]["context"]
        await self.command("session.subscribe", events=["log.entryAdded"])

    async def command(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give a command of WebDriver BiDi and return its result. Events that come before it are kept."""
        mine = next(self._ids)
        await self._socket.send_json({"id": mine, "method": method, "params": parameters})
        while True:
            message: dict[str, Any] = await self._socket.receive_json(timeout=DEADLINE_S)
            if message["type"] == "event":
                self._keep(message["params"])
            elif message["id"] == mine:
                assert message["type"] == "success", f"{method}: {message}"
                result: dict[str, Any] = message["result"]
                return result

    async def go(self, url: str) -> None:
        """Load a page."""
        await self.command("browsingContext.navigate", context=self._page, url=url, wait="complete")

    async def script(self, expression: str) -> str:
        """Return the text that an expression has in the page."""
        found = await self.command(
            "script.evaluate", expression=expression, target={"context": self._page}, awaitPromise=False
        )
        assert found["type"] == "success", found
        return str(found["result"]["value"])

    async def sees(self, text: str) -> None:
        """Wait until the terminal shows `text`."""

        async def shows() -> bool:
            return text in await self.script(_SCREEN)

        await _eventually(shows, lambda: self._report(f"never showed {text!r}"))

    async def focus_terminal(self) -> None:
        """Click into the terminal."""
        x, y = json.loads(await self.script(_MIDDLE))
        button = {"button": 0}
        await self._act(
            "pointer",
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", **button},
            {"type": "pointerUp", **button},
        )

    async def type(self, text: str) -> None:
        """Press and release the key of each character."""
        keys: list[dict[str, object]] = [
            {"type": kind, "value": each} for each in text for kind in ("keyDown", "keyUp")
        ]
        await self._act("key", *keys)

    async def _act(self, source: str, *actions: dict[str, object]) -> None:
        await self.command(
            "input.performActions",
            context=self._page,
            actions=[{"type": source, "id": source, "actions": actions}],
        )

    def _keep(self, entry: dict[str, Any]) -> None:
        if entry["level"] in ("warn", "error"):
            self.console.append(f"{entry['level']}: {entry['text']}")

    async def _report(self, why: str) -> str:
        page = await self.script("document.body.innerText")
        return f"{why}; screen:\n{await self.script(_SCREEN)}\n----\npage: {page[:1000]}\nconsole: {self.console}"


@contextlib.asynccontextmanager
async def open_firefox(profile: Path) -> AsyncIterator[Firefox]:
    """Start a Firefox with a new profile in this empty directory, and end it afterwards."""
    # An answer may hold a whole screen: it has no limit.
    with _running(profile) as address:
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{address}/session", max_msg_size=0) as socket:
            firefox = Firefox(socket)
            await firefox.begin()
            yield firefox


@contextlib.contextmanager
def _running(profile: Path) -> Iterator[str]:
    """Run a Firefox; the value is the address at which it takes WebDriver BiDi."""
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.fail("no Firefox on this machine: apt-get install firefox-esr")
    (profile / "user.js").write_text(
        "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
    )
    log = profile / "firefox.out"
    argv = [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, "HOME": str(profile)}
        )

    def said() -> str:
        return log.read_text(errors="replace")

    try:
        eventually(lambda: _LISTENS.search(said()) is not None, lambda: f"Firefox never listened:\n{said()}")
        yield _LISTENS.findall(said())[0]
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


async def _eventually(condition: Callable[[], Awaitable[bool]], describe: Callable[[], Awaitable[str]]) -> None:
    """Wait until `condition` holds; fail with `describe` when it does not in time."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + DEADLINE_S
    while not await condition():
        if loop.time() > end_s:
            raise AssertionError(await describe())
        await asyncio.sleep(_POLL_S)
