"""Law 7 from outside: a bad message ends that link with an error, and nothing else.

Hand-made peers on real sockets: on a session's own socket as the owner's
processes come, and on a gateway's link socket as hosts come.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm import __version__
from pairterm.access.tokens import token_hash
from pairterm.link.codec import decode_host_message, decode_viewer_message, encode
from pairterm.link.framing import MAX_MESSAGE_BYTES, FrameReader, framed
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Ended,
    Hello,
    HostMessage,
    Input,
    Join,
    Joined,
    Kill,
    Leave,
    Ping,
    Pong,
    Query,
    Register,
    Registered,
    Resize,
    ScreenUpdate,
    SessionInfo,
    ViewerMessage,
)
from pairterm.link.screen_publisher import MAX_UNACKNOWLEDGED
from pairterm.terminal.frame import Pen
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import Links, World
from tests.laws.link.forging import one_window

HELLO = framed(encode(Hello(PROTOCOL, __version__, "client")))

NOISE = random.Random(7).randbytes(100_000)

BAD = {
    "silence": b"",
    "noise": NOISE,
    "truncated": HELLO + framed(encode(Query()))[:-1],
    "half a length": HELLO + b"\0\0",
    "over the bound": HELLO + (MAX_MESSAGE_BYTES + 1).to_bytes(4, "big"),
    "far over the bound": HELLO + b"\xff\xff\xff\xff" + NOISE,
    "no message": HELLO + framed(b"") + framed(b"\xc1"),
    "unknown": HELLO + framed(b"\x91\xa7unknown"),
    "no hello": framed(encode(Query())),
    "hello twice": HELLO * 2,
    "another protocol": framed(encode(Hello(PROTOCOL + 1, "99.0", "client"))),
    "nested without end": HELLO + framed(b"\x91" * 100_000),
}


BROKEN_OFF = {"silence", "truncated", "half a length"}
"""Kinds that are bad for what does not come: the peer ends them. All others are ended for what they are."""


class Peer:
    """A peer made by hand."""

    def __init__(self, path: Path) -> None:
        self._reader = FrameReader()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(str(path))

    def say(self, *messages: ViewerMessage | HostMessage) -> None:
        self.socket.sendall(b"".join(framed(encode(each)) for each in messages))

    def hear(self) -> list[bytes]:
        """Return the payloads up to the end of the link."""
        heard: list[bytes] = []
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                heard += self._reader.feed(data)
        return heard

    def hear_until(self, kind: type[HostMessage]) -> list[HostMessage]:
        """Return a host's messages up to the first of this kind."""
        heard: list[HostMessage] = []
        while not any(isinstance(each, kind) for each in heard):
            data = self.socket.recv(65536)
            assert data, f"the link ended before a {kind.__name__}: {heard}"
            heard += map(decode_host_message, self._reader.feed(data))
        return heard


@contextlib.contextmanager
def peer_at(path: Path) -> Iterator[Peer]:
    peer = Peer(path)
    with peer.socket:
        yield peer


def is_well(world: World, name: str) -> None:
    """Assert that the session goes on: its owner attaches and types."""
    owner = world.attach(name)
    owner.sees("here$")
    owner.enter("clear; echo well-$((1+1))")
    owner.sees("well-2")
    owner.keys("C-b", "d")
    owner.has_exited()


@pytest.fixture(scope="module")
def street(town: World) -> World:
    """The shared world with a gateway of its own and one session on it."""
    town.new("target")
    return town


def ends_for_what_it_is(street: World, path: Path, kind: str) -> None:
    """Send what is bad, and wait for the end of the link; the log says that it was this which ended it."""
    dropped = street.log().count("link dropped")
    with peer_at(path) as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.socket.sendall(BAD[kind])
            if kind in BROKEN_OFF:
                peer.socket.shutdown(socket.SHUT_WR)
        peer.hear()
    if kind not in BROKEN_OFF:
        eventually(lambda: street.log().count("link dropped") == dropped + 1, "something else ended the link")


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_message_ends_a_local_link_and_nothing_else(street: World, kind: str) -> None:
    ends_for_what_it_is(street, street.runtime / "target.sock", kind)
    assert street.session("target")["clients"] == []


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_message_ends_a_hosts_link_and_nothing_else(street: World, kind: str) -> None:
    ends_for_what_it_is(street, street.runtime / ".gateway", kind)
    assert street.session("target")["gateway"] == "connected"


def test_after_all_of_it_session_and_gateway_are_well(street: World) -> None:
    is_well(street, "target")
    links = type(street.new("other", "cat")).parse(street.run("links", "--json", "-t", "target").stdout)
    guest = street.ssh(links.rw)
    guest.sees("well-2")
    guest.close()


