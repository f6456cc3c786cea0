"""The lines between panes by tmux itself: their characters and colours, for random splits and each active pane.

One tmux has the panes. Its client runs in a pane of another tmux, which tells what the client shows.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, Size
from pairterm.view.pane_borders import ACTIVE_PEN
from pairterm.view.window_composer import WindowComposer
from tests.e2e.cells import Cell, cells_of
from tests.e2e.terminal import Tmux, eventually

SIZE = Size(rows=15, cols=40)


class Shown:
    """A tmux window of blank panes, as a client of its server shows it."""

    def __init__(self, folder: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder), "SHELL": "/bin/sh"}
        self.tmux = Tmux(folder / "inner", environment)
        self._outer = Tmux(folder / "outer", environment)
        self._window = self.tmux.pane(["cat"], SIZE, {})
        attach = ["env", "-u", "TMUX", "tmux", "-S", str(folder / "inner"), "attach", "-t", self._window]
        self._client = self._outer.pane(attach, SIZE, {})

    def split(self, chance: random.Random, count: int) -> None:
        """Split random panes of a window that has only its first pane."""
        self.tmux("kill-pane", "-a", "-t", self._window)
        for _ in range(count):
            pane, rect = chance.choice(self.panes())
            if chance.random() < 0.5 and rect.rows >= 3:
                flag, most = "-v", rect.rows - 2
            elif rect.cols >= 5:
                flag, most = "-h", rect.cols - 3
            else:
                continue
            self.tmux("split-window", flag, "-t", f"%{pane}", "-l", str(chance.randint(1, most)), "cat")

    def panes(self) -> list[tuple[PaneId, Rect]]:
        wanted = "#{pane_id} #{pane_top} #{pane_left} #{pane_height} #{pane_width}"
        lines = self.tmux("list-panes", "-t", self._window, "-F", wanted).splitlines()
        found = [[int(number) for number in line.lstrip("%").split()] for line in lines]
        return [(PaneId(pane), Rect(*places)) for pane, *places in found]

    def cells(self) -> list[list[Cell]]:
        rows = cells_of(self._outer("capture-pane", "-p", "-e", "-N", "-t", self._client))[: SIZE.rows]
        return [row + [(" ", ())] * (SIZE.cols - len(row)) for row in rows]

    def shows(self, wanted: list[list[Cell]]) -> None:
        """Wait until the client shows these cells."""
        eventually(lambda: self.cells() == wanted, lambda: difference(self.cells(), wanted))

    def close(self) -> None:
        self._outer.close()
        self.tmux.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux on this machine")
    opened = Shown(tmp_path_factory.mktemp("tmux"))
    yield opened
    opened.close()


def cells_like_tmux(picture: Frame) -> list[list[Cell]]:
    green = (f"38=5;{ACTIVE_PEN.fg}",)
    return [
        [(cell, green if pen == ACTIVE_PEN else ()) for cell, pen in zip(row.cells, row.pens, strict=True)]
        for row in picture.rows
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_lines_between_panes_are_those_of_tmux(shown: Shown, seed: int) -> None:
    """The first seeds make two panes: they share one line, and each has a half of it."""
    chance = random.Random(seed)
    shown.split(chance, 1 if seed < 4 else chance.randint(2, 8))
    panes = shown.panes()
    for active, _ in panes:
        shown.tmux("select-pane", "-t", f"%{active}")
        shown.shows(cells_like_tmux(WindowComposer(SIZE, panes, active).compose({})))


def difference(have: list[list[Cell]], want: list[list[Cell]]) -> str:
    """Return tmux's rows beside ours. Below each row, `^` marks the cells with colours."""
    lines = ["tmux's lines, and ours:"]
    for rows in zip(have, want, strict=True):
        lines.append("   ".join("".join(cell for cell, _ in row) for row in rows))
        lines.append("   ".join("".join("^" if pen else " " for _, pen in row) for row in rows))
    return "\n".join(lines)
