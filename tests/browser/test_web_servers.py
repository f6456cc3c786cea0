"""The gateway behind real nginx and Caddy, with the files that docs/web.md prints."""

from __future__ import annotations

import asyncio
import json
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

_TLS_CLOSES_S = 0.25
"""After a session of aiohttp ends, TLS takes a moment to close (aiohttp's page "Graceful shutdown"). A loop that ends
sooner leaves the socket open, and another test is blamed."""


async def guess(page: str, authority: Authority) -> str:
    """Present a wrong link from another address, with a header that lies; return what the gateway answers."""
    connector = aiohttp.TCPConnector(local_addr=(STRANGER, 0), ssl=authority.client())
    async with aiohttp.ClientSession(connector=connector) as client:
        headers = {"Origin": page.rstrip("/"), "X-Forwarded-For": "203.0.113.7"}
        async with client.ws_connect(f"{page}ws", protocols=["pairterm.1"], headers=headers) as socket:
            await socket.send_json({"t": "hello", "token": "rw-" + "a" * 32, "rows": 24, "cols": 80})
            answer = str(await socket.receive_str(timeout=60))
            await socket.receive(timeout=60)  # The gateway closes.
    await asyncio.sleep(_TLS_CLOSES_S)
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
