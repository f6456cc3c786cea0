"""The session's socket: the check whether a host has it never waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from pairterm.errors import UsageError
from pairterm.host import local_socket
from pairterm.host.local_socket import LocalSocket
from pairterm.paths import session_socket


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(tmp_path))


def test_a_name_is_one_sessions_until_it_ends() -> None:
    first = LocalSocket("ours")
    with pytest.raises(UsageError, match="duplicate session"):
        LocalSocket("ours")
    first.close()
    assert not session_socket("ours").exists()
    LocalSocket("ours").close()


def test_what_a_crash_left_behind_is_no_session() -> None:
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(str(session_socket("ours")))
    LocalSocket("ours").close()


def test_a_host_that_takes_nobody_has_its_name_all_the_same() -> None:
    """A stopped host had a full queue, and `pairterm new` with the same name waited for it for ever."""
    with contextlib.ExitStack() as stack:
        stopped = stack.enter_context(socket.socket(socket.AF_UNIX))
        stopped.bind(str(session_socket("ours")))
        stopped.listen(0)
        is_full = False
        while not is_full:
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            try:
                client.connect(str(session_socket("ours")))
            except BlockingIOError:
                is_full = True
        with pytest.raises(UsageError, match="duplicate session"):
            LocalSocket("ours")


def test_the_name_of_a_session_that_has_ended_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host of a silent gateway still ran for 2 s. It took its name again, and `pairterm new` found it in use."""
    monkeypatch.setattr(local_socket, "_LOOK_S", 0.0)
    ours = LocalSocket("ours")

    async def end_while_it_is_kept() -> None:
        keeping = asyncio.create_task(ours.keep())
        await asyncio.sleep(0)
        ours.close()
        async with asyncio.timeout(30):
            await keeping

    asyncio.run(end_while_it_is_kept())
    assert not session_socket("ours").exists()
