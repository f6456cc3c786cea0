"""The gateway behind real nginx and Caddy, with the files that docs/web.md prints."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import aiohttp
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browser import Browser
from tests.browser.web_gateway import caddy, free_port, nginx, serve_web, share
from tests.certificates import Authority
from tests.e2e.terminal import eventually
from tests.e2e.world import World

Server = Callable[[Path, int, int, tuple[Path, Path]], AbstractContextManager[None]]

STRANGER = "127.0.0.9"


class _Socket(socket.socket):
    """A socket that says when it is closed."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self.closed = asyncio.Event()

    def close(self) -> None:
        super().close()
        self.closed.set()


async def guess(page: str, authority: Authority) -> str:
    """Present a wrong link from another address, with a header that lies; return what the gateway answers."""
    opened: list[_Socket] = []

    def from_elsewhere(address: tuple[int, int, int, str, object]) -> socket.socket:
        opened.append(_Socket(*address[:3]))
        opened[-1].setblocking(False)
        opened[-1].bind((STRANGER, 0))
        return opened[-1]

    connector = aiohttp.TCPConnector(family=socket.AF_INET, socket_factory=from_elsewhere, ssl=authority.client())
    async with aiohttp.ClientSession(connector=connector) as client:
        headers = {"Origin": page.rstrip("/"), "X-Forwarded-For": "203.0.113.7"}
        async with client.ws_connect(f"{page}ws", protocols=["pairterm.1"], headers=headers) as wire:
            await wire.send_json({"t": "hello", "token": "rw-" + "a" * 32, "rows": 24, "cols": 80})
            answer = str(await wire.receive_str(timeout=60))
    async with asyncio.timeout(60):  # TLS closes after aiohttp has ended; a loop that ends sooner leaves a socket open.
        for each in opened:
            await each.closed.wait()
    return answer


@pytest.mark.parametrize("server", [nginx, caddy])
def test_a_guest_types_behind_a_web_server_and_is_known_by_their_own_address(
    town: World, browser: Browser, authority: Authority, tmp_path: Path, server: Server
) -> None:
    port, gateway_port, name = free_port(), free_port(), server.__name__
    web = {
        "listen": [f"127.0.0.1:{gateway_port}"],
        "advertise": f"https://localhost:{port}",
        "trusted_proxies": ["127.0.0.1"],
    }
    gateway = serve_web(town, web=web)
    with server(tmp_path, port, gateway_port, authority.sign(name)):
        links = share(town, f"https://localhost:{port}/", name, "sh", "-c", "echo hello; exec cat")
        page = browser.open(links.rw)
        page.is_in()
        page.sees("hello")
        page.focus_terminal()
        page.type("through " + name + Keys.ENTER)
        page.sees(f"through {name}\nthrough {name}")
        assert json.loads(asyncio.run(guess(f"https://localhost:{port}/", authority)))["t"] == "end"
        page.close()
    audit = town.state / "gateway-audit.jsonl"
    eventually(lambda: STRANGER in audit.read_text(), lambda: audit.read_text())
    assert "203.0.113.7" not in audit.read_text()
    town.run("kill", "-t", name)
    gateway.terminate()
    gateway.wait()
