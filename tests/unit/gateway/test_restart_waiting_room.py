"""Guests who came before their host: who waits, for what, how many, and when a gateway knows that it was restarted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pairterm.gateway import restart_waiting_room as waiting
from pairterm.gateway.restart_waiting_room import Footprint, WaitingRoom


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_whoever_waits_is_let_go_when_what_it_waits_for_is_known() -> None:
    room = WaitingRoom()
    one = asyncio.create_task(room.wait((b"hash", "name"), "a"))
    two = asyncio.create_task(room.wait((b"other", "name"), "a"))
    three = asyncio.create_task(room.wait((b"third",), "b"))
    await settle()
    assert (room.count(), room.count("a"), room.count("b")) == (3, 2, 1)
    room.known([b"hash", b"nobody waits for this"])
    await one
    assert not two.done()
    room.known(["name"])
    await two
    three.cancel()
    await asyncio.gather(three, return_exceptions=True)
    assert room.count() == 0
    assert not room._waiting
    assert not room._sources


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_PATIENCE_S", 0.01)
    room = WaitingRoom()
    await room.wait((b"hash",), "a")
    assert room.count() == 0


async def test_there_are_places_for_so_many_and_for_so_many_of_one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_MAX_WAITING", 5)
    monkeypatch.setattr(waiting, "_MAX_WAITING_OF_SOURCE", 3)
    room = WaitingRoom()
    tasks = [asyncio.create_task(room.wait((b"hash",), "a")) for _ in range(3)]
    await settle()
    await room.wait((b"hash",), "a")
    tasks += [asyncio.create_task(room.wait((b"hash",), source)) for source in "bc"]
    await settle()
    await room.wait((b"hash",), "d")
    assert room.count() == 5
    room.known([b"hash"])
    await asyncio.gather(*tasks)


def test_it_is_open_until_the_hosts_have_come_back() -> None:
    room = WaitingRoom()
    assert not room.is_open(0.0)
    room.open(30.0)
    assert room.is_open(29.9)
    assert not room.is_open(30.0)


def test_a_gateway_knows_whether_the_last_one_had_sessions(tmp_path: Path) -> None:
    path = tmp_path / "sessions"
    first = Footprint(path)
    assert not first.had_sessions
    first.mark(has_sessions=True)
    assert Footprint(path).had_sessions, "it crashed, or was stopped"
    first.mark(has_sessions=False)
    assert not Footprint(path).had_sessions
    first.mark(has_sessions=False)


def test_a_disk_that_takes_nothing_does_no_harm(tmp_path: Path) -> None:
    Footprint(tmp_path / "absent" / "sessions").mark(has_sessions=True)
