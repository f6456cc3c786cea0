"""A receiver of webhooks, and what a session tells it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pairterm.host.webhooks import Webhooks, WebhookSettings
from tests.e2e.terminal import eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.test_people import answer
from tests.e2e.world import World

SECRET = "canary-4217"


class Receiver(ThreadingHTTPServer):
    """Keeps what it is told; its first answers are failures, as many as it is asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.failures = 0
        self.tries = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tries += 1
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
            return
        self.server.bodies.append(body)
        self.server.signatures.append(self.headers.get("X-Pairterm-Signature", ""))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def send(settings: WebhookSettings, *kinds: str) -> None:
    webhooks = Webhooks(settings, "entity", first_pause_s=0.01)
    for kind in kinds:
        webhooks.add(kind, {"n": kind})
    running = asyncio.create_task(webhooks.run())
    await webhooks.finish(30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_events_come_in_order_and_signed(receiver: Receiver) -> None:
    await send(WebhookSettings(url=receiver.url, userdata="mine", secret="s3"), "one", "two")
    assert [event["type"] for event in receiver.events] == ["one", "two"]
    told = receiver.events[0]
    assert datetime.fromisoformat(told.pop("timestamp")).utcoffset() == timedelta(0)
    assert told == {
        "type": "one", "entity_id": "entity", "generation": 0, "userdata": "mine", "params": {"n": "one"},
    }  # fmt: skip
    digests = [hmac.new(b"s3", body, hashlib.sha256).hexdigest() for body in receiver.bodies]
    assert receiver.signatures == [f"sha256={digest}" for digest in digests]


async def test_a_failure_is_tried_again_and_the_order_kept(receiver: Receiver) -> None:
    receiver.failures = 4
    await send(WebhookSettings(url=receiver.url), "one", "two")
    assert [event["type"] for event in receiver.events] == ["one", "two"]
    assert receiver.signatures == ["", ""]


async def test_what_fails_too_often_is_left_out(receiver: Receiver) -> None:
    receiver.failures = 5
    await send(WebhookSettings(url=receiver.url), "one", "two")
    assert [event["type"] for event in receiver.events] == ["two"]
    assert receiver.tries == 6


async def test_the_queue_is_bounded(receiver: Receiver) -> None:
    await send(WebhookSettings(url=receiver.url), *(str(number) for number in range(300)))
    assert [event["type"] for event in receiver.events] == [str(number) for number in range(100, 300)]


async def test_nobody_listens() -> None:
    await send(WebhookSettings(url="http://127.0.0.1:1/"), "one")


def test_a_sessions_life(world: World, receiver: Receiver) -> None:
    path = world.root / "config" / "pairterm" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'webhook_url = "{receiver.url}"\nwebhook_userdata = "me"\nstatus = false\nweb = false\n')
    links = world.new("our_session")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    guest.keys("C-b", "d")
    guest.has_exited()
    world.run("kill", "-t", "our_session")
    expected = ["session_register", "session_join", "session_left", "session_close"]
    eventually(lambda: len(receiver.events) >= len(expected), lambda: f"only {receiver.events}\n{world.log()}")
    assert [event["type"] for event in receiver.events] == expected
    register, join, left, _ = (event["params"] for event in receiver.events)
    assert register["ssh_cmd_fmt"] % register["stoken"] == links.rw.command
    assert register["ssh_cmd_fmt"] % register["stoken_ro"] == links.ro.command
    assert register["reconnected"] is False
    assert [event["generation"] for event in receiver.events] == [1] * 4
    assert (register["ip_address"], register["pubkey"]) == (None, None), "its gateway is on the same machine"
    assert (register["web_url_fmt"], register["ws_url_fmt"], register["ssh_only"]) == (None, None, True)
    assert join["ip_address"] == "127.0.0.1"
    assert join["pubkey"] is None
    assert join["readonly"] is True
    assert join["type"] == "ssh"
    assert left["id"] == join["id"]
    assert len({event["entity_id"] for event in receiver.events}) == 1


