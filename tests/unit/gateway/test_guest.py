"""A guest of the gateway, without a connection: its gate, its keys before it is in, its vote, its measuring, its end.

The host has a gate of its own (tests/unit/session); here it takes all, so nothing
but the gateway can hold a byte back. Law 6: a read-only client's bytes never reach
the pty, whatever they are, and whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pairterm.access.rate_limits import Share
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.input_gate import AWAY
from pairterm.link.messages import (
    FetchHistory,
    Join,
    Joined,
    JoinPending,
    Resize,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ShowText,
    ViewerMessage,
)
from pairterm.types import Attendance, PaneId, Role, Size
from tests.unit.gateway.guests import FakeClock, SilentGuest

CREDENTIALS = Credentials(token_hash=b"h" * 32, address="203.0.113.7")
SIZE = Size(rows=24, cols=80)


class Host:
    """A session whose host takes whatever it is sent."""

    name = "ours"
    waiting_bytes = 0
    away_since_s: float | None = None
    attendance = Attendance()

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.sent: list[ViewerMessage] = []
        self.left: list[tuple[int, bool]] = []

    def add(self, guest: Guest) -> int:
        return 1

    def remove(self, number: int, *, is_lost: bool) -> None:
        self.left.append((number, is_lost))

    def input(self, number: int, data: bytes) -> None:
        self.got.append(data)

    def send(self, message: ViewerMessage) -> None:
        self.sent.append(message)

    def is_back(self, number: int) -> bool:
        return False

    @property
    def said(self) -> list[str]:
        return [each.line for each in self.sent if isinstance(each, RunCommand)]


class Shown(SilentGuest):
    """A guest's presentation: what it was asked to show."""

    def __init__(self, host: Host, *, clock: FakeClock | None = None, share: Share | None = None) -> None:
        super().__init__(host, CREDENTIALS, clock=clock, share=share)
        self.typed: list[bytes] = []
        self.said: list[str] = []
        self.ends: list[str] = []
        self.has_stopped = False
        self.is_aborted = False
        self.round_trip: int | None = None

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        self.typed.append(typed)

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        self.said.append(text)

    def hold(self, text: str) -> None:
        self.said.append(text)

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        self.ends.append(line)

    def stop(self) -> None:
        self.has_stopped = True

    def abort(self) -> None:
        self.is_aborted = True

    def round_trip_ms(self) -> int | None:
        return self.round_trip

    def types_waiting(self, *keys: bytes) -> str:
        echoed: list[str] = []
        for data in keys:
            self.guest.type_waiting(data, echoed.append)
        return "".join(echoed)


def guest_of(host: Host) -> Shown:
    """Return a guest who has asked to be let in."""
    shown = Shown(host)
    shown.guest.ask_in(SIZE, term="xterm")
    return shown


def writer_of(host: Host) -> Shown:
    """Return a guest who is in and may type."""
    shown = guest_of(host)
    shown.guest.take(Joined(1, "rw"))
    return shown


@pytest.mark.parametrize(("role", "may_type"), [("ro", False), ("ro", True), ("rw", False)])
def test_a_closed_gate_lets_no_byte_through(role: str, may_type: bool) -> None:
    host = Host()
    guest = writer_of(host).guest
    guest.type(b"before")
    guest.take(RoleChanged(1, role, may_type))  # type: ignore[arg-type]  # one of the role's names
    guest.type(b"after")
    assert b"".join(host.got) == b"before"
    guest.take(RoleChanged(1, "rw", True))
    guest.type(b"again")
    assert b"".join(host.got) == b"beforeagain"


def test_a_guest_who_was_not_let_in_yet_sends_nothing() -> None:
    host = Host()
    shown = guest_of(host)
    shown.guest.type(b"early")
    shown.guest.take(RoleChanged(1, "rw", True))
    shown.guest.type(b"a role alone is no entry")
    assert host.got == []


def test_a_guest_who_is_made_to_wait_again_sends_nothing() -> None:
    """After the host was away, it may ask its owner about the guest once more."""
    host = Host()
    guest = writer_of(host).guest
    guest.take(JoinPending(1, "waiting"))
    guest.type(b"lost")
    assert host.got == []
    guest.take(Joined(1, "rw"))
    guest.type(b"kept")
    assert host.got == [b"kept"]


def test_a_guest_who_has_left_sends_nothing() -> None:
    host = Host()
    guest = writer_of(host).guest
    guest.leave()
    host.sent.clear()
    guest.type(b"late")
    guest.command("who")
    guest.resize(SIZE)
    guest.fetch_history(0, 9, None, PaneId(0))
    assert host.got == []
    assert host.sent == []


def test_what_is_typed_while_the_host_is_away_is_not_kept_for_it() -> None:
    host = Host()
    shown = writer_of(host)
    host.away_since_s = 990.0
    shown.guest.type(b"lost")
    host.away_since_s = None
    shown.guest.type(b"kept")
    assert host.got == [b"kept"]
    assert shown.said == [AWAY]


def test_keys_typed_before_the_guest_is_in_reach_the_session_once() -> None:
    shown = guest_of(Host())
    assert shown.types_waiting(b"ls", b"\r") == ""
    shown.guest.take(Joined(1, "rw"))
    shown.guest.take(Joined(1, "rw"))
    assert shown.typed == [b"ls\r", b""]


