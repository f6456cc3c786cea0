"""The page by axe, the judge of accessibility: it finds no serious fault, in any theme and wherever a guest is."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from pairterm.document.colours import TokenKind, colour_row
from tests.browser.browser import Browser, Page
from tests.browser.web_gateway import Place
from tests.e2e.raw_editor import RawEditor
from tests.e2e.terminal import eventually

_FOCUSED = """
const element = document.activeElement;
return [element.closest("header") !== null, getComputedStyle(element).outlineStyle];
"""

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


def choose(page: Page, theme: str) -> None:
    """Choose the colours in the settings, which stay open."""
    page.choose("theme", theme)
    eventually(lambda: page.script("return document.documentElement.dataset.theme") == theme, page.report)


def inverse_text(page: Page) -> tuple[str, str]:
    """Return the colours of inverse text, and of the ground beside it."""
    found: list[str] = page.script(
        "const cell = document.querySelector('.xterm-bg-257');"
        "return [getComputedStyle(cell).color, getComputedStyle(document.body).backgroundColor]"
    )
    return found[0], found[1]


def test_axe_finds_no_serious_fault_and_text_has_its_colours(place: Place, browser: Browser) -> None:
    """Inverse text was grey: with a least contrast, xterm.js compares the wrong two colours."""
    if not _AXE.exists():
        pytest.skip("axe is not installed: run scripts/build-web --dev")
    link = place.share("seen", "sh", "-c", "printf 'hello \\033[7minverse\\033[m'; exec cat").rw
    page = browser.open(place.page)
    has_no_faults(page, "the start")
    page.fill("link", link, enter=True)
    page.sees("hello inverse")
    page.focus_terminal()
    page.chord(Keys.CONTROL, Keys.F6)
    assert page.script(_FOCUSED) == [True, "solid"]
    page.chord(Keys.CONTROL, Keys.F6)
    assert not page.script(_FOCUSED)[0]
    page.fill("chat-input", "a remark", enter=True)
    page.shows("chat-log", "a remark")
    page.click("search-button")
    page.click("settings")
    page.check("Screen reader mode")
    for theme in ("light", "dark", "contrast"):
        choose(page, theme)
        page.type(Keys.ESCAPE)
        has_no_faults(page, f"in a session, {theme}")
        text, ground = inverse_text(page)
        assert text == ground, theme
        page.click("settings")
    has_no_faults(page, "the settings")
    page.type(Keys.ESCAPE)
    with closing(RawEditor(place.world, "seen", "src/main.py")) as editor:
        kinds = [colour_row([(20, kind)]) for kind in TokenKind]
        editor.write(*(f"{kind.name.lower():20} and plain" for kind in TokenKind), cursor=(3, 2), colours=kinds)
        page.click("code")
        for theme in ("light", "dark", "contrast"):
            page.shows("code-text", "keyword")
            page.click("settings")
            choose(page, theme)
            page.type(Keys.ESCAPE)
            has_no_faults(page, f"the code, {theme}")
    page.click("code-close")
    page.be_a_phone()
    page.load(link)
    page.sees("hello inverse")
    assert page.script("return document.documentElement.dataset.theme") == "contrast"
    page.click("panel")
    has_no_faults(page, "a phone")
    page.click("panel")
    page.click("code")
    page.reads("the editor is away")
    has_no_faults(page, "the code on a phone")
