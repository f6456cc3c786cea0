"""Users of the machine: the loop does not wait for the user database, and neither does anybody else's link."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest

from pairterm.gateway.descriptors import Reserve
from pairterm.gateway.hosts import link_socket as linksocket
from pairterm.gateway.hosts import local_users as localowners
from pairterm.gateway.hosts.link_socket import LinkSocket
from pairterm.gateway.hosts.local_users import LocalOwners
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.runtime.supervisor import Supervisor

TIMEOUT_S = 60.0


def owner(uid: int) -> HostOwner:
    return HostOwner(f"uid {uid}", 9, None, may_be_away=False, uid=uid)


async def test_one_question_a_user_in_a_thread_and_the_answer_is_remembered() -> None:
    """`getpwuid` over LDAP took seconds, and nobody's keys arrived meanwhile."""
    asked: list[tuple[int, int]] = []
    loop, is_asked, may_answer = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def look_up(uid: int) -> HostOwner:
        asked.append((uid, threading.get_ident()))
        loop.call_soon_threadsafe(is_asked.set)
        assert may_answer.wait(TIMEOUT_S)
        return owner(uid)

    owners = LocalOwners(look_up)
    async with asyncio.timeout(TIMEOUT_S), asyncio.TaskGroup() as group:
        finding = [group.create_task(owners.find(7)) for _ in range(3)]
        await is_asked.wait()  # The loop goes round: it does not wait for the answer.
        may_answer.set()
    assert [task.result() for task in finding] == [owner(7)] * 3
    assert await owners.find(7) == owner(7)
    ((uid, thread),) = asked
    assert uid == 7
    assert thread != threading.get_ident()


async def test_a_refusal_and_a_failure_are_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[HostOwner | Exception | None] = [None, OSError("no database"), owner(7), owner(7)]

    def look_up(uid: int) -> HostOwner | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(localowners, "REMEMBERED_S", 0.0)
    owners = LocalOwners(look_up)
    assert await owners.find(7) is None
    with pytest.raises(OSError, match="no database"):
        await owners.find(7)
    assert await owners.find(7) == owner(7)
    assert await owners.find(7) == owner(7)
    assert not answers, "an answer whose time was over was used again"


async def test_a_database_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    may_answer = threading.Event()
    monkeypatch.setattr(localowners, "TIMEOUT_S", 0.01)
    owners = LocalOwners(lambda uid: owner(uid) if may_answer.wait(TIMEOUT_S) else None)
    with pytest.raises(TimeoutError):
        await owners.find(7)
    may_answer.set()


async def test_links_of_one_user_that_wait_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linksocket, "_MAX_BEGINNING", 2)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "links"))
    listener.listen()
    listener.setblocking(False)
    may_begin = asyncio.Event()

    async def new_link(uid: int) -> asyncio.Protocol:
        await may_begin.wait()
        return asyncio.Protocol()

    # All three are there before the first is taken: that is when a count that is kept later comes too late.
    hosts = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for each in hosts:
        each.connect(str(tmp_path / "links"))
    tasks, reserve = Supervisor(), Reserve()
    links = LinkSocket(listener, reserve, new_link, tasks)
    try:
        hosts[2].settimeout(TIMEOUT_S)
        assert await asyncio.to_thread(hosts[2].recv, 1) == b"", "it waits with the others"
        for each in hosts[:2]:
            each.setblocking(False)
            with pytest.raises(BlockingIOError):
                each.recv(1)
    finally:
        links.close()
        await tasks.close()
        listener.close()
        reserve.close()
        for each in hosts:
            each.close()


async def test_a_link_that_takes_its_time_to_begin_holds_up_no_other(tmp_path: Path) -> None:
    """The links of all users were begun one after the other."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "links"))
    listener.listen()
    listener.setblocking(False)
    begun: list[int] = []
    both_wait, may_begin = asyncio.Event(), asyncio.Event()

    async def new_link(uid: int) -> asyncio.Protocol:
        begun.append(uid)
        if len(begun) == 2:
            both_wait.set()
        await may_begin.wait()
        return asyncio.Protocol()

    tasks = Supervisor()
    reserve = Reserve()
    links = LinkSocket(listener, reserve, new_link, tasks)
    hosts = []
    try:
        async with asyncio.timeout(TIMEOUT_S):
            for _ in range(2):
                hosts.append(await asyncio.open_unix_connection(str(tmp_path / "links")))
            await both_wait.wait()
    finally:
        links.close()
        await tasks.close()
        listener.close()
        reserve.close()
        for _, writer in hosts:
            writer.close()
    assert begun == [os.getuid()] * 2
