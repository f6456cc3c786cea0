"""A guest at another gateway sees windows, histories and the code window as a guest at the host's one does.

A real host's actor with an editor, real gateways without doors, a real bus, and guests with a real view, whose terminal
is a model of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pairterm.access.rate_limits import Share
from pairterm.access.tokens import Tokens, token_hash
from pairterm.access.user_names import UserName
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.session_link import SessionLink
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.link.codec import LinkMessage
from pairterm.link.messages import (
    Ack,
    AdmissionRules,
    Echo,
    Hello,
    HostMessage,
    InvitationWire,
    Register,
    Registered,
    ScreenUpdate,
    SessionInfo,
    ViewerMessage,
    ViewSettings,
)
from pairterm.terminal import Terminal
from pairterm.types import PaneId, Size
from pairterm.view import TerminalKind
from tests.integration.test_shared_code import End, Room
from tests.integration.two_gateways import OWNER, Gateway, eventually_true, service
from tests.unit.gateway.test_painted_guest import Screen

SIZE = Size(rows=12, cols=100)


class HostsLink(SessionLink):
    """The gateway's end of the link. It gives what it is told to a function."""

    def __init__(self, say: Callable[[ViewerMessage], object]) -> None:
        super().__init__(lambda payload: None, lambda error: None, is_near=True, max_waiting_bytes=1, share=None)
        self._say = say

    def send(self, *messages: LinkMessage) -> None:
        for each in messages:
            self._say(each)  # type: ignore[arg-type]  # A session says nothing else.

    def excuse(self, took_s: float) -> None: ...


class GatewayEnd(End):
    """The link of a real host's actor to its gateway: what either side says comes in the next turn of the loop."""

    def __init__(self, room: Room, gateway: Gateway, tokens: Tokens) -> None:
        self._loop = asyncio.get_running_loop()
        hashes = token_hash(tokens.read_write), token_hash(tokens.read_only)
        message = Register("ours", *hashes, instance=b"i", seal=tokens.seal)
        self.session, _ = gateway.state.directory.register(message, OWNER, now_ms=1)
        self.session.on_event = lambda event, fields: None
        super().__init__(room, is_local=False)
        self.say(Registered("localhost", 1, "ssh-ed25519 AAAA", "SHA256:" + 43 * "a", True, True))
        self._link = HostsLink(lambda message: self._loop.call_soon(self.say, message))
        self.session.connect(self._link, ViewSettings())
        links = [InvitationWire(hashes[0], "rw"), InvitationWire(hashes[1], "ro")]
        gateway.state.directory.admit(self.session, AdmissionRules(links, [], False))

    def hear(self, message: HostMessage) -> None:
        if not isinstance(message, Hello | ViewSettings | SessionInfo | AdmissionRules | Register):
            self._loop.call_soon(self._take, message)

    def _take(self, message: HostMessage) -> None:
        if isinstance(message, ScreenUpdate | Echo):
            self.session.update(message)
            self.say(Ack(message.pane, message.generation))
        else:
            self._link.take_for(self.session, message)  # type: ignore[arg-type]  # `hear` leaves the others out.


class Guest:
    """A guest who landed at a gateway, with a terminal."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        user = UserName.of(token)
        session = gateway.sessions.find(user)
        assert session is not None
        self._screen = Screen()
        self._screen.size = SIZE
        self._terminal = Terminal(SIZE)
        self._taken = 0
        self._painted = PaintedGuest(
            session,
            Credentials(token_hash=user.token_hash, address="192.0.2.1", user_name=user),
            gateway.state,
            terminal=self._screen,
            kind=TerminalKind.of("xterm-256color", lang="C.UTF-8"),
            share=Share(1e9, 1.0),
        )
        self._painted.ask_in("xterm-256color")

    def keys(self, *keys: bytes) -> None:
        for each in keys:
            self._painted.keys(each)

    def leave(self) -> None:
        self._painted.guest.leave()

    def text(self) -> str:
        """Return what the terminal shows."""
        shown = self._screen.shown
        self._terminal.feed(shown[self._taken :])
        self._taken = len(shown)
        return "\n".join("".join(row.cells).rstrip() for row in self._terminal.snapshot().rows)

    async def sees(self, text: str) -> None:
        try:
            await eventually_true(lambda: text in self.text(), "")
        except AssertionError:
            raise AssertionError(f"{text!r} is never shown:\n{self.text()}") from None


class Scene:
    """A session at its home, with a guest there and one at another gateway."""

    def __init__(self, room: Room, near: Guest, far: Guest) -> None:
        self.room, self.near, self.far = room, near, far

    def print(self, text: bytes) -> None:
        """The program in the first pane prints."""
        self.room.session.core.feed(PaneId(0), text, self.room.session.now_s)
        self.room.actor.publish()

    async def both_see(self, text: str) -> None:
        """Wait until both see a text, and the same picture."""
        for each in (self.near, self.far):
            await each.sees(text)
        await eventually_true(lambda: self.near.text() == self.far.text(), "")

    def keys(self, *keys: bytes) -> None:
        for each in (self.near, self.far):
            each.keys(*keys)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with service(tmp_path) as made:
        home, landing = await made.gateway(), await made.gateway()
        room = Room()
        tokens = room.session.tokens
        room.ends.append(GatewayEnd(room, home, tokens))
        await made.know(tokens.read_only)
        await landing.remote.bring(UserName.of(tokens.read_only))
        near, far = Guest(home, tokens.read_only), Guest(landing, tokens.read_only)
        scene = Scene(room, near, far)
        scene.print(b"hello")
        for each in (near, far):
            await each.sees("hello")
        yield scene
        for each in (near, far):
            each.leave()


async def test_a_guest_elsewhere_scrolls_back_to_the_first_line_and_searches(scene: Scene) -> None:
    scene.print(b"".join(b"\r\nline %d" % number for number in range(1, 301)))
    await scene.both_see("line 300")
    scene.keys(b"\x02[", b"g")
    await scene.both_see("hello")
    scene.keys(b"/line 150\r")
    await scene.both_see("line 150")
    scene.print(b"\r\nlater")
    assert "later" not in scene.far.text()
    scene.keys(b"q")
    await scene.both_see("later")


async def test_a_guest_elsewhere_sees_the_code_window_and_each_change(scene: Scene) -> None:
    editor = scene.room.editor()
    editor.open(1, "src/a.py", "one\ntwo")
    scene.room.settle()
    await scene.both_see("code")
    scene.keys(b"\x02n")
    await scene.both_see("two")
    editor.type(1, "one", "two", "three")
    scene.room.settle()
    await scene.both_see("three")
    editor.open(2, "b.py", "\n".join(f"row {number}" for number in range(200)))
    scene.room.settle()
    await scene.both_see("b.py")
    scene.room.lose(editor)
    scene.keys(b"\x02n")
    await scene.both_see("hello")


async def test_a_guest_elsewhere_goes_to_another_window_alone(scene: Scene) -> None:
    scene.room.editor().open(1, "a.py", "the text")
    scene.room.settle()
    await scene.both_see("code")
    scene.far.keys(b"\x02n")
    await scene.far.sees("the text")
    scene.print(b" and on")
    await scene.near.sees("hello and on")
    assert "hello" not in scene.far.text()
    scene.far.keys(b"\x02p")
    await scene.far.sees("hello and on")
