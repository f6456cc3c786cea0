"""Law 13, judged by asciinema's own player: what it plays of our files shows the screens that a watcher saw.

asciinema (PyPI) reads version 2 only, so a recording is exported for it as a user does. xterm.js
is the terminal of the player.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pairterm.record.asciicast import read_cast
from pairterm.record.chain import signer
from pairterm.record.events import PEOPLE, Header, people_data
from pairterm.record.export import as_cast
from pairterm.record.playback import Playback
from pairterm.record.writer import RECORDED_KIND, RecordingWriter
from pairterm.session.privacy import paused_frame
from pairterm.terminal import Terminal
from pairterm.terminal.frame import PLAIN_MODES, Frame
from pairterm.types import Size
from tests.judge import judge_or_skip
from tests.laws.view.looks import assert_looks_like

PROGRAMS = Path(__file__).parents[1] / "golden" / "recordings"
SIGN, KEY = signer(bytes(32))
STEPS = 24


def recorded(program: str, size: Size) -> tuple[str, list[Frame]]:
    """Record a program that two people use, with a pause in its middle. There is a second between two screens."""
    data = (PROGRAMS / program).read_bytes()
    terminal, seen = Terminal(size), []
    writer = RecordingWriter(Header(size=size, key=KEY), SIGN)
    for step in range(STEPS):
        terminal.feed(data[len(data) * step // STEPS : len(data) * (step + 1) // STEPS])
        seen.append(paused_frame(terminal.snapshot()) if step == STEPS // 2 else terminal.snapshot())
        writer.event(float(step), PEOPLE, people_data("typed", ("ada", "grace")[step % 2]))
        writer.show(seen[-1], float(step))
        writer.seal()
    writer.seal(is_last=True)
    return writer.take().decode(), seen


def played_by_asciinema(cast: str, until_s: float, directory: Path) -> bytes:
    """Return what asciinema's player writes on its terminal until a time."""
    header, *events = cast.splitlines(keepends=True)
    path = directory / "part.cast"
    path.write_text(header + "".join(each for each in events if json.loads(each)[0] <= until_s), encoding="utf-8")
    command = [sys.executable, "-m", "asciinema", "play", "--idle-time-limit", "0.001", "--speed", "1000", str(path)]
    # A session of its own: the player must not find the terminal of the test run.
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, start_new_session=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("program", ["vim-80x24", "htop-80x24", "tmux-80x24"])
def test_asciinema_plays_what_a_watcher_saw(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    size = Size(rows=24, cols=80)
    ours, seen = recorded(f"{program}.bytes", size)
    header, events = read_cast(io.StringIO(ours, newline="\n"))
    playback = Playback(header, kept := list(events))
    cast = as_cast(header, kept, 2)
    for step in (STEPS // 3, STEPS // 2, STEPS - 1):
        wanted = replace(seen[step], modes=replace(PLAIN_MODES, is_reversed=seen[step].modes.is_reversed))
        shown = judge_or_skip().show(played_by_asciinema(cast, step + 0.5, tmp_path), size).frame
        assert_looks_like(shown, wanted, RECORDED_KIND)
        assert_looks_like(playback.seek(step + 0.5), wanted, RECORDED_KIND)
