"""The owner's pager on a real terminal (a pty): which one, its text, the terminal's modes, and what may go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pairterm.cli import history_pager
from pairterm.cli.history_pager import HistoryPager, pager_command
from pairterm.cli.own_terminal import OwnTerminal, RawTty
from pairterm.cli.terminal_loan import TerminalLoan
from pairterm.cli.terminal_viewer import Viewer
from pairterm.errors import SystemFault
from pairterm.link.messages import ViewSettings
from pairterm.terminal.frame import DEFAULT_PEN, Row
from pairterm.types import Role
from pairterm.view import TerminalKind
from tests.unit.view.watching import text_row

_DEADLINE_S = 60.0

_MARK = b"<all until here>"


class Stage:
    """A terminal, a viewer on it that is in, and a pager that is a shell command."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.master, self.slave = os.openpty()
        modes = termios.tcgetattr(self.slave)
        tty.setraw(self.slave)
        self.terminal = OwnTerminal(RawTty(self.slave, modes))
        self.viewer = Viewer(self.terminal, TerminalKind.of("xterm-256color"), session="work", send=lambda *_: None)
        self.viewer.furnish("work", ViewSettings())
        self.terminal.watch(on_keys=self.viewer.keys, on_resize=self.viewer.resized, on_hangup=self.viewer.detach)
        self.viewer.enter(Role.OWNER)
        self.loan = TerminalLoan(self.terminal, self.viewer)
        self.pager = HistoryPager("work", self.loan)
        self.rows: list[Row] = [text_row("first"), text_row("last")]
        self.told: list[str] = []
        self.written = b""
        asyncio.get_running_loop().add_reader(self.master, self._read)
        monkeypatch.setattr(history_pager, "captured_rows", lambda *_: self.rows)
        monkeypatch.setattr(self.viewer, "tell", self.told.append)

    def _read(self) -> None:
        self.written += os.read(self.master, 65_536)

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    async def wait(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(_DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.01)

    async def all_written(self) -> bytes:
        """Return all that the terminal was given so far: the kernel hands it on in pieces, and later."""
        os.write(self.slave, _MARK)
        await self.wait(lambda: _MARK in self.written)
        self.written = self.written.replace(_MARK, b"")
        return self.written

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        self.terminal.finish()
        os.close(self.master)
        os.close(self.slave)


@contextlib.asynccontextmanager
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    made = Stage(monkeypatch)
    try:
        yield made
        await made.loan.closed()
    finally:
        made.close()


def played(monkeypatch: pytest.MonkeyPatch, play: Callable[[Stage], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(_DEADLINE_S * 2), stage(monkeypatch) as made:
            await play(made)

    asyncio.run(run())


def test_the_pager_is_the_persons_own_or_the_best_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pager_command({"PAGER": " bat -p "}) == "bat -p"
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert pager_command({"PAGER": " "}) == "less -R"
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert pager_command({}) == "more"


def test_the_pager_gets_the_text_and_a_terminal_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen, modes, go = tmp_path / "seen", tmp_path / "modes", tmp_path / "go"
    os.mkfifo(go)

    async def play(here: Stage) -> None:
        monkeypatch.setenv("PAGER", f"cat > {seen}; stat -L -c '%a %h' /dev/stdin > {modes}; read line < {go}")
        here.rows.insert(1, replace(text_row("red"), pens=(DEFAULT_PEN._replace(fg=1),) * 3 + text_row("").pens[3:]))
        here.pager.open()
        await here.wait(lambda: modes.exists() and modes.read_text().endswith("\n"))
        here.pager.open()  # It is open already.
        assert not here.is_raw()
        assert seen.read_text() == "first\n\x1b[31mred\x1b[m\nlast\n"
        assert modes.read_text() == "600 0\n", "others could read it, or it has a name"
        here.terminal.write(b"not yet")
        await asyncio.to_thread(go.write_text, "\n")
        await here.loan.closed()
        assert here.is_raw()
        await here.wait(lambda: b"not yet\x1b[" in here.written)
        assert here.told == []

    played(monkeypatch, play)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("no-such-pager -R 2>&-", ["can't find your pager: no-such-pager -R 2>&-; set PAGER before you attach"]),
        ("exit 3", ["your pager failed: exit 3: status 3"]),
        ("kill -9 $$", ["your pager failed: kill -9 $$: signal 9"]),
        ("kill -INT $$", []),
    ],
)
def test_a_pager_that_fails_is_named_and_the_session_is_back(
    monkeypatch: pytest.MonkeyPatch, command: str, told: list[str]
) -> None:
    async def play(here: Stage) -> None:
        monkeypatch.setenv("PAGER", command)
        here.pager.open()
        await here.loan.closed()
        assert here.told == told
        assert here.is_raw()
        here.pager.open()
        await here.loan.closed()
        assert here.told == told * 2

    played(monkeypatch, play)


def test_a_host_that_does_not_answer_leaves_the_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(here: Stage) -> None:
        def fail(*_: object) -> list[Row]:
            raise SystemFault("the host of work does not answer", code="unreachable")

        monkeypatch.setattr(history_pager, "captured_rows", fail)
        here.pager.open()
        await here.loan.closed()
        assert here.told == ["the host of work does not answer"]
        assert here.is_raw()

    played(monkeypatch, play)


def test_an_interrupt_ends_the_pager_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ready = tmp_path / "ready"

    async def play(here: Stage) -> None:
        before = signal.getsignal(signal.SIGINT)
        monkeypatch.setenv("PAGER", f"trap 'exit 0' INT; echo $$ > {ready}; while :; do sleep 0.01; done")
        here.pager.open()
        await here.wait(lambda: ready.exists() and ready.read_text().strip())
        os.kill(os.getpid(), signal.SIGINT)  # As the terminal sends it to both.
        os.kill(int(ready.read_text()), signal.SIGINT)
        await here.loan.closed()
        assert here.told == []
        assert signal.getsignal(signal.SIGINT) is before

    played(monkeypatch, play)


def test_the_session_may_end_meanwhile_and_the_pager_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    os.mkfifo(go)

    async def play(here: Stage) -> None:
        monkeypatch.setenv("PAGER", f"echo > {ready}; read line < {go}")
        here.pager.open()
        await here.wait(ready.exists)
        before = await here.all_written()
        here.viewer.end("[work ended]", 0)
        await asyncio.to_thread(go.write_text, "\n")
        await here.loan.closed()
        after = await here.all_written()
        assert after.removeprefix(before) == b"[work ended]\r\n", "the alternate screen came back"

    played(monkeypatch, play)


def test_a_hangup_ends_the_pager_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ready = tmp_path / "ready"

    async def play(here: Stage) -> None:
        monkeypatch.setenv("PAGER", f"echo > {ready}; exec sleep 1000")
        here.pager.open()
        await here.wait(ready.exists)
        here.loan.hang_up()
        here.viewer.detach()
        await here.loan.closed()
        assert here.viewer.over.result() == 0

    played(monkeypatch, play)
