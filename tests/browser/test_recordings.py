"""The recordings of real programs, played in sessions: what xterm.js has in the page is the frame, cell by cell.

Three windows of one browser watch from the start: a usual one, one that is smaller, and one behind a slow line. A
fourth, larger one comes late. By day two recordings are played here. `tests/laws/gateway/test_web_pictures.py` plays
all of them, with xterm.js in node.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.browser.browser import Browser
from tests.browser.pictures import lacks
from tests.browser.web_gateway import Place
from tests.e2e.player import PLAYER
from tests.e2e.terminal import eventually
from tests.e2e.test_recordings import RECORDINGS, session_frame, size_of
from tests.e2e.watcher import Watcher

BY_DAY = ("names-80x24",)
PLAYED = [
    pytest.param(each, id=each.stem, marks=() if each.stem in BY_DAY else pytest.mark.nightly) for each in RECORDINGS
]
"""`make nightly` plays the others."""


@pytest.mark.parametrize("recording", PLAYED)
def test_the_page_has_the_frame_of_a_recording(place: Place, browser: Browser, recording: Path) -> None:
    data, size, name = recording.read_bytes(), size_of(recording), recording.stem
    marks = [len(data) // 2, len(data)]
    player = [sys.executable, str(PLAYER), str(recording), *map(str, marks)]
    links = place.share(name, *player, options=("-x", str(size.cols), "-y", str(size.rows)))
    place.world.run("set", "-t", name, "size-policy", f"fixed {size.cols}x{size.rows}")
    slow = links.ro.replace(f":{place.port}/", f":{place.slow.port}/")
    pages = {
        "early": browser.open(links.ro),
        "smaller": browser.open(links.ro, width=560, height=400),
        "slow": browser.open(slow),
    }
    typist = Watcher(place.world, None, place.world.ssh_command(links.ssh.rw), size)
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
    place.world.run("kill", "-t", name)
