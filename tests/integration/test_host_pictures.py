"""Which pictures a host sends when: large ones in parts, and those for the recorder after everybody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pairterm import __version__
from pairterm.gateway.guest import Credentials
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Echo,
    Hello,
    HostMessage,
    Input,
    LookAt,
    Record,
    RecordEvent,
    ScreenUpdate,
    Windows,
)
from pairterm.link.relay import SELF
from pairterm.link.screen_publisher import MAX_UNACKNOWLEDGED
from pairterm.recorder.watcher import Watcher
from pairterm.session.effects import Closed
from pairterm.terminal.frame import Frame, Row
from pairterm.types import ClientId, PaneId, Role, Size
from tests.integration.test_pause import SIZE, Link
from tests.unit.gateway.guests import SilentGuest

PANE = PaneId(0)
DEADLINE_S = 30.0


class Recorder:
    """A recorder at the host's own socket: what it is sent, and how often it acknowledges."""

    waiting_bytes = 0

    def __init__(self, link: Link, number: int = 0) -> None:
        self.watcher = Watcher()
        self.events: list[RecordEvent] = []
        self.pictures = 0
        self.acknowledgements = 0
        self._heard = asyncio.Event()
        self._peer: Peer = link.actor.add_peer(self, is_local=True)
        self._peer.receive(encode(Hello(PROTOCOL, __version__, "client")))
        self._peer.receive(encode(Record(SELF, number)))

    def send(self, message: HostMessage) -> None:
        """Take what the host says, over the wire."""
        received = decode_host_message(encode(message))
        if isinstance(received, Windows | LookAt | ScreenUpdate | Echo):
            self.watcher.take_screen(received, 0.0)
            self.pictures += isinstance(received, ScreenUpdate | Echo)
        elif isinstance(received, RecordEvent):
            self.events.append(received)
            self.watcher.happened(received, 0.0)
        self._heard.set()

    async def sees(self, is_so: Callable[[], bool]) -> None:
        """Wait for something, and acknowledge what has come, as the recorder's process does."""
        async with asyncio.timeout(DEADLINE_S):
            self._acknowledge()
            while not is_so():
                self._heard.clear()
                await self._heard.wait()
                self._acknowledge()

    def _acknowledge(self) -> None:
        for pane, generation in self.watcher.acknowledgements():
            self.acknowledgements += 1
            self._peer.receive(encode(Ack(pane, generation)))

    def text(self) -> str:
        return "\n".join(row.text for row in self.rows())

    def rows(self) -> tuple[Row, ...]:
        return self.watcher.frame.rows if self.watcher.frame is not None else ()

    def answer_ping(self) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
async def link() -> Link:
    return Link()


def _print(link: Link, data: bytes) -> None:
    link.actor._carry_out(link.session.core.feed(PANE, data, asyncio.get_running_loop().time()))


def _look(rows: tuple[Row, ...]) -> list[object]:
    return [(row.cells, row.pens) for row in rows]


