"""What a guest in a browser costs beside one by ssh, and beside WeTTY: echo, 50 who watch, a flood, memory.

`python -m tests.bench.bench_browsers [WETTY]` prints a table in Markdown. It passes no judgement: figures only. WETTY
is the program of the npm package `wetty`, which shows `tmux attach` here (ttyd is not in Debian 12). All come
on loopback without TLS, and are measured in turns of the same run. The browser's side is aiohttp's client, which
acknowledges what it gets as the page does: what a browser takes to draw is not in the figures. CPU and memory
are those of all processes that serve: gateway and hosts; WeTTY, tmux and its clients.
"""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Protocol

import aiohttp

from tests.bench.bench_viewers import TICKER, cpu_s
from tests.browser.web_gateway import free_port
from tests.e2e.terminal import eventually
from tests.e2e.world import Links, World, open_world
from tests.integration.browsers import Page, page
from tests.integration.test_hostile_ssh import connected, opened
from tests.integration.test_web_door import Served

KEYS = 200
KEY_PAUSE_S = 0.03
WATCHERS = 50
WATCHED_S = 5.0
ROUNDS = 2


class Guest(Protocol):
    """One guest's program."""

    async def type(self, data: bytes) -> None:
        """Send keys."""

    async def next(self) -> bytes:
        """Return what comes next of the terminal's output."""


class SshGuest:
    """A guest by ssh."""

    def __init__(self, process: object) -> None:
        self._process = process

    async def type(self, data: bytes) -> None:
        self._process.stdin.write(data)  # type: ignore[attr-defined]  # asyncssh's process

    async def next(self) -> bytes:
        data: bytes = await self._process.stdout.read(65536)  # type: ignore[attr-defined]
        return data


