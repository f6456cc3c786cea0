"""The gateway's gate alone: a guest whose role or gate was closed sends its host nothing, whatever the host would do.

The host has a gate of its own (tests/unit/session); here it takes all, so nothing
but the gateway can hold a byte back. Law 6: a read-only client's bytes never reach
the pty, whatever they are, and whoever asks.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pairterm.gateway.hosts.hosted_session import Credentials, HostedSession
from pairterm.gateway.ssh.guest_channel import GuestChannel
from pairterm.types import Role


class Host:
    """A session whose host takes whatever it is sent."""

    name = "ours"
    waiting_bytes = 0
    away_since_s: float | None = None

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.said: list[str] = []

    def input(self, number: int, data: bytes) -> None:
        self.got.append(data)

    def say(self, number: int, line: str) -> None:
        self.said.append(line)

    def leave(self, number: int) -> None:
        pass


def guest_of(host: Host) -> GuestChannel:
    credentials = Credentials(token_hash=b"h" * 32, address="203.0.113.7")
    guest = GuestChannel(cast(HostedSession, host), credentials, SimpleNamespace(bytes_in=0, bytes_out=0))
    guest._number = 1
    guest._loop = cast(Any, SimpleNamespace(time=lambda: 1000.0))
    return guest


@pytest.mark.parametrize(
    ("role", "may_type"), [(Role.READ_ONLY, False), (Role.READ_ONLY, True), (Role.READ_WRITE, False)]
)
async def test_a_closed_gate_lets_no_byte_through(role: Role, may_type: bool) -> None:
    host = Host()
    guest = guest_of(host)
    guest.change_role(Role.READ_WRITE, True)
    guest._type(b"before")
    guest.change_role(role, may_type)
    guest._type(b"after")
    assert b"".join(host.got) == b"before"
    guest.change_role(Role.READ_WRITE, True)
    guest._type(b"again")
    assert b"".join(host.got) == b"beforeagain"


async def test_who_was_not_let_in_yet_sends_nothing() -> None:
    host = Host()
    guest_of(host)._type(b"early")
    assert host.got == []


async def test_what_is_typed_while_the_host_is_away_is_not_kept_for_it() -> None:
    host = Host()
    guest = guest_of(host)
    guest.change_role(Role.READ_WRITE, True)
    host.away_since_s = 990.0
    guest._type(b"lost")
    host.away_since_s = None
    guest._type(b"kept")
    assert host.got == [b"kept"]


async def test_what_was_typed_before_the_door_was_shut_is_forgotten() -> None:
    """Typed ahead is kept for who is let in at once; for who has to wait it was not meant for a session."""
    guest = guest_of(Host())
    shown: list[bytes] = []
    guest._channel = cast(Any, SimpleNamespace(write=shown.append))
    guest.data_received(b"rm -rf x\r", None)
    assert guest._typed_ahead
    guest.hold("waiting")
    assert not guest._typed_ahead
    guest.data_received(b"more\r", None)
    assert not guest._typed_ahead
    assert shown[0] == b"pairterm: waiting\r\nyour name, for the owner to see: "


async def test_what_is_typed_at_the_door_is_a_name() -> None:
    host = Host()
    guest = guest_of(host)
    shown: list[bytes] = []
    guest._channel = cast(Any, SimpleNamespace(write=shown.append))
    guest.hold("waiting")
    for data in (b"q", b"uin", b"n x\x7f\x7f", b"\r"):
        guest.data_received(data, None)
    assert host.said == ["name quinn"]
    guest.tell("you knock as quinn")
    assert shown[-1] == b"pairterm: you knock as quinn\r\n"
    assert host.got == []
