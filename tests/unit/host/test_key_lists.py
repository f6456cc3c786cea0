"""Lists of keys: a problem with one list, or with the disk, changes no other list."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pairterm.access.authorized_keys import KeyEntry
from pairterm.errors import SystemFault
from pairterm.host import key_downloads as keysources
from pairterm.host import key_lists as keylists
from pairterm.host.key_lists import KeyLists
from pairterm.runtime.supervisor import Supervisor

ANA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana@laptop"
BEN = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA ben@laptop"

HERE, THERE = "https://here.example/ana.keys", "https://there.example/ben.keys"

TIMEOUT_S = 60.0

Forges = dict[str, str | Exception]


@pytest.fixture
def forges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forges:
    """The answers of the forges. The copies on the disk are real."""
    answers: Forges = {HERE: ANA, THERE: BEN}

    def fetched(url: str) -> str:
        answer = answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(keysources, "_fetched", fetched)
    return answers


def names(entries: list[KeyEntry]) -> list[str]:
    return [each.name for each in entries]


def grow_old(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass."""
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + seconds)


def full_disk(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def lists_of_both() -> tuple[KeyLists, list[str]]:
    lists = KeyLists.of([], [HERE, THERE])
    told: list[str] = []
    lists.on_problem = told.append
    await lists.fetch()
    assert names(lists.entries) == ["ana@laptop", "ben@laptop"]
    return lists, told


async def test_a_list_that_can_not_be_fetched_for_a_day_empties_no_other(
    forges: Forges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One forge was away for a day, and the guests of all lists were disconnected."""
    lists, told = await lists_of_both()
    forges[THERE] = OSError("no route")
    grow_old(monkeypatch, keysources.FRESH_S + 1)
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop", "ben@laptop"]
    assert not told, "the copy of the last day serves"
    grow_old(monkeypatch, keysources.STALE_S + 1)
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop"]
    await lists.fetch_again()
    assert len(told) == 1, "the owner is told once"
    assert told[0].startswith(f"can't fetch the keys at {THERE}: no route")
    assert told[0].endswith("its keys are not accepted any more")
    forges[THERE] = BEN
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop", "ben@laptop"]


async def test_a_foreign_exception_of_one_list_is_its_own(forges: Forges, monkeypatch: pytest.MonkeyPatch) -> None:
    lists, told = await lists_of_both()
    forges[HERE], forges[THERE] = f"{ANA}\n{BEN}", RuntimeError("can't start new thread")
    grow_old(monkeypatch, keysources.FRESH_S + 1)
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop", "ben@laptop", "ben@laptop"]
    assert told == [f'{THERE}: RuntimeError("can\'t start new thread"): the list stays as it was']


@pytest.mark.parametrize("broken", ["os.open", "pathlib.Path.mkdir", "os.replace"])
async def test_a_full_disk_changes_nothing_about_a_list(
    forges: Forges, monkeypatch: pytest.MonkeyPatch, broken: str, tmp_path: Path
) -> None:
    """The copy of a list could not be written. Then no list was checked any more, and removed keys still worked."""
    lists, told = await lists_of_both()
    monkeypatch.setattr(broken, full_disk)
    forges[HERE] = f"# nobody\n{BEN}"
    grow_old(monkeypatch, keysources.FRESH_S + 1)
    await lists.fetch_again()
    assert names(lists.entries) == ["ben@laptop", "ben@laptop"]
    assert not told
    monkeypatch.undo()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")], "nothing half made is left"


async def test_without_a_copy_the_list_in_use_serves_for_a_day(forges: Forges, monkeypatch: pytest.MonkeyPatch) -> None:
    lists, told = await lists_of_both()
    monkeypatch.setattr(Path, "open", full_disk)
    forges[THERE] = OSError("no route")
    grow_old(monkeypatch, keysources.STALE_S - 60)
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop", "ben@laptop"]
    assert told == [f"can't fetch the keys at {THERE}: no route: the list stays as it was"]
    grow_old(monkeypatch, keysources.STALE_S + 60)
    await lists.fetch_again()
    assert names(lists.entries) == ["ana@laptop"]


async def test_a_start_without_a_list_fails_and_says_which(forges: Forges) -> None:
    forges[THERE] = OSError("no route")
    with pytest.raises(SystemFault, match=THERE):
        await KeyLists.of([], [HERE, THERE]).fetch()


async def test_a_failure_while_it_is_reported_does_not_lose_a_revocation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure, `follow` tells of the change again: at once, and that it is final."""
    monkeypatch.setattr(keylists, "_LOOK_S", 0.001)
    path = tmp_path / "keys"
    path.write_text(ANA)
    lists = KeyLists.of([(str(path), ANA)], [])
    lists.look()
    path.write_text("# nobody")
    reports: list[bool] = []
    is_settled = asyncio.Event()

    def on_change(is_final: bool) -> None:
        reports.append(is_final)
        if len(reports) in (1, 3):
            raise MemoryError
        if is_final:
            is_settled.set()

    tasks = Supervisor(first_pause_s=0.0)
    tasks.keep("following", lambda: lists.follow(on_change))
    async with asyncio.timeout(TIMEOUT_S):
        await is_settled.wait()
        await tasks.close()
    assert reports == [False, False, True, True]
    assert not lists.entries


def test_an_answer_that_trickles_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forge that sent a byte now and then blocked the thread for days, and no list was fetched any more."""
    now_s = 0.0

    class Answer:
        def __enter__(self) -> Answer:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def read1(self, most: int) -> bytes:
            nonlocal now_s
            now_s += 9.0
            return b"#"

    class Opener:
        def open(self, request: object, timeout: float) -> Answer:
            assert timeout <= 10
            return Answer()

    opener: Callable[..., Opener] = lambda *handlers: Opener()  # noqa: E731 -- in the place of a function
    monkeypatch.setattr("urllib.request.build_opener", opener)
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    with pytest.raises(ValueError, match="too long, or comes too slowly"):
        keysources._fetched(HERE)
    assert now_s < 60
