"""A painted guest, with a terminal that keeps what is written to it."""

from __future__ import annotations

import msgspec
import pytest

from pairterm.access.name_claims import Claim
from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.link.messages import (
    History,
    Input,
    Join,
    Joined,
    JoinPending,
    Leave,
    Resize,
    RunCommand,
    ShowText,
    ViewSettings,
)
from pairterm.types import Size
from pairterm.view import TerminalKind
from tests.laws.link.forging import forged
from tests.unit.gateway.guests import HostWire

CREDENTIALS = Credentials(token_hash=b"h" * 32, address="203.0.113.7")


class Screen:
    """A terminal at the other end of a connection."""

    def __init__(self) -> None:
        self.size = Size(rows=24, cols=80)
        self.shown = b""
        self.errors: list[str] = []
        self.statuses: list[int] = []
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        self.shown += data

    def write_error(self, line: str) -> None:
        self.errors.append(line)

    def held_bytes(self) -> int | None:
        return 0

    def round_trip_ms(self) -> int | None:
        return None

    def close(self, status: int) -> None:
        self.statuses.append(status)

    def abort(self) -> None:
        self.is_aborted = True


class Traffic:
    bytes_in = 0
    bytes_out = 0


class Stage:
    """A session of a gateway, its host's link, and one painted guest who has asked to be let in."""

    def __init__(self) -> None:
        self.wire = HostWire()
        self.session = HostedSession(
            "ours", HostOwner("uid 1", 1, None, may_be_away=True), {}, Claim("uid 1", b"i", 1), ""
        )
        self.session.connect(self.wire, ViewSettings())
        self.screen = Screen()
        self.traffic = Traffic()
        self.painted = PaintedGuest(
            self.session,
            CREDENTIALS,
            self.traffic,
            terminal=self.screen,
            kind=TerminalKind.of("xterm", lang="C.UTF-8"),
            share=Share(1e9, 1.0),
        )
        self.painted.ask_in("xterm")

    def typed(self) -> list[bytes]:
        return [each.data for each in self.wire.sent if isinstance(each, Input)]


async def test_a_guest_who_has_to_wait_reads_for_what_and_is_asked_for_a_name() -> None:
    stage = Stage()
    stage.session.take_for_guest(JoinPending(1, "waiting"))
    assert stage.screen.shown == b"pairterm: waiting\r\nyour name, for the owner to see: "
    for data in (b"quin", b"n\r"):
        stage.painted.keys(data)
    assert stage.screen.shown.endswith(b"see: quinn\r\n")
    assert stage.wire.sent[-1] == RunCommand(1, "name quinn")
    stage.session.take_for_guest(ShowText(1, "you knock as quinn"))
    assert stage.screen.shown.endswith(b"pairterm: you knock as quinn\r\n")
    assert stage.typed() == []


async def test_a_text_before_any_answer_of_the_host_is_not_shown() -> None:
    stage = Stage()
    stage.session.take_for_guest(ShowText(1, "x"))
    assert stage.screen.shown == b""


async def test_keys_typed_ahead_and_later_ones_reach_the_host_in_order() -> None:
    stage = Stage()
    stage.painted.keys(b"ahead")
    assert stage.typed() == []
    stage.session.take_for_guest(Joined(1, "rw"))
    stage.painted.keys(b"now")
    assert b"".join(stage.typed()) == b"aheadnow"
    assert stage.traffic.bytes_in == 8
    assert stage.traffic.bytes_out == len(stage.screen.shown) > 0
    stage.painted.guest.leave()


async def test_a_watchers_keys_reach_no_host() -> None:
    """Law 6: a read-only client's bytes never reach the pty, whatever they are, and whoever asks."""
    stage = Stage()
    stage.session.take_for_guest(Joined(1, "ro"))
    for byte in range(256):
        stage.painted.keys(bytes([byte]))
    assert stage.typed() == []
    stage.painted.guest.leave()


async def test_a_new_size_is_the_guests_vote() -> None:
    stage = Stage()
    stage.session.take_for_guest(Joined(1, "ro"))
    stage.screen.size = Size(rows=10, cols=40)
    stage.painted.resized()
    assert stage.wire.sent[-1] == Resize(1, 9, 40)  # The last row is the status line.
    stage.painted.guest.leave()


async def test_a_guest_in_a_hosts_absence_reads_that_it_is_away() -> None:
    stage = Stage()
    stage.session.disconnect(1.0)
    assert stage.screen.errors == ["pairterm: the host of ours is away; waiting"]
    stage.session.connect(stage.wire, ViewSettings())
    asked = [each for each in stage.wire.sent if isinstance(each, Join)]
    assert asked == [asked[0]] * 2


async def test_the_end_of_the_session_is_the_last_line() -> None:
    stage = Stage()
    stage.session.take_for_guest(Joined(1, "ro"))
    stage.session.end_guests("[ours: ended]", 0)
    assert stage.screen.shown.endswith(b"[ours: ended]\r\n")
    assert stage.screen.statuses == [0]
    assert not [each for each in stage.wire.sent if isinstance(each, Leave)], "the host ended it itself"


async def test_detaching_tells_the_host() -> None:
    stage = Stage()
    stage.session.take_for_guest(Joined(1, "ro"))
    stage.painted.keys(b"\x02d")
    assert b"[detached from ours]" in stage.screen.shown
    assert stage.wire.sent[-1] == Leave(1, is_lost=False)


async def test_a_bad_line_of_history_is_the_hosts_fault_and_drops_no_guest() -> None:
    stage = Stage()
    stage.session.take_for_guest(Joined(1, "ro"))
    forgery = msgspec.structs.replace(forged(History, "rows[](0)|0", "\x1b]52;c;aGk=\a"), client=1)
    with pytest.raises(PeerError):
        stage.session.take_for_guest(forgery)
    assert stage.session.guest_count == 1
    assert not stage.screen.is_aborted
    stage.painted.guest.leave()


async def test_a_refusal_does_not_stand_behind_the_prompt_for_a_name() -> None:
    """A guest who had given no name read: your name, for the owner to see: pairterm: the owner does not let you in."""
    stage = Stage()
    stage.session.take_for_guest(JoinPending(1, "waiting"))
    stage.painted.keys(b"qu")
    stage.painted.end("pairterm: declined", 1, may_return=False)
    assert stage.screen.shown.endswith(b"see: qu\r\n")
    assert stage.screen.errors == ["pairterm: declined"]


async def test_a_refusal_after_a_name_leaves_no_empty_line() -> None:
    stage = Stage()
    stage.session.take_for_guest(JoinPending(1, "waiting"))
    stage.painted.keys(b"quinn\r")
    stage.session.take_for_guest(ShowText(1, "you knock as quinn"))
    stage.painted.end("pairterm: declined", 1, may_return=False)
    assert stage.screen.shown.endswith(b"you knock as quinn\r\n")
    assert not stage.screen.shown.endswith(b"\r\n\r\n")
