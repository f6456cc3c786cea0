"""A user's own gateway serves browsers on loopback, and loads nothing for that before the first one comes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp

from pairterm.gateway.gateway_settings import own_gateway_settings
from tests.browser.web_gateway import needs_page
from tests.e2e.world import World
from tests.integration.browsers import page
from tests.integration.test_returning import kill_gateway


def has_loaded_aiohttp(world: World) -> bool:
    return "/aiohttp/" in Path(f"/proc/{world.gateway_pid()}/maps").read_text()


async def test_a_browser_on_this_machine_joins_by_the_own_gateway_and_returns_after_its_death(world: World) -> None:
    needs_page()
    config = world.root / "config" / "pairterm" / "config.toml"
    config.write_text(config.read_text().replace("web = false\n", ""))
    world.new("ours", "cat")
    links = json.loads(world.run("links", "-t", "ours", "--json").stdout)["links"]
    url, _, token = links["web_rw"]["url"].partition("#")
    assert url.startswith("http://localhost:")
    assert links["web_ro"]["url"].startswith(f"{url}#ro-")
    assert not has_loaded_aiohttp(world), "a gateway without browsers pays for them"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert has_loaded_aiohttp(world)
    async with page(url) as ana:
        await ana.hello(token, name="ana")
        first = await ana.hears("in", role="rw")
        await ana.socket.send_bytes(b"hello\r")
        await ana.sees("hello")
        await asyncio.to_thread(kill_gateway, world)
    async with page(url) as ana:
        await ana.hello(token, ticket=first["ticket"])
        await ana.hears("in", role="rw", number=first["number"])
        await ana.hears("people", people=lambda people: [each["name"] for each in people] == ["ana"])
        await ana.sees("hello")


def test_the_own_gateway_serves_no_page_if_its_user_does_not_want_one() -> None:
    assert not own_gateway_settings([], "", 2222, web=False).takes_browsers
