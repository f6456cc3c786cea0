"""Law 4 by a third judge, tmux: the text and the cursor of each picture, for the kinds it is used as."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pairterm.types import Role, Size
from pairterm.view.painter import enter, leave, paint
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View
from tests.laws.view.pictures import DOUBTFUL_TEXTS, PENS, SURE_TEXTS, Edit, frames

SIZE = Size(rows=10, cols=40)
WHATS = ["write"] * 5 + ["up", "up", "down", "fill", "erase", "clear_below", "clear", "cursor", "title"]
KINDS = [TerminalKind.of(term) for term in ("xterm-256color", "tmux-256color", "screen-256color")]
KINDS.append(TerminalKind.of("vt220", lang="C.UTF-8"))
MAX_READ_BYTES = 2048
"""Half of what the kernel gives in one read of a terminal."""

MAX_LOOKS = 300
"""Times a pane is asked whether it is done, 20 ms each by tmux's own sleep; far more than it needs."""


class Pane:
    """A tmux pane that prints what is written to it."""

    def __init__(self, folder: Path) -> None:
        fifo, config = folder / "fifo", folder / "config"
        self._answers = folder / "answers"
        os.mkfifo(fifo)
        config.write_text("set -g status off\nset -g default-terminal tmux-256color\n")
        self._tmux = ["tmux", "-S", str(folder / "socket"), "-f", str(config)]
        size = ["-x", str(SIZE.cols), "-y", str(SIZE.rows)]
        program = f"stty raw -echo; cat </dev/tty >{self._answers} & exec cat {fifo}"
        self._run("new-session", "-d", *size, program)
        self._fifo = fifo.open("wb", buffering=0)
        self._writings = 0

    def close(self) -> None:
        self._fifo.close()
        self._run("kill-server")

    def write(self, data: bytes) -> None:
        """Write, and wait until the pane has taken it all.

        The pieces are as small as one read of tmux and begin with a sequence: tmux 3.3a does not join an emoji of which
        one read ends with its joiner.
        """
        while len(data) > MAX_READ_BYTES and (end := data.rfind(b"\x1b[", 1, MAX_READ_BYTES)) > 0:
            self._write_piece(data[:end])
            data = data[end:]
        self._write_piece(data)

    def _write_piece(self, data: bytes) -> None:
        """Write, and wait until the pane has taken it: a title at the end tells."""
        self._writings += 1
        mark = f"mark-{self._writings}"
        self._fifo.write(data + f"\x1b]2;{mark}\x07".encode())
        for _ in range(MAX_LOOKS):
            if self._run("display", "-p", "#{pane_title}").strip() == mark:
                return
            self._run("run-shell", "sleep 0.02")
        pytest.fail("the pane did not take what was written")

    def answers(self, count: int) -> bytes:
        """Return this many cursor reports, the last ones, when that many were given."""
        for _ in range(MAX_LOOKS):
            answers = self._answers.read_bytes()
            if answers.count(b"R") == count:
                self._answers.write_bytes(b"")
                return answers
            self._run("run-shell", "sleep 0.02")
        pytest.fail("the pane did not answer")

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._run("capture-pane", "-p").split("\n")[: SIZE.rows]]

    def cursor(self) -> list[str]:
        return self._run("display", "-p", "#{cursor_y} #{cursor_x}").split()

    def _run(self, *arguments: str) -> str:
        env = dict(os.environ, LANG="C.UTF-8")
        env.pop("TMUX", None)
        done = subprocess.run(
            [*self._tmux, *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=env,
            timeout=60,
            encoding="utf-8",
        )
        return done.stdout


@pytest.fixture(scope="module")
def pane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pane]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux on this machine")
    opened = Pane(tmp_path_factory.mktemp("tmux"))
    yield opened
    opened.close()


def edits_by(chance: random.Random, texts: list[str]) -> list[Edit]:
    return [
        Edit(
            chance.choice(WHATS),
            row=chance.randrange(SIZE.rows),
            col=chance.randrange(SIZE.cols),
            count=chance.randrange(1, 5),
            text="".join(chance.choices(texts, k=3)),
            pen=chance.choice(PENS),
        )
        for _ in range(12)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_law_4_by_tmux_with_characters_of_doubtful_width(pane: Pane, seed: int) -> None:
    """tmux is asked for its widths as a client's terminal is, and shows all of the picture that is laid out for it."""
    view = View(session="law", role=Role.READ_WRITE, size=SIZE, kind=KINDS[seed % 3])
    pane.write(view.enter())
    view.keys(pane.answers(8), 0.0)
    for frame in frames(SIZE, edits_by(random.Random(seed), SURE_TEXTS + DOUBTFUL_TEXTS * 2)):
        view.show(frame)
        pane.write(view.paint(0.0))
        base = view._base
        assert base is not None
        assert pane.lines() == [row.text.rstrip() for row in base.rows]
        assert pane.cursor() == [str(base.cursor.row), str(base.cursor.col)]
    pane.write(view.leave(""))


@pytest.mark.parametrize("seed", range(16))
def test_law_4_by_tmux(pane: Pane, seed: int) -> None:
    kind = KINDS[seed % len(KINDS)]
    pictures = frames(SIZE, edits_by(random.Random(seed), SURE_TEXTS))
    pane.write(enter(kind) + paint(None, pictures[0], kind))
    for base, target in pairwise(pictures):
        pane.write(paint(base, target, kind))
        assert pane.lines() == [row.text.rstrip() for row in target.rows]
        assert pane.cursor() == [str(target.cursor.row), str(target.cursor.col)]
    pane.write(leave(kind))