class WettyGuest:
    """A guest of WeTTY: socket.io on a websocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def type(self, data: bytes) -> None:
        await self._socket.send_str("42" + json.dumps(["input", data.decode()]))

    async def next(self) -> bytes:
        while True:
            message = await self._socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return b""
            if message.data == "2":
                await self._socket.send_str("3")
            elif message.data.startswith('42["data"'):
                text: str = json.loads(message.data[2:])[1]
                await self._socket.send_str("42" + json.dumps(["commit", len(text)]))
                return text.encode()


class WebGuest:
    """A guest in a browser."""

    def __init__(self, opened_page: Page) -> None:
        self._page = opened_page

    async def type(self, data: bytes) -> None:
        await self._page.socket.send_bytes(data)

    async def next(self) -> bytes:
        return await self._page.output()


class Pairterm:
    """Sessions at a gateway, for guests of one kind."""

    def __init__(self, served: Served, links: dict[str, Links], *, is_web: bool) -> None:
        self._served, self._links, self._is_web = served, links, is_web

    @asynccontextmanager
    async def guest(self, scene: str, *, may_type: bool) -> AsyncIterator[Guest]:
        links = self._links[scene]
        link = links.rw if may_type else links.ro
        if self._is_web:
            async with page(self._served.url) as opened_page:
                await opened_page.hello(link.user)
                await opened_page.hears("in")
                yield WebGuest(opened_page)
        else:
            async with connected(link) as connection:
                yield SshGuest(await opened(connection))
                connection.abort()

    def pids(self, scene: str) -> list[int]:
        hosts = [each.pid for each in self._served.world.processes() if each.runs("pairterm.host")]
        return [self._served.process.pid, *hosts]


class Wetty:
    """tmux sessions, each behind a WeTTY."""

    def __init__(self, world: World, program: str, commands: dict[str, list[str]]) -> None:
        self._world = world
        self._tmux = ["tmux", "-S", str(world.root / "wetty"), "-f", "/dev/null"]
        self._ports: dict[str, int] = {}
        self._servers: dict[str, int] = {}
        for scene, command in commands.items():
            world.run_any(*self._tmux, "new", "-d", "-s", scene, "-x", "80", "-y", "24", *command)
            port = self._ports[scene] = free_port()
            attach = " ".join([*self._tmux, "attach", "-t", scene])
            process = world.start(
                program, "--host", "127.0.0.1", "--port", str(port), "--base", "/", "--command", attach,
                stdout=DEVNULL, stderr=DEVNULL,
            )  # fmt: skip
            self._servers[scene] = process.pid
            eventually(lambda port=port: _answers(port), "WeTTY never listened")  # type: ignore[misc]

    @asynccontextmanager
    async def guest(self, scene: str, *, may_type: bool) -> AsyncIterator[Guest]:
        url = f"http://127.0.0.1:{self._ports[scene]}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession() as client, client.ws_connect(url) as socket:
            await socket.receive()
            await socket.send_str("40")
            yield WettyGuest(socket)

    def pids(self, scene: str) -> list[int]:
        server = self._servers[scene]
        tmux = self._world.run_any(*self._tmux, "display", "-p", "#{pid}").stdout
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        return [server, int(tmux), *map(int, children)]

    def close(self) -> None:
        self._world.run_any(*self._tmux, "kill-server")


async def echo_ms(guest: Guest) -> list[float]:
    """Return how long each of some keys takes to come back, in milliseconds."""
    took: list[float] = []
    for number in range(KEYS):
        key = bytes((ord("a") + number % 26,))
        start_s = time.perf_counter()
        await guest.type(key)
        while key not in await guest.next():
            pass
        took.append((time.perf_counter() - start_s) * 1000)
        await asyncio.sleep(KEY_PAUSE_S)
    return took


def memory_bytes(pids: list[int]) -> int:
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return sum(int(text.partition("RssAnon:")[2].split()[0]) * 1024 for text in texts)


async def watched(server: Pairterm | Wetty, scene: str) -> tuple[float, float]:
    """Return the CPU seconds that it takes each second while so many watch, and the memory for each of them."""
    before_bytes = memory_bytes(server.pids(scene))
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        guests = [await stack.enter_async_context(server.guest(scene, may_type=False)) for _ in range(WATCHERS)]

        async def read(guest: Guest) -> None:
            while await guest.next():
                pass

        readers = [group.create_task(read(each)) for each in guests]
        await asyncio.sleep(2)
        pids = server.pids(scene)
        before_s, start_s = sum(map(cpu_s, pids)), time.monotonic()
        await asyncio.sleep(WATCHED_S)
        used = (sum(map(cpu_s, pids)) - before_s) / (time.monotonic() - start_s)
        each_bytes = (memory_bytes(pids) - before_bytes) / WATCHERS
        for reader in readers:
            reader.cancel()
    return used, each_bytes


async def measured(servers: dict[str, Pairterm | Wetty]) -> dict[str, dict[str, float]]:
    """Return all figures of each kind, the medians of the rounds."""
    found: dict[str, dict[str, list[float]]] = {kind: {} for kind in servers}
    for _ in range(ROUNDS):
        for kind, server in servers.items():
            figures = found[kind]
            async with server.guest("echo", may_type=True) as guest:
                await guest.next()
                took = sorted(await echo_ms(guest))
            figures.setdefault("echo p50, ms", []).append(statistics.median(took))
            figures.setdefault("echo p99, ms", []).append(took[len(took) * 99 // 100])
            used, each_bytes = await watched(server, "ticker")
            figures.setdefault(f"{WATCHERS} watch 20 frames a second, CPU %", []).append(used * 100)
            figures.setdefault("memory a watcher, KiB", []).append(each_bytes / 1024)
            used, _ = await watched(server, "flood")
            figures.setdefault(f"{WATCHERS} watch `yes`, CPU %", []).append(used * 100)
    return {kind: {name: statistics.median(each) for name, each in figures.items()} for kind, figures in found.items()}


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main(say: Callable[[str], None] = print) -> None:
    """Print the table."""
    with open_world() as world:
        served = Served(world)
        (world.root / "ticker.py").write_text(TICKER)
        commands = {"echo": ["cat"], "ticker": [sys.executable, str(world.root / "ticker.py")], "flood": ["yes"]}
        wetty = Wetty(world, sys.argv[1], commands) if sys.argv[1:] else None
        links = {name: served.new(name, *command) for name, command in commands.items()}
        servers: dict[str, Pairterm | Wetty] = {
            "browser": Pairterm(served, links, is_web=True),
            "ssh": Pairterm(served, links, is_web=False),
        }
        if wetty is not None:
            servers["WeTTY"] = wetty
        figures = asyncio.run(measured(servers))
        if wetty is not None:
            wetty.close()
        for name in links:
            world.run("kill", "-t", name)
        eventually(lambda: not world.sessions(), "a session stays")
    say("| figure | " + " | ".join(figures) + " |\n|---" + "|---" * len(figures) + "|")
    for name in figures["browser"]:
        say(f"| {name} | " + " | ".join(f"{each[name]:.2f}" for each in figures.values()) + " |")


if __name__ == "__main__":
    main()
