"""The links for browsers where they are printed and sent, and how a page sees that the host is away.

One gateway serves the file. The host dials it over a wire that a test can cut.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.terminal import eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.world import Links, open_world
from tests.integration.browsers import page
from tests.integration.test_webhooks import Receiver, receiver

__all__ = ["receiver"]


class Served:
    """A gateway with the door for browsers, a wire to it, and the page's URL."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self.elsewhere = elsewhere
        self.world = elsewhere.world
        operator = {"PAIRTERM_GATEWAY": str(self.world.root / "gateway.sock")}
        found = self.world.run("gateway", "status", "--json", environment=operator).stdout
        self.url: str = json.loads(found)["web"]

    def links(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.world.run("links", "-t", name, "--json").stdout)["links"]
        return found


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with open_world() as world:
        for elsewhere in make(world, '[web]\nlisten = ["127.0.0.1:0"]\n'):
            yield Served(elsewhere)


def test_a_new_session_prints_four_links_in_tmates_order_and_words(served: Served) -> None:
    done = served.world.run("new", "-d", "--accept-new", "-s", "four", "--", "cat")
    links = served.links("four")
    assert done.stdout.splitlines()[:4] == [
        f"web session read only: {links['web_ro']['url']}",
        f"ssh session read only: {links['ssh_ro']['command']}",
        f"web session:           {links['web_rw']['url']}",
        f"ssh session:           {links['ssh_rw']['command']}",
    ]
    assert served.world.run("links", "-t", "four").stdout.splitlines()[:4] == done.stdout.splitlines()[:4]


def test_the_token_is_in_the_fragment_of_the_link_alone(served: Served) -> None:
    made = served.elsewhere.new("fragment", "cat")
    links = served.links("fragment")
    assert links["web_rw"] == {"url": f"{served.url}#{made.rw.user}"}
    assert links["web_ro"] == {"url": f"{served.url}#{made.ro.user}"}


def test_tmates_variables_are_the_links(served: Served) -> None:
    served.elsewhere.new("variables", "cat")
    links = served.links("variables")
    done = served.world.run("display", "-t", "variables", "-p", "#{tmate_web} #{tmate_web_ro}")
    assert done.stdout.split() == [links["web_rw"]["url"], links["web_ro"]["url"]]


def test_a_webhook_is_told_the_url_of_the_page(served: Served, receiver: Receiver) -> None:
    config = served.world.root / "hooked" / "pairterm" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'webhook_url = "{receiver.url}"\n')
    environment = {"XDG_CONFIG_HOME": str(served.world.root / "hooked")}
    words = ("new", "-d", "--json", "--accept-new", "-s", "hooked", "--", "cat")
    made = Links.parse(served.world.run(*words, environment=environment).stdout)
    eventually(lambda: bool(receiver.events), "the webhook was never told")
    register = receiver.events[0]
    assert register["type"] == "session_register"
    params = register["params"]
    assert params["ssh_only"] is False
    assert params["web_url_fmt"] % params["stoken"] == f"{served.url}#{made.rw.user}"
    # While somebody hears it: else the host stays for 15 seconds to tell of its end.
    served.world.run("kill", "-t", "hooked")
    eventually(lambda: receiver.events[-1]["type"] == "session_close", "the webhook was never told of the end")


async def test_a_spoken_code_opens_the_session_once(served: Served) -> None:
    made = await asyncio.to_thread(served.elsewhere.new, "spoken", "cat")
    said = await asyncio.to_thread(
        served.world.run, "link", "new", "-t", "spoken", "--spoken", "--no-ask", "--role", "ro", "--json"
    )
    code = json.loads(said.stdout)["user"].replace("-", " ")
    assert code not in (made.rw.user, made.ro.user)
    async with page(served.url) as ana:
        await ana.hello("", code=code)
        await ana.hears("in", session="spoken", role="ro")
    async with page(served.url) as late:
        await late.hello("", code=code)
        await late.hears("end", text="no such session, or the link has ended")


async def test_a_copy_goes_to_the_clipboard_of_the_person_who_copied(served: Served) -> None:
    """A program's copy is the owner's alone: a page gets none."""
    secret = base64.b64encode(b"of the program").decode()
    command = f"echo copied-by-hand; read x; printf '\\033]52;c;{secret}\\007'; echo sent; cat"
    made = await asyncio.to_thread(served.elsewhere.new, "copied", "sh", "-c", command)
    async with page(served.url) as writer, page(served.url) as watcher:
        await writer.hello(made.rw.user)
        await writer.sees("copied-by-hand")
        await watcher.hello(made.ro.user)
        await watcher.sees("copied-by-hand")
        for keys in (b"\x02[", b"g", b"v", b"$", b"y"):
            await watcher.socket.send_bytes(keys)
        assert (await watcher.hears("copy"))["text"] == "copied-by-hand"
        await writer.socket.send_bytes(b"\r")
        for each in (writer, watcher):
            await each.sees("sent")
            assert not [message for message in each.said if message["t"] == "copy"]


async def test_a_page_is_told_that_the_host_is_away_and_back(served: Served) -> None:
    made = await asyncio.to_thread(served.elsewhere.new, "away", "cat")
    async with page(served.url) as ana:
        await ana.hello(made.rw.user)
        await ana.hears("in")
        await ana.socket.send_bytes(b"before\r")
        await ana.sees("before")
        served.elsewhere.wire.cut()
        assert (await ana.hears("away"))["since_s"] >= 0
        await ana.socket.send_bytes(b"lost\r")
        served.elsewhere.wire.mend()
        await ana.hears("back")
        assert (await ana.hears("in", role="rw"))["may_type"]
        await ana.socket.send_bytes(b"after\r")
        await ana.sees("after")
        assert "before" in ana.text()
        assert "lost" not in ana.text()


def test_a_page_without_tls_for_other_machines_is_refused_with_what_to_do(served: Served) -> None:
    config = served.world.root / "open.toml"
    config.write_text('[web]\nlisten = ["0.0.0.0:0"]\n')
    refused = served.world.run(
        "serve", "--json", "--config", str(config), "--listen", "127.0.0.1:0", "--link-socket",
        str(served.world.root / "open.sock"), status=2,
    )  # fmt: skip
    assert "set tls_cert and tls_key, or listen on 127.0.0.1" in refused.stderr
    assert "Traceback" not in refused.stderr
