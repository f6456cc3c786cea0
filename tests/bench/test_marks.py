"""The bench sees the end of each command, also on a target that shows only the last of several pictures.

A painter leaves out the cells that stay the same. So a mark at the place of the same mark would not come again, if the
empty screen in between is not shown. Then the bench waits until its time is over, on a target that has done all.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import Size
from pairterm.view import TerminalKind
from pairterm.view.painter import paint
from tests.bench.peers import crowd as crowds
from tests.bench.peers.client import Client
from tests.bench.peers.crowd import Crowd
from tests.bench.peers.targets import SshTmux

_SIZE = Size(rows=6, cols=40)


class _Driver(Client):
    """A client whose command lines a shell runs. It is shown only what is there at their end."""

    def __init__(self) -> None:
        super().__init__()
        self._screen = Terminal(_SIZE)
        self._shown: Frame | None = None

    def type(self, data: bytes) -> None:
        environment = os.environ | {"TERM": "xterm"}
        done = subprocess.run(["bash", "-c", data.rstrip(b"\r")], env=environment, capture_output=True, check=True)
        self._screen.feed(done.stdout.replace(b"\n", b"\r\n"))
        shown, self._shown = self._shown, self._screen.snapshot()
        self.data_received(paint(shown, self._shown, TerminalKind.of("xterm")), None)


def _crowd(target: SshTmux, driver: Client) -> Crowd:
    crowd = Crowd(target, _SIZE)
    crowd.driver = driver
    return crowd


@pytest.mark.parametrize("others", range(3))
async def test_a_crowd_sees_each_mark_whoever_else_takes_turns(others: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "_TIMEOUT_S", 10)
    in_turns = [_crowd(SshTmux(), _Driver()) for _ in range(1 + others)]
    for _ in range(3):
        for each in in_turns:
            await each.run("clear")


async def test_the_next_crowd_of_a_target_sees_its_first_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "_TIMEOUT_S", 10)
    target, driver = SshTmux(), _Driver()
    for _ in range(3):
        await _crowd(target, driver).run("clear")
