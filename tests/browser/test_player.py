"""The page that plays a recording, from the gateway and from a file: law 13, seeks, search, keys, hostile texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browser import Browser, Page
from tests.browser.recorded import TIMES_S, frame_at, record, recording
from tests.browser.test_accessibility import has_no_faults
from tests.browser.web_gateway import Place
from tests.e2e.terminal import eventually
from tests.e2e.watcher import difference

_ASCIINEMA = (
    Path(__file__).parents[2]
    / "web"
    / "node_modules"
    / "asciinema-player"
    / "dist"
    / "bundle"
    / "asciinema-player.min.js"
)

_HOSTILE = "</title><img src=x onerror=document.title='owned'>"


def seek(page: Page, time_s: float) -> None:
    """Go to a time, and wait until its screen shows."""
    page.script("return window.pairterm.seek(arguments[0]).then(() => null)", time_s)


def time_of(page: Page) -> float:
    """Return where the player is."""
    return float(page.script("return window.pairterm.time()"))


def is_at(page: Page, time_s: float) -> None:
    """Wait until the player has gone to a time."""
    eventually(lambda: abs(time_of(page) - time_s) < 0.01, lambda: f"at {time_of(page)}, not {time_s}; {page.report()}")


def shows_the_frames_of(page: Page, path: Path) -> None:
    """Law 13: a recording played to a given time shows what a watcher saw at that time."""
    for time_s in TIMES_S:
        seek(page, time_s)
        assert difference(page.frame(), frame_at(path, time_s)) == "", f"at {time_s}"


def test_the_page_plays_a_shared_recording_and_so_does_an_exported_one(place: Place, browser: Browser) -> None:
    path, exported = place.world.home / "pair.cast", place.world.home / "pair.html"
    record(path, title=_HOSTILE)
    end_s = recording(path)[1][-1].time_s
    shared = json.loads(place.world.run("share-recording", "--json", str(path)).stdout)
    place.world.run("export", str(path), "--format", "html", "-o", str(exported))
    for url in (shared["url"], exported.as_uri()):
        page = browser.open(url)
        assert page.state() == "paused"
        shows_the_frames_of(page, path)
        assert page.text("title") == _HOSTILE
        page.shows("people", "<b>bea</b>")
        assert browser.driver.title != "owned"

    page = browser.open(shared["url"])
    page.type("2")
    is_at(page, 5.0)  # where the second person begins to type
    page.shows("said", "<b>bea</b>")
    page.type("]")
    page.shows("said", "half")
    page.type("[", Keys.HOME)
    is_at(page, 0.0)
    page.type(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    is_at(page, 5.0)
    page.type("/", "~", Keys.ENTER)
    page.shows("said", "found at")
    page.sees("~")
    page.script("document.activeElement.blur()")
    page.type(Keys.END, " ")  # at the end, playing begins again
    eventually(lambda: page.state() == "playing" and 0 < time_of(page) < end_s, page.report)
    page.type(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP)
    page.shows("said", "16×")
    is_at(page, end_s)
    page.is_in("paused")
    assert difference(page.frame(), frame_at(path, end_s)) == ""
    has_no_faults(page, "the player")

    place.world.run("share-recording", "--revoke", shared["id"])
    page.load_text(shared["url"], "This link leads to no recording")


@pytest.mark.parametrize("version", [2, 3])
def test_asciinemas_player_shows_the_same_screens(browser: Browser, tmp_path: Path, version: int) -> None:
    """It ignores what only pairterm's recordings have: people and seals."""
    if not _ASCIINEMA.exists():
        pytest.skip("asciinema-player is not installed: run scripts/build-web --dev")
    path, html = tmp_path / "pair.cast", tmp_path / "page.html"
    record(path, title="pair", version=version)
    data = json.dumps(path.read_text(encoding="utf-8")).replace("<", "\\u003c")
    html.write_text(
        f'<!doctype html><meta charset="utf-8"><div id="here"></div><script src="{_ASCIINEMA.as_uri()}"></script>'
        f"<script>window.pairterm = AsciinemaPlayer.create({{data: {data}}}, document.getElementById('here'), "
        "{preload: true})</script>",
        encoding="utf-8",
    )
    page = browser.open(html.as_uri())

    def rows() -> list[str]:
        texts = page.script("return [...document.querySelectorAll('.ap-line')].map((each) => each.textContent)")
        return [str(each).rstrip() for each in texts]

    for time_s in TIMES_S:
        page.script("return window.pairterm.seek(arguments[0]).then(() => null)", time_s)
        wanted = [row.text.rstrip() for row in frame_at(path, time_s).rows]
        eventually(lambda wanted=wanted: rows() == wanted, lambda wanted=wanted: f"{rows()}\n{wanted}")  # type: ignore[misc]
