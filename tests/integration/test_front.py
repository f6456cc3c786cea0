"""The front door with its real sockets, where the system refuses what it mostly grants."""

from __future__ import annotations

import asyncio
import errno
import socket
from pathlib import Path
from typing import Any

import asyncssh
import pytest

import pairterm.gateway.accept_loop as front_module
from pairterm.access.guest_places import GuestPlaces
from pairterm.access.max_startups import LoginQueue, Startups
from pairterm.access.named_networks import NamedNetworks
from pairterm.access.penalties import SourcePenalties
from pairterm.config import HostsConfig
from pairterm.gateway.accept_loop import Acceptor
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.descriptors import Reserve
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.listeners import bind
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.ssh.algorithms import ssh_options
from pairterm.runtime.supervisor import Supervisor

_TIMEOUT_S = 60


def front_of(path: Path, balancers: NamedNetworks | None = None) -> tuple[Acceptor, LoginQueue]:
    penalties = SourcePenalties()
    door = LoginQueue(
        Startups(10, 30, 100), per_source=8, max_waiting=512, login_timeout_s=120, tries_left=penalties.tries_left
    )
    state = GatewayState(
        SessionDirectory(max_sessions=1),
        penalties=penalties,
        login_queue=door,
        guests=GuestPlaces(1, per_session=1, per_source=1),
        max_hosts=1,
        hosts=HostAdmission(HostsConfig(allow="none"), path, max_sessions=1),
        audit=GatewayAudit(None, max_bytes=1),
    )
    options = ssh_options(state, asyncssh.generate_private_key("ssh-ed25519"), login_timeout_s=120)
    return Acceptor(state, options, Reserve(count=0), balancers or NamedNetworks(), Supervisor()), door


async def test_a_place_is_given_back_when_a_socket_takes_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of a connection that had ended meanwhile leaked; after 64 of them the door was shut for good."""

    def refuse(sock: socket.socket) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(front_module, "watch_for_death", refuse)
    front, door = front_of(tmp_path)
    (listener,) = bind("127.0.0.1", 0)
    front.add([listener])
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            for _ in range(10):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                assert await reader.read() == b""
                writer.close()
            await front.wait_empty(None)
        assert not list(door.places)
        assert not list(door.waiting)
    finally:
        await front.close()


async def test_an_accept_that_fails_is_tried_again_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was tried again at once, for ever, and took all of the loop."""
    loop = asyncio.get_running_loop()
    events: list[str] = []
    is_over = asyncio.Event()
    pause = asyncio.sleep

    async def accept(sock: socket.socket) -> Any:
        events.append("accept")
        if len(events) > 6:
            is_over.set()
            await asyncio.Event().wait()
        raise OSError(errno.EINVAL, "Invalid argument")

    async def sleep(delay_s: float, result: Any = None) -> Any:
        events.append("pause" if delay_s > 0 else "none")
        return await pause(0, result)

    monkeypatch.setattr(loop, "sock_accept", accept)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    front, _ = front_of(tmp_path)
    front.add(bind("127.0.0.1", 0))
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await is_over.wait()
        assert events == ["accept", "pause"] * 3 + ["accept"]
    finally:
        await front.close()
