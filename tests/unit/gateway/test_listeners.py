"""Binding addresses, with real sockets on loopback and no event loop."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

import pytest

from pairterm.errors import SystemFault
from pairterm.gateway.listeners import bind, bind_loopback


@contextlib.contextmanager
def closing(sockets: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_port_0_is_one_free_port_for_all_addresses() -> None:
    with closing(bind("localhost", 0)) as bound:
        assert {each.getsockname()[1] for each in bound} == {bound[0].getsockname()[1]}
        assert bound[0].getsockname()[1] > 0


def test_listeners_are_neither_inherited_nor_blocking() -> None:
    with closing(bind("127.0.0.1", 0)) as (listener,):
        assert not os.get_inheritable(listener.fileno())
        assert listener.gettimeout() == 0


def test_a_port_in_use_is_said_so_and_nothing_stays_open() -> None:
    with closing(bind("127.0.0.1", 0)) as (listener,):
        port = listener.getsockname()[1]
        with pytest.raises(SystemFault, match=f"127.0.0.1:{port}: Address already in use; port "):
            bind("127.0.0.1", port)


def test_a_host_that_is_none() -> None:
    with pytest.raises(SystemFault, match="can't listen on"):
        bind("host.invalid", 0)
    with pytest.raises(SystemFault, match="can't listen on"):
        bind("192.0.2.1", 0)


def test_loopback_takes_the_next_port_when_one_is_taken() -> None:
    with closing(bind("127.0.0.1", 0)) as (taken,):
        port = taken.getsockname()[1]
        with closing(bind_loopback(port)) as bound:
            assert bound[0].getsockname()[0] == "127.0.0.1"
            assert port < bound[0].getsockname()[1] <= port + 100
            assert {each.getsockname()[1] for each in bound} == {bound[0].getsockname()[1]}, (
                "one port for both families"
            )
