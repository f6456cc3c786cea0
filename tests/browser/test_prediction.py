"""A guest in a browser sees what they type before its echo, and afterwards exactly what the host shows."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from selenium.webdriver.common.keys import Keys

from tests.browser.browser import Browser, Page
from tests.browser.pictures import lacks
from tests.browser.web_gateway import Place
from tests.e2e.terminal import eventually

_OVERLAY = """
const overlay = document.querySelector(".predicted");
const glyphs = [...overlay.querySelectorAll("span:not([data-cursor])")];
const cursor = overlay.querySelector("[data-cursor]");
return {
  text: glyphs.sort((one, other) => one.dataset.col - other.dataset.col).map((each) => each.textContent).join(""),
  cursor: cursor && [Number(cursor.dataset.row), Number(cursor.dataset.col)],
  isUnderlined: glyphs.some((each) => each.style.textDecorationLine === "underline"),
  isForEyesOnly: overlay.getAttribute("aria-hidden") === "true",
};
"""


def predicted(page: Page) -> dict[str, Any]:
    """Return what is drawn over the terminal."""
    found: dict[str, Any] = page.script(_OVERLAY)
    return found


def shows_predicted(page: Page, text: str, col: int) -> None:
    """Wait until this text is drawn, and the cursor in this column."""
    row = page.frame().cursor.row
    eventually(
        lambda: (predicted(page)["text"], predicted(page)["cursor"]) == (text, [row, col]),
        lambda: f"{predicted(page)}; {page.report()}",
    )


def type_until_trusted(page: Page, prompt: str) -> str:
    """Type a line until a key would be shown at once, and return it.

    Each key waits for its echo. On a busy machine, an echo may come later than the host waits for it.
    """
    typed = ":"
    page.type(":")
    for _ in range(50):
        page.sees(prompt + typed)
        with suppress(AssertionError):
            eventually(lambda: page.script("return window.pairterm.predicts()") is True, "", deadline_s=0.3)
            return typed
        typed += "x"
        page.type("x")
    raise AssertionError(f"no key is predicted; {page.report()}")


def is_settled(page: Page, other: Page) -> None:
    """Wait until nothing is predicted, and the terminal shows just what another guest's shows."""
    eventually(
        lambda: predicted(page)["text"] == "" and not lacks(page, other.frame()),
        lambda: f"{predicted(page)}; {lacks(page, other.frame())}; {page.report()}",
    )


def test_typed_text_shows_before_its_echo_and_leaves_no_trace(place: Place, browser: Browser) -> None:
    link = place.share("far", "env", "PS1=here: ", "bash", "--norc", "--noprofile").rw
    other = browser.open(link)
    page = browser.open(link.replace(f":{place.port}/", f":{place.line.port}/"))
    for each in (other, page):
        each.is_in()
        each.sees("here:")
    page.click("settings")
    page.choose("predicts", "always")
    page.type(Keys.ESCAPE)
    page.focus_terminal()
    typed = type_until_trusted(page, "here: ")
    is_settled(page, other)

    place.line.stall()
    try:
        page.type("o hi" + Keys.ARROW_LEFT * 4 + "h")
        shows_predicted(page, "hohi", len(f"here: {typed}h"))
        assert f"{typed}h" not in page.screen(), "the terminal itself shows what the host has sent"
        assert predicted(page)["isForEyesOnly"]
    finally:
        place.line.go_on()
    page.sees(f"here: {typed}ho hi")
    is_settled(page, other)

    page.type(Keys.ENTER)
    page.type("read -rsp 'Password: ' word" + Keys.ENTER)
    page.sees("\nPassword:")
    place.line.stall()
    try:
        page.type("secret")
        assert predicted(page)["text"] == ""
    finally:
        place.line.go_on()
    page.type(Keys.ENTER)
    place.world.run("split-window", "-h", "-t", "far", "env", "PS1=beside: ", "bash", "--norc", "--noprofile")
    page.sees("│beside:")
    typed = type_until_trusted(page, "│beside: ")
    is_settled(page, other)
    place.line.stall()
    try:
        page.type("d")
        shows_predicted(page, "d", page.frame().cursor.col + 1)
    finally:
        place.line.go_on()
    page.sees(f"│beside: {typed}d")
    is_settled(page, other)
