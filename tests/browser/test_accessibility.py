"""The page by axe, the judge of accessibility: it finds no serious fault, in any theme and wherever a guest is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.browser import Browser, Page
from tests.browser.web_gateway import Place
from tests.e2e.terminal import eventually

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def faults(page: Page) -> list[str]:
    """Return the faults that axe finds now, with the elements that have them."""
    found = page.script(_AXE.read_text(encoding="utf-8") + "\nreturn axe.run().then((found) => JSON.stringify(found))")
    return [
        f"{each['impact']} {each['id']}: {[node['html'][:200] for node in each['nodes']]}"
        for each in json.loads(found)["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def has_no_faults(page: Page, where: str) -> None:
    """Wait until axe finds nothing: what comes and goes is pale for a moment."""
    eventually(lambda: faults(page) == [], lambda: f"{where}: {faults(page)}")


def themed(page: Page, url: str, theme: str) -> None:
    """Load the page again, with these colours."""
    settings = json.dumps({"theme": theme, "name": "ana", "readsAloud": theme == "contrast"})
    page.script("localStorage.setItem('pairterm.settings', arguments[0])", settings)
    page.load(url)


def test_axe_finds_no_serious_fault(place: Place, browser: Browser) -> None:
    if not _AXE.exists():
        pytest.skip("axe is not installed: run scripts/build-web --dev")
    link = place.share("seen").rw
    page = browser.open(place.page)
    has_no_faults(page, "the start")
    for theme in ("light", "dark", "contrast"):
        themed(page, link, theme)
        page.sees("hello")
        has_no_faults(page, f"in a session, {theme}")
    page.fill("chat-input", "a remark", enter=True)
    page.shows("chat-log", "a remark")
    page.click("search-button")
    page.click("settings")
    has_no_faults(page, "the settings")
    page.be_a_phone()
    themed(page, link, "light")
    page.sees("hello")
    page.click("panel")
    has_no_faults(page, "a phone")
