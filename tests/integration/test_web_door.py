"""The door for browsers: what a page gets, and what a hostile one does not (T20)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_operator import status
from tests.e2e.world import Links, World, open_world
from tests.integration.browsers import PROTOCOLS, page
from tests.integration.test_attacks import MIB, memory_bytes
from tests.integration.test_hostile_ssh import connected, opened, shows

_PLAIN = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + "A" * 22
    + "==\r\n"
)


_FLOOD = "i=0; while :; do i=$((i+1)); echo $i-$i-$i-$i-$i-$i-$i-$i; done"


class Served:
    """A gateway with the door for browsers, and the world around it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.config = world.root / "gateway.toml"
        self.config.write_text('[web]\nlisten = ["127.0.0.1:0"]\n')
        self.process, said = world.serve("--config", str(self.config))
        self.url: str = said["web"]
        self.port = urlsplit(self.url).port or 0

    def new(self, name: str, *command: str) -> Links:
        return self.world.new(name, *command)

    def audit(self) -> str:
        return self.world.run("gateway", "audit", "--json").stdout


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with open_world() as world:
        yield Served(world)


async def run(served: Served, *words: str) -> str:
    done = await asyncio.to_thread(served.world.run, *words)
    return done.stdout


# What a page gets.


async def test_a_browser_sees_the_session_types_and_is_told_who_is_here(served: Served) -> None:
    links = served.new("typed", "cat")
    async with page(served.url) as ana:
        await ana.hello(links.rw.user)
        entered = await ana.hears("in", session="typed", role="rw", may_type=True)
        assert len(bytes.fromhex(entered["ticket"])) >= 16
        await ana.socket.send_bytes(b"hello web\r")
        await ana.sees("hello web")
        await ana.hears("windows", tabs=lambda tabs: [(each["name"], each["flags"]) for each in tabs] == [("cat", "*")])
        people = (await ana.hears("people", people=lambda people: people and people[0]["window"]))["people"]
        assert [(each["is_you"], each["transport"], each["window"]) for each in people] == [(True, "web", "0:cat")]
        assert people[0]["number"] == entered["number"]
        assert (await ana.hears("session"))["rows"] == 24
        assert " web" in await run(served, "who", "-t", "typed")


async def test_a_name_in_hello_and_the_chat_reach_the_others_whole(served: Served) -> None:
    links = served.new("chat", "cat")
    async with page(served.url) as ana, page(served.url) as ben:
        await ana.hello(links.ro.user, name="ana")
        await ana.hears("in")
        await ben.hello(links.rw.user, name="ben")
        await ben.hears("in")
        await ben.hears("people", people=lambda people: [each["name"] for each in people] == ["ana", "ben"])
        snippet = "look:\n  def f():\n    return 1"
        await ana.say("run", line=f"say {snippet}")
        assert (await ben.hears("chat"))["text"] == snippet
        assert (await ana.hears("chat", **{"from": "ana"}))["text"] == snippet
        await ana.say("run", line="nonsense")
        await ana.hears("text", text=lambda text: "nonsense" in text)
        await ben.say("run", line="who")
        assert "ana" in (await ben.hears("text", title="2 in chat"))["text"]


async def test_a_loss_keeps_the_guest_by_their_ticket(served: Served) -> None:
    links = served.new("lost", "cat")
    async with page(served.url) as ana:
        await ana.hello(links.rw.user, name="ana")
        first = await ana.hears("in")
        await run(served, "new-window", "-t", "lost", "-d", "cat")
        await ana.say("run", line="follow off")
        await ana.say("run", line="select-window -t :1")
        await ana.hears("windows", tabs=lambda tabs: [each["flags"] for each in tabs] == ["-", "*"])
        await run(served, "revoke", "-t", "lost", "ana")
        await ana.hears("role", role="ro")
    async with page(served.url) as other, page(served.url) as again:
        await other.hello(links.ro.user, name="ben")
        await other.hears("in")
        await again.hello(links.rw.user, ticket=first["ticket"])
        await again.hears("in", role="ro", number=first["number"])
        await again.hears("people", people=lambda people: [each["name"] for each in people] == ["ben", "ana"])
        await again.hears("windows", tabs=lambda tabs: [each["flags"] for each in tabs] == ["-", "*"])
        await run(served, "kick", "-t", "lost", str(first["number"]))
        assert (await again.hears("end"))["status"] == 1


