"""The recordings of real programs, played in sessions: what xterm.js has in the page is the frame, cell by cell.

Three windows of one browser watch from the start: a usual one, one that is smaller, and one behind a slow line. A
fourth, larger one comes late.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.browser import Browser
from tests.browser.pictures import lacks
from tests.browser.web_gateway import free_port, serve_web, share
from tests.e2e.player import PLAYER
from tests.e2e.slow import SlowLine
from tests.e2e.terminal import eventually
from tests.e2e.test_recordings import RECORDINGS, session_frame, size_of
from tests.e2e.watcher import Watcher
from tests.e2e.world import World

SLOW_BYTES_PER_S = 200_000 / 8
SHORT = ("vim-80x24", "names-80x24", "htop-200x50")
PLAYED = [each for each in RECORDINGS if each.stem in SHORT or "PAIRTERM_NIGHTLY" in os.environ]
"""`make nightly` plays all."""


@pytest.fixture(scope="module")
def ports(town: World) -> Iterator[tuple[int, int]]:
    """The gateway's port for browsers, and that of the slow line."""
    port = free_port()
    with SlowLine(("127.0.0.1", port), bytes_per_s=SLOW_BYTES_PER_S) as line:
        web = {"listen": [f"127.0.0.1:{port}"], "allowed_origins": [f"http://127.0.0.1:{line.port}"]}
        serve_web(town, web=web)
        yield port, line.port


@pytest.mark.parametrize("recording", PLAYED, ids=lambda path: path.stem)
def test_the_page_has_the_frame_of_a_recording(
    town: World, browser: Browser, ports: tuple[int, int], recording: Path
) -> None:
    data, size, name = recording.read_bytes(), size_of(recording), recording.stem
    marks = [len(data) // 2, len(data)]
    player = [sys.executable, str(PLAYER), str(recording), *map(str, marks)]
    page = f"http://127.0.0.1:{ports[0]}/"
    links = share(town, page, name, *player, options=("-x", str(size.cols), "-y", str(size.rows)))
    town.run("set", "-t", name, "size-policy", f"fixed {size.cols}x{size.rows}")
    slow = links.ro.replace(f":{ports[0]}/", f":{ports[1]}/")
    pages = {
        "early": browser.open(links.ro),
        "smaller": browser.open(links.ro, width=560, height=400),
        "slow": browser.open(slow),
    }
    typist = Watcher(town, None, town.ssh_command(links.ssh.rw), size)
    try:
        for mark in marks:
            frame = session_frame(data[:mark], size)
            if mark == marks[-1]:
                typist.type(b"\a")
                pages["late"] = browser.open(links.ro, width=1900, height=1100)
            for kind, each in pages.items():
                eventually(
                    lambda each=each, frame=frame: not lacks(each, frame),  # type: ignore[misc]
                    lambda each=each, frame=frame, kind=kind: f"{kind}: {lacks(each, frame)}; {each.report()}",  # type: ignore[misc]
                )
    finally:
        typist.close()
    town.run("kill", "-t", name)
