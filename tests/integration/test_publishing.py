"""pair-ls publishes at a gateway: `pair-ls lsp -forward wss://…`, with a link of its own.

pair-ls itself is a program in Go, which no package registry here has. `PairLs` is the client's side of its
protocol, as version 0.1.1 speaks it: each message of the editor again, as a notification of JSON-RPC 2.0, one
object with the end of a line in one binary frame. The URL gets `/relay`. It sends no Origin, and never pings.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from pairterm.document.document import Position, Span
from tests.e2e.editors import CURSOR_PLUGIN, CodeViewer
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import open_world
from tests.integration.browsers import page
from tests.integration.test_web_door import Served

ROOT = "file:///work/project"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with open_world() as world:
        yield Served(world)


class PairLs:
    """A pair-ls whose editor says what it is told."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket_

    async def say(self, method: str, params: object = None) -> None:
        message = {"method": method, "params": params, "jsonrpc": "2.0"}
        await self._socket.send_bytes(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    async def begin(self, root: str = ROOT) -> None:
        capabilities = CURSOR_PLUGIN | {"general": {"positionEncodings": ["utf-8", "utf-16"]}}
        await self.say("initialize", {"processId": 1, "rootUri": root, "capabilities": capabilities})
        await self.say("initialized", {})

    async def open(self, name: str, text: str, language: str = "python") -> None:
        uri = name if ":" in name else f"{ROOT}/{name}"
        document = {"uri": uri, "languageId": language, "version": 0, "text": text}
        await self.say("textDocument/didOpen", {"textDocument": document})

    async def change(self, name: str, *changes: dict[str, Any]) -> None:
        document = {"uri": f"{ROOT}/{name}", "version": 1}
        await self.say("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    async def closes(self) -> None:
        """Wait for the end of the connection."""
        async with asyncio.timeout(DEADLINE_S):
            while (await self._socket.receive()).type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE):
                pass


def span(*places: int) -> dict[str, Any]:
    first, start, last, end = places
    return {"start": {"line": first, "character": start}, "end": {"line": last, "character": end}}


def publish_url(served: Served, session: str, *options: str) -> tuple[int, str]:
    """Make a link to publish; return its number, and the URL to which pair-ls connects."""
    done = served.world.run("link", "new", "--json", "--role", "publish", "-t", session, *options)
    made = json.loads(done.stdout)
    program, command, option, url = made["command"].split()
    assert (program, command, option) == ("pair-ls", "lsp", "-forward")
    assert url.startswith(served.url.replace("http", "ws", 1) + "s/pb-")
    assert made["role"] == "publish"
    return made["link"], f"{url}/relay"


@asynccontextmanager
async def pair_ls(url: str, **headers: str) -> AsyncIterator[PairLs]:
    async with aiohttp.ClientSession() as client, client.ws_connect(url, headers=headers) as socket_:
        yield PairLs(socket_)


async def refusal(url: str, **headers: str) -> int:
    """Return the HTTP status with which a websocket is refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with pair_ls(url, **headers):
            pass
    return refused.value.status


async def until(viewer: CodeViewer, is_so: Any, what: str) -> None:
    await asyncio.to_thread(viewer.until, is_so, what)


async def test_a_publisher_shares_files_with_right_texts_names_and_cursors(served: Served) -> None:
    served.new("published", "cat")
    number, url = publish_url(served, "published", "--label", "ben")
    with CodeViewer(served.world, "published") as viewer:
        async with pair_ls(url) as ben:
            await ben.begin()
            await ben.open("src/a.py", "abc\ndef\nghi")
            await ben.change("src/a.py", {"range": span(0, 1, 2, 1), "text": "X\nY"})  # pair-ls's viewers panic.
            await ben.change(
                "src/a.py", {"range": span(0, 0, 0, 0), "text": "😀"}, {"range": span(0, 2, 0, 3), "text": "é"}
            )
            await until(viewer, lambda: viewer.lines("src/a.py") == ["😀éX", "Yhi"], "the text does not come")
            assert [(each.name, each.root) for each in viewer.sharers] == [("ben", "project")]
            cursors = [{"position": {"line": 0, "character": 3}, "range": span(0, 0, 0, 3)}]
            document = {"uri": f"{ROOT}/src/a.py"}
            await ben.say("experimental/cursor", {"textDocument": document, "cursors": cursors})
            await until(viewer, lambda: viewer.cursors("src/a.py") == [(1, 3)], "the cursor does not come")
            assert viewer.selections("src/a.py") == [Span(Position(0, 0), Position(0, 2))]
            await until(viewer, lambda: any(_colours(viewer)), "no colours come")

            for withheld in (
                *(".env", "certs/key.PEM", ".git/config", ".ssh/config", "id_ed25519", "../../etc/passwd", "x/../../y"),
                *("file:///etc/passwd", "file:///work/project", "https://host/a.py", "untitled:a"),
            ):
                await ben.open(withheld, "SECRET")
            await ben.open("large.py", "x" * (2 << 20) + "y")
            await ben.open("binary.py", "a\0b")
            await ben.open("no/../b.py", "b")
            await until(viewer, lambda: viewer.lines("b.py") == ["b"], "the last file does not come")
            assert [each.name for each in viewer.documents.tabs] == ["src/a.py", "b.py"]
            await ben.open(".env", "SECRET")
            await until(viewer, lambda: viewer.sharers[0].is_active_withheld, "no file is named as withheld")
            await ben.say("shutdown")
            await ben.closes()
        await until(viewer, lambda: not viewer.sharers, "the editor stays in the list")

        async with pair_ls(url) as ben:
            await ben.begin()
            await ben.open("a.py", "again")
            await until(viewer, lambda: viewer.lines("a.py") == ["again"], "the text does not come")
            await asyncio.to_thread(served.world.run, "link", "revoke", str(number), "-t", "published")
            await ben.closes()
            await until(viewer, lambda: not viewer.sharers, "the files of a revoked link stay")
        assert await refusal(url) == 403
    served.world.run("kill", "-t", "published")


async def test_a_publisher_can_do_nothing_else_and_others_can_not_publish(served: Served) -> None:
    links = served.new("doors", "cat")
    _, url = publish_url(served, "doors")
    token = url.split("/")[-2]
    for role in (links.rw, links.ro):
        assert await refusal(url.replace(token, role.user)) == 403, "a guest's link publishes nothing"
    assert await refusal(url, Origin=served.url.rstrip("/")) == 403, "no page may publish"
    async with page(served.url) as stranger:
        await stranger.hello(token)
        assert "no" in (await stranger.hears("end"))["text"].lower()
    guest = served.world.ssh(type(links.ro)(links.ro.command.replace(links.ro.user, token), token, "", 0))
    guest.wait(lambda screen: "exit 255" in screen or "exit 1" in screen, "refused by ssh")
    with CodeViewer(served.world, "doors") as viewer:
        async with pair_ls(url) as ben:
            await ben.begin("file:///home/ben")  # pair-ls was started in the home directory.
            await ben.open("file:///home/ben/notes.txt", "PRIVATE")
            await ben.say("nonsense", {"a": [1]})
            await ben._socket.send_bytes(b"[1, 2\n{\n\xff\n" + b"[" * 5000 + b"\n")
            await ben.say("workspace/executeCommand", {"command": "kill"})
            await ben.open("file:///home/ben/.env", "PRIVATE")
            await until(viewer, lambda: viewer.sharers and viewer.sharers[0].is_active_withheld, "it does not come")
            assert not viewer.documents.tabs
    async with pair_ls(url) as ben:
        await ben.begin()
        await asyncio.to_thread(served.world.run, "kill", "-t", "doors")
        await ben.closes()
    wrong = url.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))
    assert await refusal(wrong) == 403
    refused = [each for each in map(json.loads, served.audit().splitlines()) if each.get("transport") == "publish"]
    assert {each["why"] for each in refused} == {"link"}


async def test_a_link_for_two_uses_serves_two_publishers_who_both_stay(served: Served) -> None:
    served.new("twice", "cat")
    _, url = publish_url(served, "twice", "--uses", "2")
    with CodeViewer(served.world, "twice") as viewer:
        async with pair_ls(url) as ann, pair_ls(url) as ben:
            assert await refusal(url) == 403
            for name, each in (("a.py", ann), ("b.py", ben)):
                await each.begin()
                await each.open(name, "text")
            await until(
                viewer, lambda: viewer.lines("a.py") == viewer.lines("b.py") == ["text"], "one of them has ended"
            )
    served.world.run("kill", "-t", "twice")


async def test_a_publisher_that_floods_ends_alone(served: Served) -> None:
    """Its process ends, or its connection; the session and the gateway go on."""
    links = served.new("flood", "cat")
    _, url = publish_url(served, "flood")
    async with pair_ls(url) as ben:
        await ben.begin()
        for number in range(6):
            await ben.open(f"{number}.py", "x" * (4 << 20))
        await ben.open("small.py", "small")
        with CodeViewer(served.world, "flood") as viewer:
            await until(viewer, lambda: viewer.lines("small.py") == ["small"], "it does not come")
    async with pair_ls(url) as ben:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            for _ in range(12):  # One line, which never ends.
                await ben._socket.send_bytes(b"x" * (1 << 20))
        await ben.closes()
    async with page(served.url) as ana:
        await ana.hello(links.rw.user)
        await ana.hears("in", session="flood")
    served.world.run("kill", "-t", "flood")


def _colours(viewer: CodeViewer) -> tuple[bytes, ...]:
    document = viewer.document("src/a.py")
    return document.colours if document is not None else ()