async def test_a_guest_who_knocks_waits_and_is_let_in(served: Served) -> None:
    links = served.new("knocked", "cat")
    await run(served, "set", "-t", "knocked", "ask", "on")
    async with page(served.url) as ana:
        await ana.hello(links.ro.user, name="ana")
        assert "waiting for the owner" in (await ana.hears("wait"))["text"]
        await run(served, "accept", "-t", "knocked", "ana")
        await ana.hears("in", role="ro")


async def test_the_state_of_the_session_and_the_questions_for_this_guest_are_typed(served: Served) -> None:
    links = served.new("typed-state", "cat")
    async with page(served.url) as ana, page(served.url) as ben:
        await ana.hello(links.rw.user, name="ana")
        me = await ana.hears("in")
        await ana.hears("session", call="", is_paused=False, is_locked=False, questions=[])
        await run(served, "set", "-t", "typed-state", "call", "https://call.example/1")
        await ana.hears("session", call="https://call.example/1")
        await run(served, "set", "-t", "typed-state", "seat", "on")
        await run(served, "give", "-t", "typed-state", "ana")
        await ben.hello(links.rw.user, name="ben")
        other = (await ben.hears("in"))["number"]
        await ana.hears("windows", driver=lambda text: "you" in text or "ana" in text)
        await ben.say("run", line="ask")
        question = {"number": other, "name": "ben", "asks": "keyboard", "choices": ["accept", "decline"]}
        told = (await ana.hears("session", questions=lambda questions: questions))["questions"]
        assert [{name: each[name] for name in question} for each in told] == [question]
        await ana.hears("people", people=lambda people: [each["asks"] for each in people] == ["", "keyboard"])
        await ana.say("run", line=f"accept {other}")
        await ana.hears("session", questions=[])
        await ben.hears("role", may_type=True)
        assert me["number"] != other
        await run(served, "pause", "-t", "typed-state")
        await ben.hears("session", is_paused=True)
    await run(served, "kill", "-t", "typed-state")


async def test_the_end_of_a_session_is_told_and_closes_with_1000(served: Served) -> None:
    links = served.new("ended", "cat")
    async with page(served.url) as ana:
        await ana.hello(links.rw.user)
        await ana.hears("in")
        await ana.socket.send_bytes(b"\x04")
        assert (await ana.hears("end", may_return=False))["status"] == 0
        assert await ana.ends() == 1000


async def test_a_gateway_that_stops_closes_with_1012() -> None:
    with open_world() as world:
        served = Served(world)
        links = served.new("moved", "cat")
        async with page(served.url) as ana:
            await ana.hello(links.rw.user)
            await ana.hears("in")
            os.kill(served.process.pid, signal.SIGTERM)
            await ana.hears("end", may_return=True)
            assert await ana.ends() == 1012