def test_a_host_says_hello_and_its_version_before_it_hangs_up_on_another(street: World) -> None:
    with peer_at(street.runtime / "target.sock") as peer:
        peer.say(Hello(PROTOCOL + 1, "99.0", "client"))
        heard = [decode_host_message(each) for each in peer.hear()]
    assert isinstance(heard[0], Hello)
    assert (heard[0].protocol, heard[0].software, heard[0].side) == (PROTOCOL, __version__, "host")


def test_a_client_of_another_version_reads_a_clear_line(world: World) -> None:
    """A host of another version answers `pairterm links`."""
    world.run("ls", status=1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(world.runtime / "future.sock"))
        listener.listen()
        asking = world.start("pairterm", "links", "-t", "future")
        connection, _ = listener.accept()
        with connection:
            connection.sendall(framed(encode(Hello(PROTOCOL + 1, "99.0", "host"))))
            _, told = asking.communicate(timeout=DEADLINE_S)
    assert asking.returncode == 1
    assert told.decode().startswith("pairterm: the other side is pairterm 99.0 (link protocol")
    assert told.count(b"\n") == 1
    os.unlink(world.runtime / "future.sock")


def test_a_read_only_client_of_the_local_socket_types_nothing(street: World) -> None:
    """The host's own gate: a peer that forges input for a read-only client, or for one that never joined."""
    is_well(street, "target")
    with peer_at(street.runtime / "target.sock") as peer:
        peer.say(Hello(PROTOCOL, __version__, "client"), Join(1, 10, 20, None, True))
        joined = [each for each in peer.hear_until(Joined) if isinstance(each, Joined)]
        assert [each.role for each in joined] == ["ro"]
        peer.say(Input(1, b"forged-by-a-watcher\r"), Input(2, b"forged-by-nobody\r"), Input(0, b"forged\r"))
        peer.say(Query())
        peer.hear_until(SessionInfo)
        owner = street.attach("target")
        assert "forged" not in owner.sees("well-2")
        owner.close()


def test_hosts_messages_from_a_viewer_and_the_reverse_end_the_link(street: World) -> None:
    for message in (Register("x", b"1" * 32, b"2" * 32), Ended("killed", 0, "forged")):
        with peer_at(street.runtime / "target.sock") as peer:
            peer.say(Hello(PROTOCOL, __version__, "client"), message)
            peer.hear()
    for told in (Join(1, 24, 80), Kill(), Query(), Input(1, b"x")):
        with peer_at(street.runtime / ".gateway") as peer:
            peer.say(Hello(PROTOCOL, __version__, "host"), told)
            peer.hear()
    assert street.session("target")["gateway"] == "connected"


def test_a_host_has_to_register_and_once(street: World) -> None:
    hello = Hello(PROTOCOL, __version__, "host")
    mine = Register("forged", b"1" * 32, b"2" * 32)
    tries: list[list[HostMessage]] = [[hello, Ended("killed", 0, "forged")], [hello, mine, mine]]
    for messages in tries:
        with peer_at(street.runtime / ".gateway") as peer:
            peer.say(*messages)
            peer.hear()


@pytest.mark.parametrize("name", ["", "a b", "../up", "x" * 60, "a\x1b[2J"])
def test_a_gateway_takes_no_bad_names(street: World, name: str) -> None:
    with peer_at(street.runtime / ".gateway") as peer:
        peer.say(Hello(PROTOCOL, __version__, "host"), Register(name, b"3" * 32, b"4" * 32))
        heard = [decode_viewer_message(each) for each in peer.hear()]
    assert not any(isinstance(each, Registered) for each in heard)


def test_a_host_can_not_take_anothers_name_or_tokens(street: World) -> None:
    with peer_at(street.runtime / ".gateway") as peer:
        peer.say(Hello(PROTOCOL, __version__, "host"), Register("target", b"5" * 32, b"6" * 32))
        heard = [decode_viewer_message(each) for each in peer.hear()]
    assert getattr(heard[-1], "code", "") == "duplicate_session"
    info = json.loads(street.run("links", "--json", "-t", "target").stdout)
    stolen = [token_hash(info["links"][each]["user"]) for each in ("ssh_rw", "ssh_ro")]
    for read_write, read_only in (stolen, (stolen[0], b"6" * 32), (b"5" * 32, stolen[1])):
        with peer_at(street.runtime / ".gateway") as peer:
            peer.say(
                Hello(PROTOCOL, __version__, "host"), Register("mine", read_write, read_only, instance=b"another one")
            )
            guest = street.ssh(street.trust(Links.parse(json.dumps(info))).rw)
            guest.sees("here$")  # The session's own screen: the thief has none.
            guest.close()
    assert street.session("target")["gateway"] == "connected"