def test_of_keys_typed_before_the_guest_is_in_one_message_is_kept() -> None:
    shown = guest_of(Host())
    shown.types_waiting(b"a" * 65_530, b"b" * 100, b"c")
    shown.guest.take(Joined(1, "rw"))
    assert shown.typed == [b"a" * 65_530 + b"b" * 6]


def test_what_was_typed_before_the_guest_has_to_wait_is_forgotten() -> None:
    """Keys typed ahead are kept for a guest who is let in at once; one who has to wait meant them for no session."""
    shown = guest_of(Host())
    shown.types_waiting(b"rm -rf x\r")
    shown.guest.take(JoinPending(1, "waiting"))
    shown.types_waiting(b"more\r")
    shown.guest.take(Joined(1, "rw"))
    assert shown.typed == [b""]
    assert shown.said == ["waiting"]


def test_what_a_waiting_guest_types_is_a_name() -> None:
    host = Host()
    shown = guest_of(host)
    shown.guest.take(JoinPending(1, "waiting"))
    assert shown.types_waiting(b"q", b"uin", b"n x\x7f\x7f", b"\r") == "quinn x\b \b\b \b\r\n"
    assert host.said == ["name quinn"]
    shown.guest.take(ShowText(1, "you knock as quinn"))
    assert shown.said[-1] == "you knock as quinn"
    assert host.got == []


def test_a_waiting_guest_leaves_by_ctrl_c() -> None:
    host = Host()
    shown = guest_of(host)
    shown.guest.take(JoinPending(1, "waiting"))
    shown.types_waiting(b"\x03")
    assert shown.ends == ["[left]"]
    assert host.left == [(1, False)]


def test_the_request_has_the_newest_size_and_ticket() -> None:
    """With it the guest is brought in again when the host is back."""
    host = Host()
    guest = guest_of(host).guest
    first = guest.request
    guest.take(Joined(1, "rw", ticket=b"t" * 16))
    guest.take(Joined(1, "rw"))
    guest.resize(Size(rows=10, cols=20))
    assert host.sent[-1] == Resize(1, 10, 20)
    assert (first.ticket, guest.request.ticket) == (b"", b"t" * 16)
    assert (guest.request.rows, guest.request.cols) == (10, 20)
    assert isinstance(host.sent[0], Join)


def test_a_guest_leaves_once() -> None:
    host = Host()
    shown = writer_of(host)
    shown.guest.end("[killed]", 0)
    shown.guest.end("[again]", 0)
    shown.guest.leave()
    assert shown.ends == ["[killed]"]
    assert host.left == [(1, False)]
    assert shown.has_stopped


def test_a_guest_whose_program_keeps_a_ticket_is_lost_and_may_return() -> None:
    host = Host()
    shown = writer_of(host)
    shown.keeps_ticket = True
    shown.guest.leave()
    assert host.left == [(1, True)]


def test_a_failure_of_ours_drops_this_guest_only(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Shown):
        def tell(
            self,
            text: str,
            title: str = "",
            items: Sequence[str] = (),
            *,
            starts_at_end: bool = False,
            said_by: str = "",
        ) -> None:
            raise RuntimeError("broken")

    host = Host()
    shown = Broken(host)
    shown.guest.ask_in(SIZE, term="xterm")
    shown.guest.take(ShowText(1, "x"))
    assert shown.is_aborted
    assert host.left == [(1, False)]
    assert "made us fail" in caplog.text


def test_the_round_trip_is_measured_while_something_is_sent() -> None:
    host, clock = Host(), FakeClock()
    shown = Shown(host, clock=clock)
    shown.guest.ask_in(SIZE, term="xterm")
    shown.round_trip = 17
    shown.guest.take(Joined(1, "rw"))
    assert host.sent[-1] == RoundTrip(1, 17)
    host.sent.clear()
    assert clock.planned == 0, "an idle guest wakes nobody"
    for _ in range(3):
        shown.guest.sent(100)
    assert clock.planned == 1
    clock.pass_s(15)
    assert host.sent == [RoundTrip(1, 17)]
    host.waiting_bytes = 1
    shown.guest.sent(100)
    clock.pass_s(15)
    assert len(host.sent) == 1, "a host that does not read is not told"
    shown.guest.sent(100)
    shown.guest.leave()
    assert clock.planned == 0
    assert shown.traffic.bytes_out == 500


def test_history_waits_until_the_guest_may_take_time_again_and_the_newest_request_counts() -> None:
    host, clock = Host(), FakeClock()
    shown = Shown(host, clock=clock, share=Share(0.1, 0.1))
    shown.guest.ask_in(SIZE, term="xterm")
    shown.guest.take(Joined(1, "ro"))
    shown.guest.charge(1.0)
    host.sent.clear()
    shown.guest.fetch_history(0, 9, None, PaneId(0))
    shown.guest.fetch_history(9, 18, None, PaneId(0))
    assert host.sent == []
    clock.pass_s(100)
    assert host.sent == [FetchHistory(1, 0, 9, 18, None)]
