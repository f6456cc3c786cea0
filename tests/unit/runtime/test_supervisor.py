"""Background tasks: a failure is reported and the task starts again. No task starts without a supervisor."""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
from pathlib import Path

import pytest

from pairterm.runtime.supervisor import Supervisor

PACKAGE = Path(__file__).resolve().parents[2] / "pairterm"

TIMEOUT_S = 60.0

STARTS_A_TASK = {"create_task", "ensure_future"}


async def test_a_task_that_fails_is_told_and_starts_again(caplog: pytest.LogCaptureFixture) -> None:
    """On a full disk, a list of keys was not checked any more, and nobody was told."""
    told: list[str] = []
    runs: list[int] = []
    went_on = asyncio.Event()

    async def work() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise OSError("No space left on device")
        went_on.set()

    tasks = Supervisor(told.append, first_pause_s=0.0)
    task = tasks.keep("following the lists", work)
    async with asyncio.timeout(TIMEOUT_S):
        await went_on.wait()
        await task
    assert runs == [0, 1, 2]
    assert len(told) == 2
    assert told[0].startswith("following the lists failed (OSError: No space left on device); it starts again in")
    errors = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all(each.exc_info for each in errors), "without a traceback nobody can mend it"


async def test_pauses_grow_while_a_task_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)

    async def work() -> None:
        if len(pauses) < 8:
            raise ValueError

    monkeypatch.setattr("pairterm.runtime.supervisor.asyncio.sleep", sleep)
    async with asyncio.timeout(TIMEOUT_S):
        await Supervisor().keep("work", work)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_task_that_runs_once_ends_with_its_failure_and_a_bad_listener_harms_nothing() -> None:
    def on_failure(text: str) -> None:
        raise RuntimeError(text)

    async def work() -> None:
        raise ValueError("no")

    async with asyncio.timeout(TIMEOUT_S):
        await Supervisor(on_failure).once("work", work())


async def test_the_end_cancels_all_tasks_and_waits_for_them() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    tasks = Supervisor()
    tasks.keep("one", work)
    tasks.once("two", work())
    await asyncio.sleep(0)
    async with asyncio.timeout(TIMEOUT_S):
        await tasks.close()
    assert ended == ["cleaned up"] * 2


async def test_a_task_that_is_cancelled_before_it_began_leaves_nothing() -> None:
    """Python warns of a coroutine that was never awaited, and warnings are errors here."""

    async def work() -> None:
        raise AssertionError("it began")

    tasks = Supervisor()
    coroutine = work()
    tasks.once("work", coroutine).cancel()
    await tasks.close()
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED


def test_hosts_and_gateways_start_no_task_without_a_supervisor() -> None:
    """If a task that nobody awaits fails, nobody sees it."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for directory in ("host", "gateway", "outbound")
        for path in (PACKAGE / directory).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STARTS_A_TASK
    ]
    assert not found, "use pairterm.runtime.supervisor"