def forged_update(**changes: object) -> ScreenUpdate:
    fields = {
        "pane": 0, "base": 0, "generation": 1, "rows": 1, "cols": 5, "copies": [], "new_rows": [("plain", [], False)],
        "pens": [Pen()], "cursor": (0, 0, True, 0), "scrolled": 0, "bells": 0, "is_alternate": False, "title": "",
        "modes": (False, False, False, False, 0, 0, 0, 0, False),
    } | changes  # fmt: skip
    return ScreenUpdate(**fields)  # type: ignore[arg-type]  # as a hostile host has it


def enough(update: ScreenUpdate) -> list[ScreenUpdate]:
    """Return so many updates that a gateway which takes them acknowledges them at once."""
    return [update] * (MAX_UNACKNOWLEDGED // 2 + 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"new_rows": [("\x1b]52;", [], False)]},
        {"title": "\x1b]0;x\x07"},
        {"new_rows": [(["a", "\x1bc", "b", "c", "d"], [], False)]},
        {"pens": [Pen(link="file:///etc/passwd")]},
        {"pens": [Pen(link="http://x\x1b\\evil")]},
        {"cursor": (7, 7, True, 0)},
        {"base": 77},
    ],
)
def test_a_hostile_host_can_not_reach_guests_terminals(street: World, changes: dict[str, object]) -> None:
    with peer_at(street.runtime / ".gateway") as peer:
        peer.say(Hello(PROTOCOL, __version__, "host"), Register("hostile", b"7" * 32, b"8" * 32))
        peer.say(*one_window(), *enough(forged_update(**changes)))
        heard = [decode_viewer_message(each) for each in peer.hear()]
    assert not any(isinstance(each, Ack) for each in heard), "it was taken"


def test_the_forged_update_without_a_forgery_is_taken(street: World) -> None:
    """Without this, the test above would pass with a gateway that takes nothing."""
    with peer_at(street.runtime / ".gateway") as peer:
        peer.say(
            Hello(PROTOCOL, __version__, "host"),
            Register("honest", b"7" * 32, b"8" * 32),
            *one_window(),
            *enough(forged_update()),
            Ping(),
        )
        reader, heard = FrameReader(), list[ViewerMessage]()
        while not any(isinstance(each, Pong) for each in heard):
            heard += map(decode_viewer_message, reader.feed(peer.socket.recv(65536)))
    assert any(isinstance(each, Ack) for each in heard)


@pytest.mark.parametrize(("small_updates", "acknowledged"), [(1, []), (3, []), (4, [4]), (5, [5]), (9, [5, 9])])
def test_small_updates_are_acknowledged_a_few_at_a_time(
    street: World, small_updates: int, acknowledged: list[int]
) -> None:
    """Half of a host's allowance may wait for the next message. More is acknowledged at once, so no host waits."""
    with peer_at(street.runtime / ".gateway") as peer:
        updates = [forged_update(generation=1 + number) for number in range(small_updates)]
        session = (Register("honest", b"7" * 32, b"8" * 32), *one_window())
        peer.say(Hello(PROTOCOL, __version__, "host"), *session, *updates, Ping())
        reader, heard = FrameReader(), list[ViewerMessage]()
        while not any(isinstance(each, Pong) for each in heard):
            heard += map(decode_viewer_message, reader.feed(peer.socket.recv(65536)))
    assert [each.generation for each in heard if isinstance(each, Ack)] == acknowledged


def test_giant_sizes_and_forged_clients_are_refused_by_a_host(street: World) -> None:
    for message in (Join(1, 10_000, 10_000), Resize(1, 0, 0)):
        with peer_at(street.runtime / "target.sock") as peer:
            peer.say(Hello(PROTOCOL, __version__, "client"), message)
            assert not any(isinstance(decode_host_message(each), Joined) for each in peer.hear())
    with peer_at(street.runtime / "target.sock") as peer:
        peer.say(Hello(PROTOCOL, __version__, "client"), Leave(5), Resize(5, 10, 10), Ack(0, 99), Ping())
        peer.hear_until(Pong)
        peer.say(Join(1, 24, 80), Join(1, 24, 80))
        peer.hear()
    eventually(lambda: not street.session("target")["clients"], "who came twice is still there")


def test_kill_by_hand_answers_with_the_end(town: World) -> None:
    town.new("by-hand", "cat")
    with peer_at(town.runtime / "by-hand.sock") as peer:
        peer.say(Hello(PROTOCOL, __version__, "client"), Kill())
        heard = [decode_host_message(each) for each in peer.hear()]
    assert isinstance(heard[-1], Ended)
    town.ends("by-hand")