# What a hostile one does not.


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_a_page_of_another_site_opens_no_websocket(served: Served, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with page(served.url, origin=origin):
            pass
    assert refused.value.status == 403


async def answer_to(served: Served, request: str) -> str:
    """Return what the door answers to raw bytes, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request.encode())
    async with asyncio.timeout(DEADLINE_S):
        answer = (await reader.read()).decode()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_text", "wanted"),
    [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("GET / HTTP/1.0\r\n\r\n", 403),
        ("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil\r\n\r\n", 400),
        ("GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\n" + _PLAIN + "\r\n", 403),
        ("GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n" + _PLAIN + "\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 1\r\n\r\nx", 405),
        ("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 5\r\n\r\nhello", 400),
        ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
        ("GET /assets/%2e%2e/index.html HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
        ("GET /<script>alert(1)</script> HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
        ("GET /" + "x" * 9000 + " HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nX: " + "x" * 9000 + "\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n" + "X: x\r\n" * 200 + "\r\n", 400),
    ],
)
async def test_a_request_that_no_page_sends_gets_an_error_without_its_own_words(
    served: Served, request_text: str, wanted: int
) -> None:
    answer = await answer_to(served, request_text.format(port=served.port))
    assert answer.split()[1] == str(wanted), answer
    assert "script>" not in answer
    assert "evil" not in answer


async def test_every_answer_of_ours_has_the_security_headers(served: Served) -> None:
    async with aiohttp.ClientSession() as client:
        for path in ("", "none"):
            async with client.get(served.url + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "script-src 'self';" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "aiohttp" not in answer.headers["Server"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 1007),
        ("[]", 1008),
        ('{"t":"size","rows":1,"cols":1}', 1008),
        ('{"t":"hello","rows":-1,"cols":80}', 1008),
        ('{"t":"hello","rows":24,"cols":80,"token":"' + "x" * 300 + '"}', 1008),
        ('{"t":"hello","rows":24,"cols":80,"ticket":"zz"}', 1008),
        (b"keys before hello", 1008),
        ("x" * 70_000, 1009),
        (b"x" * 70_000, 1009),
    ],
)
async def test_a_wrong_first_message_ends_the_websocket(served: Served, message: str | bytes, code: int) -> None:
    async with page(served.url) as stranger:
        if isinstance(message, str):
            await stranger.socket.send_str(message)
        else:
            await stranger.socket.send_bytes(message)
        assert await stranger.ends() == code
        assert stranger.said == []


async def test_a_wrong_message_ends_only_its_own_websocket(served: Served) -> None:
    links = served.new("wrong", "cat")
    async with page(served.url) as ana, page(served.url) as mallory:
        await ana.hello(links.rw.user)
        await ana.hears("in")
        for text, code in (
            ('{"t":"hello","rows":24,"cols":80}', 1008),
            ('{"t":"ack","bytes":9007199254740000}', 1008),
            ('{"t":"ack","bytes":1e99}', 1008),
            ('{"t":"run","line":"' + "x" * 5000 + '"}', 1008),
            ("[" * 60_000, 1008),
            ('"\\ud800"', 1007),
        ):
            async with page(served.url) as each:
                await each.hello(links.rw.user)
                await each.hears("in")
                await each.socket.send_str(text)
                assert await each.ends() == code, text[:40]
        await mallory.socket.close()
        await ana.socket.send_bytes(b"still here\r")
        await ana.sees("still here")


async def test_fragments_without_end_and_compressed_frames_end_the_websocket(served: Served) -> None:
    links = served.new("frames", "cat")
    before = memory_bytes(served.process.pid)
    for first, frame, code in (
        (b"\x02", b"\x00", 1009),  # a message in parts that never ends
        (b"\xc2", b"\xc2", 1002),  # RSV1: compressed, although nobody agreed to it
        (b"\x83", b"\x83", 1002),  # an opcode that is none
    ):
        async with page(served.url) as mallory:
            await mallory.hello(links.rw.user)
            await mallory.hears("in")
            transport = mallory.socket._response.connection.transport  # type: ignore[union-attr]
            assert transport is not None
            for number in range(100):
                payload = b"x" * 4000
                head = (first if number == 0 else frame) + bytes((0x80 | 126,)) + len(payload).to_bytes(2, "big")
                transport.write(head + bytes(4) + payload)
            assert await mallory.ends() in (code, 1006), "1006: it was closed before the last part was sent"
    assert memory_bytes(served.process.pid) - before < 8 * MIB


async def test_a_page_that_does_not_read_costs_a_bounded_amount(served: Served) -> None:
    links = served.new("slow", "sh", "-c", _FLOOD)
    async with page(served.url) as ana, page(served.url) as slow:
        await ana.hello(links.ro.user)
        await ana.hears("in")
        await slow.hello(links.ro.user)
        await slow.hears("in")
        before = memory_bytes(served.process.pid)
        # `slow` takes nothing more. `ana` takes a part of the same flood.
        start = ana.shown_bytes
        async with asyncio.timeout(DEADLINE_S):
            while ana.shown_bytes < start + 100_000:
                assert await ana.step()
        assert memory_bytes(served.process.pid) - before < 8 * MIB
    await run(served, "kill", "-t", "slow")


async def test_a_page_that_acknowledges_nothing_is_painted_no_more(served: Served) -> None:
    """Behind a proxy that takes everything, only the acknowledgements say what is shown."""
    links = served.new("silent", "sh", "-c", _FLOOD)
    async with page(served.url) as ana, page(served.url) as silent:
        await ana.hello(links.ro.user)
        await ana.hears("in")
        silent.acknowledges = False
        await silent.hello(links.ro.user)
        await silent.hears("in")
        start = ana.shown_bytes
        while ana.shown_bytes < start + 100_000:
            assert await ana.step()
        while True:
            try:
                await asyncio.wait_for(silent.step(), 0.5)
            except TimeoutError:
                break
        assert silent.shown_bytes < 40_000
    await run(served, "kill", "-t", "silent")


async def test_a_read_only_browser_types_nothing_whatever_it_sends(served: Served, tmp_path: Path) -> None:
    """Law 6, over the whole way: the program records each byte that it gets."""
    record = tmp_path / "record"
    links = served.new("law6", sys.executable, str(RECORDER), str(record))
    async with page(served.url) as mallory, page(served.url) as writer:
        await mallory.hello(links.ro.user)
        await mallory.hears("in", may_type=False)
        for data in (b"a", b"\x02:", b"\x1b[200~paste\x1b[201~", b"\x1b[M !!", b"\x1b[I", bytes(range(256)), b""):
            await mallory.socket.send_bytes(data)
        for line in (
            "paste-buffer",
            "send-keys a",
            "send-prefix",
            "set status on",
            "take",
            "copy-mode",
            "new-window sh",
        ):
            await mallory.say("run", line=line)
        await mallory.say("size", rows=1, cols=1)
        await mallory.say("role", role="rw")
        assert await mallory.ends() == 1008
        await writer.hello(links.rw.user)
        await writer.hears("in")
        await writer.socket.send_bytes(b"mark")
        eventually(lambda: b"mark" in record.read_bytes(), "the mark never came")
    assert record.read_bytes() == b"mark"


async def test_wrong_links_are_refused_with_one_text_and_their_penalty_is_sshs_too(served: Served) -> None:
    before = status(served.world)["wrong_links"]
    for user in ("rw-" + "0" * 32, "", "host", "root"):
        async with page(served.url) as stranger:
            await stranger.hello(user)
            assert (await stranger.hears("end"))["text"] == "no such session, or the link has ended"
            assert await stranger.ends() == 1000
    assert status(served.world)["wrong_links"] >= before + 2
    assert '"transport": "web"' in served.audit() or '"transport":"web"' in served.audit()


async def test_no_log_and_no_audit_has_a_token(served: Served) -> None:
    links = served.new("secret", "cat")
    async with page(served.url) as ana:
        await ana.hello(links.rw.user)
        ticket = (await ana.hears("in"))["ticket"]
    async with page(served.url) as ana:
        await ana.hello(links.rw.user + "x")
        await ana.hears("end")
    said = served.world.log() + served.audit() + await run(served, "audit", "-t", "secret", "--json")
    assert "secret" in said
    for private in (links.rw.user, links.rw.user.partition("-")[2], ticket):
        assert private not in said


@asynccontextmanager
async def silent_sockets(port: int, count: int, first: bytes) -> AsyncIterator[list[socket.socket]]:
    sockets = [socket.create_connection(("127.0.0.1", port), DEADLINE_S) for _ in range(count)]
    try:
        for each in sockets:
            each.sendall(first)
        yield sockets
    finally:
        for each in sockets:
            each.close()


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: loc"], ids=["silent", "slow header"])
async def test_sockets_that_say_nothing_keep_no_browser_out(served: Served, first: bytes) -> None:
    links = served.new(f"crowd{len(first)}", "cat")
    async with silent_sockets(served.port, 200, first), page(served.url) as ana:
        await ana.hello(links.rw.user)
        await ana.hears("in")


async def test_websockets_without_hello_keep_no_browser_and_no_ssh_out(served: Served) -> None:
    links = served.new("halfopen", "sh", "-c", "echo ready; cat")
    async with aiohttp.ClientSession() as client:
        opened_ones = [
            await client.ws_connect(f"{served.url}ws", protocols=PROTOCOLS, headers={"Origin": served.url.rstrip("/")})
            for _ in range(60)
        ]
        async with page(served.url) as ana:
            await ana.hello(links.rw.user)
            await ana.hears("in")
        async with connected(links.rw) as connection:
            process = await opened(connection)
            await shows(process, b"ready")
        for each in opened_ones:
            await each.close()


async def test_the_audit_of_the_gateway_names_the_way(served: Served) -> None:
    links = served.new("audited", "cat")
    async with page(served.url) as ana:
        await ana.hello(links.ro.user)
        await ana.hears("in")
    events: list[dict[str, Any]] = [json.loads(line) for line in served.audit().splitlines()]
    joins = [each for each in events if each.get("session") == "audited" and each["event"] == "join"]
    assert [each["transport"] for each in joins] == ["web"]
