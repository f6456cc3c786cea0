"""A pause, from the host's core to the gateway's guests: it waits for nothing, and newcomers see no older picture."""

from __future__ import annotations

import pytest

from pairterm.access.name_claims import Claim
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.host.actor import HostActor
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Echo,
    Hello,
    HostMessage,
    Joined,
    LookAt,
    PictureChange,
    Registered,
    RoleChanged,
    ScreenUpdate,
    ViewerMessage,
    ViewSettings,
    Windows,
)
from pairterm.link.screen_publisher import MAX_UNACKNOWLEDGED
from pairterm.link.session_replica import Picture
from pairterm.picture_allowance import Pace
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Role, Size
from tests.unit.gateway.guests import SilentGuest
from tests.unit.session.sessions import Session

SIZE = Size(rows=24, cols=80)


class Watcher(SilentGuest):
    """A guest of the gateway, and all that it is shown."""

    def __init__(self, hosted: HostedSession, credentials: Credentials) -> None:
        super().__init__(hosted, credentials)
        self._hosted = hosted
        self.shown: list[Frame] = []

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        self.show_windows()

    def show(self, picture: Picture) -> None:
        self.shown.append(picture.frame)

    def show_windows(self) -> None:
        number = self.guest.number
        picture = self._hosted.picture(number) if number is not None else None
        if picture is not None:
            self.show(picture)

    def sees(self, text: str) -> bool:
        return any(text in row.text for frame in self.shown for row in frame.rows)


class Link:
    """Both ends of a host's link in one process; the gateway acknowledges as long as it is told to."""

    waiting_bytes = 0

    def __init__(self) -> None:
        self.session = Session()
        self.actor = HostActor(self.session.core, command="x", settings=ViewSettings())
        self.tokens = {each.role: each.token_hash for each in self.session.parts.admission.invitations.all()}
        roles = {token: role for role, token in self.tokens.items()}
        owner = HostOwner("uid 1", 1, None, may_be_away=False)
        self.hosted = HostedSession("s", owner, roles, Claim("uid 1", b"i", 1), "")
        self.acknowledges = True
        self.updates: list[PictureChange] = []
        self.peer = self.actor.add_peer(_HostsEnd(self), is_local=False, on_gateway=lambda message: None)
        self.send(Hello(PROTOCOL, "1", "gateway"))
        self.send(Registered("localhost", 1, "ssh-ed25519 AAAA", "SHA256:" + 43 * "a", True, True))
        self.hosted.connect(self, ViewSettings())

    def send(self, message: ViewerMessage) -> None:
        """Take what the gateway says."""
        self.peer.receive(encode(message))

    def close(self) -> None: ...
    def excuse(self, took_s: float) -> None: ...

    def hear(self, message: HostMessage) -> None:
        """Take what the host says, over the wire."""
        received = decode_host_message(encode(message))
        if isinstance(received, ScreenUpdate | Echo):
            self.updates.append(received)
            self.hosted.update(received)
            if self.acknowledges:
                self.send(Ack(received.pane, received.generation))
        elif isinstance(received, Windows | LookAt):
            self.hosted.take_windows(received)
        elif isinstance(received, Joined | RoleChanged):
            self.hosted.take_for_guest(received)

    def come(self) -> Watcher:
        watcher = Watcher(self.hosted, Credentials(token_hash=self.tokens[Role.READ_ONLY], address="::1"))
        watcher.guest.ask_in(SIZE, term="x")
        return watcher

    def print(self, data: bytes) -> None:
        """Have the program print, and the host send what it may send now."""
        self.session.core.feed(PaneId(0), data, 0.0)
        self.peer.shown._paces = {pane: Pace() for pane in self.peer.panes}
        self.actor.publish()

    def pause(self) -> None:
        text, is_error = self.actor.owner_command("pause on")
        assert not is_error, text


class _HostsEnd:
    waiting_bytes = 0

    def __init__(self, link: Link) -> None:
        self._link = link

    def send(self, message: HostMessage) -> None:
        self._link.hear(message)

    def answer_ping(self) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
async def link() -> Link:
    return Link()


async def test_a_pause_waits_for_no_acknowledgement_and_no_pace(link: Link) -> None:
    guest = link.come()
    link.acknowledges = False
    for number in range(2 * MAX_UNACKNOWLEDGED):
        link.print(b"line %d\r\n" % number)
    assert len(link.updates) <= MAX_UNACKNOWLEDGED + 1
    link.pause()
    assert guest.shown[-1].is_hidden
    link.print(b"secret")
    assert guest.shown[-1].is_hidden
    assert not guest.sees("secret")


async def test_a_pause_does_not_wait_for_a_program_that_holds_its_picture_back(link: Link) -> None:
    guest = link.come()
    link.print(b"\x1b[?2026h half a picture")
    link.pause()
    assert guest.shown[-1].is_hidden


async def test_who_comes_in_a_pause_is_shown_no_picture_from_before_it(link: Link) -> None:
    """The gateway kept the picture that its last guest had seen, and showed it to the next one for a moment."""
    first = link.come()
    link.print(b"secret")
    assert first.sees("secret")
    first.guest.leave()
    link.pause()
    second = link.come()
    assert second.shown
    assert all(frame.is_hidden for frame in second.shown)
    assert not second.sees("secret")


async def test_who_comes_to_others_is_shown_the_picture_at_once(link: Link) -> None:
    link.come()
    link.print(b"for all")
    guest = link.come()
    assert guest.sees("for all")
