"""Laws 5 and 9 in a browser, for all recordings of real programs: what xterm.js makes of the websocket's bytes is the
frame, cell by cell, for a page that came early or late, is slow, smaller or larger.

The host's end, the gateway's session, its browser guests and their views are the real ones. xterm.js is the judge
(node), with the widths of the page. `tests/browser/test_recordings.py` shows the same in the real page: by day for two
recordings, at night for all.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pairterm import __version__
from pairterm.access.invitations import InvitationTable
from pairterm.access.name_claims import Claim
from pairterm.access.rate_limits import Share
from pairterm.access.tokens import new_tokens, token_hash
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.web.terminal import WebTerminal
from pairterm.gateway.web.web_guest import WebGuest
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Echo,
    Hello,
    HostMessage,
    Joined,
    LookAt,
    ScreenUpdate,
    ViewSettings,
    Windows,
)
from pairterm.session.core import SessionCore
from pairterm.session.session_admission import Admission
from pairterm.session.session_parts import SessionParts
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Size
from tests.browser.pictures import lacks
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.test_recordings import RECORDINGS, plain_clusters, session_frame, size_of
from tests.judge import judge_or_skip
from tests.laws.gateway.test_web_input import Socket, Transport
from tests.laws.link.test_resume import GatewayWire, HostEnd, HostWire, Link

PIECES = 8

_LOOK_S = 0.02
"""How often a page is looked at while it has not all of a frame."""


class PageTransport(Transport):
    """A connection that keeps the terminal output of each binary frame (RFC 6455 §5.2)."""

    def __init__(self) -> None:
        super().__init__()
        self.output = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        data = bytes(data)
        while data:
            first, size = data[0], data[1]
            begin = 2 if size < 126 else 4 if size == 126 else 10
            if size >= 126:
                size = int.from_bytes(data[2:begin], "big")
            if first == 0x82:
                self.output += data[begin : begin + size]
            data = data[begin + size :]


class OpenPage:
    """One page: a guest of the session, and the bytes for its terminal."""

    def __init__(self, session: HostedSession, token: str, size: Size) -> None:
        self.size = size
        self.transport = PageTransport()
        self.web = WebTerminal(Socket(), self.transport, size)
        self.guest = WebGuest(
            session,
            Credentials(token_hash=token_hash(token), address="203.0.113.7"),
            SimpleNamespace(bytes_in=0, bytes_out=0),
            terminal=self.web,
            share=Share(1e9, 1.0),
            has_status=False,
        )
        self.guest.ask_in("xterm-256color")
        self._mirror = Terminal(size)
        self._mirrored = 0

    def acknowledge(self, most: int = 1 << 30) -> None:
        """Say that the terminal has shown so much more of what came."""
        shown = self.web._acks._acknowledged_bytes
        assert self.web.acknowledged(min(len(self.transport.output), shown + most))

    def frame(self) -> Frame:
        """Return what a terminal of our own shows: only to know when the painting is complete."""
        self._mirror.feed(bytes(self.transport.output[self._mirrored :]))
        self._mirrored = len(self.transport.output)
        return plain_clusters(self._mirror.snapshot())

    def judged(self) -> Judged:
        verdict = judge_or_skip().show(bytes(self.transport.output), self.size, unicode="15-graphemes")
        return Judged(plain_clusters(verdict.frame))


class Judged:
    """What xterm.js shows."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def frame(self) -> Frame:
        return self._frame


