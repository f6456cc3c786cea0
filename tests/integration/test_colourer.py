"""The colour worker, a real process: its colours arrive, and one that hangs is ended and costs only its file."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from pairterm.editor import colourer as colourer_module
from pairterm.editor.colourer import Colourer
from pairterm.editor.file_filter import FileFilter
from pairterm.editor.open_files import OpenFiles
from tests.e2e.terminal import DEADLINE_S


class Desk:
    """Open files and their colourer."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.root = root
        self.files = OpenFiles(FileFilter([root]), tell=lambda text: None)
        self.published = asyncio.Event()
        self.colourer = Colourer(self.files, self.published.set)

    def open(self, name: str) -> None:
        self.files.open((self.root / name).as_uri(), "python", "def f(): pass\n")
        self.colourer.look()

    def is_coloured(self, name: str) -> bool:
        return any(any(each.document.colours) for each in self.files.shared() if each.verdict.name == name)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():
                self.published.clear()
                await self.published.wait()

    async def until_ended(self, pid: int) -> None:
        """Wait until the worker has another process, or none."""
        async with asyncio.timeout(DEADLINE_S):
            while self.colourer._process is not None and self.worker == pid:  # noqa: ASYNC110 -- nothing tells of it
                await asyncio.sleep(0.01)

    @property
    def worker(self) -> int:
        process = self.colourer._process
        assert process is not None
        return process.pid


async def test_a_worker_that_hangs_is_ended_and_costs_only_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(tmp_path / "project")
    running = asyncio.get_running_loop().create_task(desk.colourer.run())
    desk.open("first.py")
    await desk.until(lambda: desk.is_coloured("first.py"))
    stopped = desk.worker
    os.kill(stopped, signal.SIGSTOP)
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(colourer_module, "_ANSWER_S", 0.2)
        desk.open("hangs.py")
        await desk.until_ended(stopped)
    assert "no colours for hangs.py" in caplog.text
    desk.open("later.py")
    await desk.until(lambda: desk.is_coloured("later.py"))
    assert desk.worker != stopped
    assert not desk.is_coloured("hangs.py")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
