"""The page below a path of another site, behind real nginx and Caddy, with the files that docs/web.md prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import aiohttp
import pytest

from tests.browser.web_gateway import caddy, free_port, nginx, serve_web
from tests.certificates import Authority
from tests.e2e.world import World
from tests.integration.browsers import page

Server = Callable[[Path, int, int, tuple[Path, Path], str], AbstractContextManager[None]]


@pytest.mark.parametrize("server", [nginx, caddy])
async def test_the_page_its_files_and_its_websocket_are_below_the_path(
    world: World, tmp_path: Path, server: Server
) -> None:
    port, gateway_port, authority = free_port(), free_port(), Authority(tmp_path)
    origin = f"https://localhost:{port}"
    web = {
        "listen": [f"127.0.0.1:{gateway_port}"],
        "advertise": origin,
        "trusted_proxies": ["127.0.0.1"],
        "base_path": "/pairterm/",
    }
    serve_web(world, web=web)
    world.new("below", "cat")
    link = json.loads(world.run("links", "-t", "below", "--json").stdout)["links"]["web_rw"]["url"]
    url, _, token = link.partition("#")
    assert url == f"{origin}/pairterm/"
    trusted = authority.client()
    with server(tmp_path, port, gateway_port, authority.sign(server.__name__), "/pairterm/"):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted)) as client:
            async with client.get(url) as answer:
                assert answer.status == 200
                names = re.findall(r'(?:src|href)="([^"]+)"', await answer.text())
            assert names
            for name in names:
                assert not name.startswith("/"), "a file that is not below the path"
                async with client.get(f"{url}{name.removeprefix('./')}") as answer:
                    assert answer.status == 200, name
            async with client.get(f"http://127.0.0.1:{gateway_port}/", headers={"Host": f"localhost:{port}"}) as answer:
                assert answer.status == 404, "the gateway answers beside its path"
        async with page(url, origin=origin, ssl=trusted) as ana:
            await ana.hello(token)
            await ana.hears("in")
            await ana.socket.send_bytes(b"below a path\r")
            await ana.sees("below a path")