def test_nobody_is_told_of_a_hidden_window_or_a_pause(world: World, receiver: Receiver) -> None:
    """Law 11 for events, logs and what a guest may ask: the bytes of all of them have no secret."""
    told, seen = world.root / "hooks", world.root / "seen"
    (world.root / "config" / "pairterm" / "config.toml").write_text(
        f'webhook_url = "{receiver.url}"\nhooks = {{ any = "cat >>{told}" }}\n'
    )
    (world.home / SECRET).mkdir()
    links = world.new("ours")
    owner, guest = world.attach("ours"), world.ssh(links.rw)
    guest.sees("here$")
    owner.sees("here$")
    guest.keep_bytes(seen)

    owner.keys("C-b", "c", "C-b", "h")
    guest.sees("1:hidden")
    owner.enter(f"cd {SECRET}; printf '\\033]2;%s\\a' {SECRET}")
    world.run("rename-window", "-t", "ours:1", SECRET)
    world.run("split-window", "-t", "ours:1", "-e", f"A={SECRET}", f"echo {SECRET}; exec cat")
    world.run("pipe-pane", "-t", "ours:1.1", f"cat >{SECRET}/log")
    world.run("send-keys", "-t", "ours:1.1", SECRET, "Enter")
    owner.sees(f"{SECRET}\n{SECRET}\n{SECRET}")
    for line in (
        "display -p -t :1 'see #{window_name}#{pane_title}'",
        "display -p -t %2 'see #{pane_current_path}#{pane_start_command}'",
        "display -p 'last #{session_windows}'",
    ):
        guest.keys("C-b", ":")
        guest.enter(line)
    guest.sees("last 1")
    for line, answer_of_it in (("list-windows", "0: bash"), ("list-panes -a", "ours:0.0"), ("who", "tester")):
        guest.keys("C-b", ":")
        guest.enter(line)
        guest.sees(answer_of_it)
        guest.keys("q")
        guest.sees("here$")

    owner.keys("C-b", "0")
    owner.sees("here$")
    world.run("pause", "-t", "ours")
    guest.sees("paused")
    owner.enter(f"echo {SECRET}")
    owner.sees(f"\n{SECRET}")
    guest.keys("C-b", ":")
    guest.enter("capture-pane")
    guest.sees("nothing to capture")
    owner.enter("printf '\\033c\\033[3J'; echo over-$((40+2))")
    owner.sees("over-42")
    world.run("pause", "-t", "ours", "--off")
    guest.sees("over-42")
    guest.keys("C-b", ":")
    guest.enter("show-buffer")
    guest.sees("no buffer")
    events = world.run("audit", "-t", "ours", "--json").stdout
    for event in ("hide-window", "split-window", "pipe-pane", "pause", "resume"):
        assert f'"{event}"' in events
    world.run("kill", "-t", "ours")
    guest.has_exited()
    eventually(lambda: len(receiver.bodies) >= 3, "the receiver is told nothing")
    eventually(lambda: '"end"' in told.read_text(), "the hooks are not run")
    audits = b"".join(path.read_bytes() for path in world.state.rglob("*.jsonl*"))
    assert b"over-42" in seen.read_bytes()
    for where, text in {
        "the guest's terminal": seen.read_bytes(),
        "the hooks": told.read_bytes(),
        "the webhooks": b"".join(receiver.bodies),
        "the audits": audits + events.encode(),
        "the logs": world.log().encode(),
    }.items():
        assert text, where
        assert SECRET.encode() not in text, where


@pytest.fixture
def elsewhere(world: World) -> Iterator[Elsewhere]:
    yield from make(world)


def test_whence_a_host_and_a_guest_came_and_by_which_keys(elsewhere: Elsewhere, receiver: Receiver) -> None:
    """tmate's meaning: of the register event the host's, as the server saw them; of the join event the guest's."""
    world = elsewhere.world
    config = world.root / "config" / "pairterm" / "config.toml"
    config.write_text(f'webhook_url = "{receiver.url}"\nstatus = false\nweb = false\n')
    guest_key = world.root / "guest"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(guest_key)], check=True)
    public = guest_key.with_suffix(".pub").read_text().strip()
    links = elsewhere.new("ours", options=("--ask",))
    options = ("-i", str(guest_key), "-o", "IdentityAgent=none")
    guest = world.ssh(links.rw, *options)
    guest.sees("waiting for the owner")
    owner = world.attach("ours")
    owner.sees("here$")
    answer(owner, "y", lambda: "here$" in guest.screen())
    elsewhere.wire.cut()
    elsewhere.wire.mend()

    def registered() -> list[dict[str, Any]]:
        return [each for each in receiver.events if each["type"] == "session_register"]

    eventually(lambda: len(registered()) == 2, lambda: str(receiver.events))
    world.run("kill", "-t", "ours")
    world.ends("ours")
    first, again = (event["params"] for event in registered())
    for each in (first, again):
        assert each["ip_address"] == "127.0.0.1"
        assert each["pubkey"].split()[:2] == elsewhere.key.export_public_key().decode().split()[:2]
    assert (first["reconnected"], again["reconnected"]) == (False, True)
    assert [event["generation"] for event in registered()] == [1, 2]
    join = next(each["params"] for each in receiver.events if each["type"] == "session_join")
    assert join["pubkey"] == public
