"""`pipe-pane` with real programs and commands: nothing is lost, and a command that stalls holds up nobody."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pairterm.host.pane_pipes import MAX_UNREAD_OUTPUT_BYTES, PanePipes
from pairterm.host.programs import Programs
from pairterm.host.pty import PtyProgram
from pairterm.session.effects import PipePane
from pairterm.types import PaneId, Size

PANE = PaneId(0)

TIMEOUT_S = 60.0

_LINE = b"0123456789abcdef" * 1024


class Host:
    """The programs of a session and their pipes, and what is said of them."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.ended: list[PaneId] = []
        self.printed = b""
        self.programs = Programs(on_output=self._take_output, on_end=lambda pane, status: None)
        self.pipes = PanePipes(self.programs, tell_owner=self.said.append, on_end=self.ended.append)

    def start(self, line: str) -> None:
        program = PtyProgram(
            ["sh", "-c", line],
            executable="/bin/sh",
            environment=dict(os.environ),
            directory="/",
            size=Size(rows=24, cols=80),
        )
        self.program = program
        self.programs.start(PANE, program)

    def _take_output(self, pane: PaneId, data: bytes) -> None:
        self.printed += data
        self.pipes.feed(pane, data)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    made = Host()
    yield made
    made.programs.hang_up_all()
    await until(lambda: made.program.poll() is not None)
    await made.pipes.finish(TIMEOUT_S)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not is_so():  # noqa: ASYNC110 -- processes set no events
            await asyncio.sleep(0.01)


async def test_a_command_gets_all_output_up_to_the_end_of_its_pane(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "log"
    host.start("read start; seq 1 20000; exec cat")
    host.pipes.set(PipePane(PANE, f"cat >{file}"))
    host.programs.write(PANE, b"\n")
    await until(lambda: b"20000\r\n" in host.printed)
    host.pipes.close(PANE)
    await host.pipes.finish(TIMEOUT_S)
    assert file.read_bytes() == host.printed
    assert host.said == []


async def test_a_command_that_does_not_read_costs_its_output_and_nothing_else(host: Host, tmp_path: Path) -> None:
    host.start("exec cat")
    host.pipes.set(PipePane(PANE, f"echo $$ >{tmp_path / 'pid'}; exec sleep 1000"))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    for _ in range(4 * MAX_UNREAD_OUTPUT_BYTES // len(_LINE)):
        host.pipes.feed(PANE, _LINE)
    assert host.said == ["the command of pipe-pane on %0 does not read: output is dropped"]
    host.programs.write(PANE, b"echo\n")
    await until(lambda: b"echo\r\n" in host.printed)
    host.pipes.close(PANE)
    await host.pipes.finish(TIMEOUT_S)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_command_types_into_the_pane_even_if_it_ends_at_once(host: Host) -> None:
    host.start("exec cat")
    host.pipes.set(PipePane(PANE, "echo typed", reads_output=False, types=True))
    await until(lambda: b"typed\r\n" in host.printed)
    await until(lambda: host.ended == [PANE])


async def test_a_command_that_types_without_end_waits_for_the_program(host: Host, tmp_path: Path) -> None:
    host.start(f"echo ready; cat {tmp_path}/never-there; exec sleep 1000")
    await until(lambda: b"ready" in host.printed)
    host.pipes.set(PipePane(PANE, "yes", reads_output=False, types=True))
    await until(lambda: host.programs.unread_bytes(PANE) > 1 << 16)
    assert host.programs.unread_bytes(PANE) < 1 << 18
    host.pipes.close(PANE)