def _colourful(size: Size) -> bytes:
    cells = range(size.rows * size.cols)
    return b"\x1b[H" + b"".join(b"\x1b[38;2;%d;%d;7mX" % (each % 256, each // 256) for each in cells)


async def test_the_recorder_gets_its_pictures_after_the_guests_and_many_as_one(link: Link) -> None:
    """It got each echo in the moment of the guest's, and woke the host up with an acknowledgement of each."""
    link.come()
    recorder = Recorder(link)
    _print(link, b"$ ")
    await recorder.sees(lambda: "$" in recorder.text())
    echoes, pictures = len(link.updates), recorder.pictures
    for letter in b"abcdef":
        _print(link, bytes([letter]))
    assert len(link.updates) == echoes + 6
    assert recorder.pictures == pictures, "the recorder got a picture before its turn"
    await recorder.sees(lambda: "$ abcdef" in recorder.text())
    assert recorder.pictures == pictures + 1


async def test_a_recorder_acknowledges_rarely_and_is_never_held_up(link: Link) -> None:
    recorder = Recorder(link)
    _print(link, b"begin ")
    await recorder.sees(lambda: "begin" in recorder.text())
    recorder.acknowledgements = 0
    for number in range(3 * MAX_UNACKNOWLEDGED):
        _print(link, b"\r%03d" % number)
        await recorder.sees(lambda number=number: f"{number:03}" in recorder.text())  # type: ignore[misc]
    assert 0 < recorder.acknowledgements <= 3 * 2


async def test_a_large_picture_arrives_whole(link: Link) -> None:
    """Only its first part came, until the program printed again: a third of an image in a large terminal."""
    guest = link.come()
    recorder = Recorder(link)
    size = Size(rows=60, cols=200)
    assert link.actor.owner_command("set size-policy fixed 200x60") == ("size-policy fixed 200x60", False)
    _print(link, _colourful(size))
    wanted = _look(_newest(link).rows)
    await recorder.sees(lambda: _look(recorder.rows()) == wanted)
    assert len(link.updates) > 3, "the picture was too small for parts"
    assert _look(guest.shown[-1].rows) == wanted


async def test_the_last_picture_of_a_session_is_whole(link: Link) -> None:
    guest = link.come()
    assert link.actor.owner_command("set size-policy fixed 200x60") == ("size-policy fixed 200x60", False)
    link.acknowledges = False
    link.session.core.feed(PANE, _colourful(Size(rows=60, cols=200)), 0.0)
    wanted = _look(_newest(link).rows)
    link.actor._carry_out([Closed("ended", 0, "")])
    assert _look(guest.shown[-1].rows) == wanted


def _newest(link: Link) -> Frame:
    sight = link.session.core.visible.pane(PANE, (ClientId(""),))
    assert sight is not None
    return sight.frame()


class _Started:
    """A recorder that is started, in the place of its process."""

    def __init__(self, session: str, path: object, number: int, on_end: object, *, keeps_log: bool) -> None:
        self.number, self.pid, self.started_s = number, 0, 0.0
        self.peer: Peer | None = None

    def send(self, event: RecordEvent) -> None:
        if self.peer is not None:
            self.peer.send(event)


async def test_what_was_typed_for_one_recording_is_not_in_the_next(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for a recorder that has only been started. If that one is stopped, the next one must not get it."""
    monkeypatch.setattr("pairterm.host.recording.RecorderProcess", _Started)
    recording = link.actor.recording
    monkeypatch.setattr(recording, "_echoes", lambda written: True)
    assert not link.actor.owner_command("record on --input /one.cast")[1]
    guest = SilentGuest(link.hosted, Credentials(token_hash=link.tokens[Role.READ_WRITE], address="::1"))
    guest.guest.ask_in(SIZE, term="x")
    assert guest.guest.number is not None
    link.send(Input(guest.guest.number, b"canary"))
    assert [data for _, data in recording._typed] == [b"canary"]
    assert not link.actor.owner_command("record off")[1]
    assert not link.actor.owner_command("record on /two.cast")[1]
    recorder = Recorder(link, 2)
    _print(link, b"shown")
    await recorder.sees(lambda: "shown" in recorder.text())
    assert [each for each in recorder.events if each.kind == "typed-text"] == []


async def test_nothing_of_a_held_recording_is_in_the_file_when_it_goes_on(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture from before it went on was recorded, if the next one had not come yet."""
    monkeypatch.setattr("pairterm.host.recording.RecorderProcess", _Started)
    assert not link.actor.owner_command("record on /nowhere.cast")[1]
    recorder = Recorder(link, 1)
    _print(link, b"before ")
    await recorder.sees(lambda: "before" in recorder.text())
    link.actor.owner_command("record pause")
    _print(link, b"\r\ncanary")
    await recorder.sees(lambda: any("canary" in row.text for row in recorder.rows()))
    _print(link, b"\x1b[2J\x1b[Hafter")
    link.actor.owner_command("record resume")
    assert [each.kind for each in recorder.events] == ["hold", "go-on"]
    assert recorder.rows() == (), "a picture of the pause of the recording is shown"
    await recorder.sees(lambda: "after" in recorder.text())
    assert "canary" not in recorder.text()
