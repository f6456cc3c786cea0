"""The page draws with WebGL where a browser has it, and goes on without it when the browser takes it away."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browser import Browser, Page, browser_or_skip
from tests.browser.web_gateway import Place
from tests.e2e.terminal import eventually

_CONTEXT = (
    "[...document.querySelectorAll('.xterm-screen canvas')].map((each) => each.getContext('webgl2')).find(Boolean)"
)


def draws_with_webgl(page: Page) -> bool:
    return bool(page.script(f"return {_CONTEXT} !== undefined"))


@pytest.mark.nightly
def test_the_page_draws_with_webgl_and_goes_on_when_the_context_is_lost(place: Place) -> None:
    """xterm.js waits three seconds for the context. The cells of its other renderer are larger: one column was cut."""
    link = place.share("webgl").rw
    browser = Browser(*browser_or_skip(), has_webgl=True)
    try:
        page = browser.open(link)
        page.sees("hello")
        page.shows_whole_terminal()
        assert draws_with_webgl(page)
        page.script(f"{_CONTEXT}.getExtension('WEBGL_lose_context').loseContext()")
        eventually(lambda: not draws_with_webgl(page), page.report)
        page.shows_whole_terminal()
        page.focus_terminal()
        page.type("after" + Keys.ENTER)
        page.sees("after\nafter")
    finally:
        browser.close()