class Stage(HostEnd):
    """A host, its link, and the session at a gateway."""

    def __init__(self, size: Size) -> None:
        self.tokens = new_tokens()
        self.core = SessionCore(SessionParts(Admission(InvitationTable(self.tokens)), name="s"), size=size)
        self.typed = []
        self.now_s = 0.0
        effects, _ = self.core.owner_command(f"set size-policy fixed {size.cols}x{size.rows}", 0.0)
        assert self.core.size == size, effects
        self.link = Link()
        self.peer = Peer(1, self, HostWire(self.link), is_local=False)
        self.peer.receive(encode(Hello(PROTOCOL, __version__, "gateway")))
        self.session = HostedSession("s", HostOwner("key x", 9, None, True), {}, Claim("key x", b"i", 1), "")
        self.session.connect(GatewayWire(self.link), ViewSettings())

    def open(self, size: Size) -> OpenPage:
        self.now_s += 100.0  # Guests may not join too often.
        page = OpenPage(self.session, self.tokens.read_only, size)
        self.deliver()
        return page

    def print(self, data: bytes) -> None:
        self.core.feed(PaneId(0), data, self.now_s)
        self.core.tick(self.now_s + 1.0)  # A picture that a program holds back in the middle of a drawing.
        self.deliver()

    def deliver(self) -> None:
        """Take all that is under way."""
        self.publish()
        while self.link.to_gateway or self.link.to_host:
            while self.link.to_host:
                assert self.peer is not None
                self.peer.receive(encode(self.link.to_host.pop(0)))
            while self.link.to_gateway:
                self._take(self.link.to_gateway.pop(0))
            self.publish()

    def _take(self, message: HostMessage) -> None:
        match message:
            case ScreenUpdate() | Echo():
                self.session.update(message)
                self.link.to_host.append(Ack(message.pane, message.generation))
            case Windows() | LookAt():
                self.session.take_windows(message)
            case Joined():
                self.session.take_for_guest(message)
            case _:
                pass


async def completes(page: OpenPage, frame: Frame, step_bytes: int = 1 << 30) -> None:
    """Wait until the page has the frame, as far as a terminal of our own can tell."""
    async with asyncio.timeout(DEADLINE_S):
        while lacks(page, frame):
            page.acknowledge(step_bytes)
            await asyncio.sleep(_LOOK_S)


@pytest.mark.parametrize("size", ["80x24", "200x50"])
async def test_the_bytes_of_the_websocket_are_the_frame_in_xterm_js(size: str) -> None:
    """The recordings are played at the same time, because each waits for a message to go from the smaller page."""
    await asyncio.gather(*(plays(each, each.read_bytes()) for each in RECORDINGS if each.stem.endswith(size)))


async def plays(recording: Path, data: bytes) -> None:
    """Play a recording to five pages, and hold each against the frame."""
    size = size_of(recording)
    stage = Stage(size)
    pages = {
        "early": stage.open(size),
        "slow": stage.open(size),
        "smaller": stage.open(Size(rows=max(4, size.rows - 9), cols=size.cols - 17)),
        "larger": stage.open(Size(rows=size.rows + 9, cols=size.cols + 17)),
    }
    for number in range(PIECES):
        stage.print(data[len(data) * number // PIECES : len(data) * (number + 1) // PIECES])
        frame = plain_clusters(stage.core.frame())
        for kind in ("early", "smaller", "larger"):  # The slow one has not shown what it has.
            await completes(pages[kind], frame)
    assert not lacks(Judged(frame), plain_clusters(session_frame(data, size)))
    pages["late"] = stage.open(size)
    for kind, page in pages.items():
        await completes(page, frame, step_bytes=512 if kind == "slow" else 1 << 30)
        assert not lacks(page.judged(), frame), f"{recording.stem}: {kind}"
    assert len(pages["slow"].transport.output) <= len(pages["early"].transport.output), "it was painted what it missed"
    for page in pages.values():
        page.guest.guest.leave()
        page.web.stop()


def test_a_frame_with_another_cell_is_not_the_same() -> None:
    """The comparison itself can fail."""
    size = Size(rows=2, cols=4)
    frame = session_frame(b"ab", size)
    row = replace(frame.rows[0], cells=("a", "c", " ", " "))
    other = replace(frame, rows=(row, *frame.rows[1:]))
    assert not lacks(Judged(frame), frame)
    assert lacks(Judged(other), frame)
