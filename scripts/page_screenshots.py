"""Makes the pictures of the page for browsers in docs/images: real guests in Debian's Chromium.

    python -m scripts.page_screenshots [DIRECTORY]

Only the names of people, files and machines are made up. Chromium writes each picture as WebP.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from scripts.screenshots import CODE, WORKSPACE
from tests.browser.browser import Browser, Page, browser_or_skip
from tests.browser.web_gateway import Place, WebLinks, open_place, share
from tests.e2e.terminal import eventually

__all__ = ["main"]

_QUALITY = 80

_MOST_BYTES = 100_000


def _take(page: Page, path: Path) -> None:
    """Write a picture, as soon as no notice lies over the terminal."""
    eventually(lambda: page.script("return document.querySelectorAll('.notice').length") == 0, page.report)
    data = base64.b64decode(page.command("Page.captureScreenshot", format="webp", quality=_QUALITY)["data"])
    if len(data) > _MOST_BYTES:
        raise SystemExit(f"{path.name} has {len(data)} bytes; {_MOST_BYTES} are the most")
    path.write_bytes(data)


def _open(browser: Browser, place: Place, link: str, name: str, theme: str, *, is_phone: bool = False) -> Page:
    """Open a guest's page with a name and colours."""
    page = browser.open(place.page, width=1180, height=700, is_phone=is_phone)
    page.script("localStorage.setItem('pairterm.settings', arguments[0])", json.dumps({"name": name, "theme": theme}))
    page.load(link)
    page.is_in()
    page.focus_terminal()
    return page


def _session(place: Place) -> WebLinks:
    """Start a session in which people work: an editor, a shell and tests in three panes."""
    home = place.world.home
    (home / ".bash_profile").write_text("PS1='ada@lab:~$ '; unset HISTFILE PROMPT_COMMAND\n")
    (home / "orders.py").write_text(CODE)
    (home / "work.toml").write_text(WORKSPACE)
    return share(place.world, place.page, "orders", options=("--layout", str(home / "work.toml")))


def main() -> None:
    """Make all pictures."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "images"
    browser = Browser(*browser_or_skip())
    try:
        with open_place() as place:
            links = _session(place)
            ada = _open(browser, place, links.rw, "ada", "dark")
            ben = _open(browser, place, links.rw, "ben", "light")
            phone = _open(browser, place, links.ro, "cleo", "dark", is_phone=True)
            ada.sees("PASS")
            ben.fill("chat-input", "the total is wrong here, isn't it?", enter=True)
            ada.fill(
                "chat-input",
                "it is. This is right:"
                + Keys.SHIFT
                + Keys.ENTER
                + Keys.NULL
                + "sum(line.total for line in lines) / 100",
            )
            ada.type(Keys.ENTER)
            ada.shows("chat-log", "in lines")
            ada.focus_terminal()
            ada.type("/invoice" + Keys.ENTER)
            _take(ada, directory / "page-dark.webp")
            place.world.run("set", "-t", "orders", "seat", "on")
            place.world.run("give", "-t", "orders", "ben")
            place.world.run("set", "-t", "orders", "call", "https://meet.example.org/orders")
            ada.click("ask-keyboard")
            ben.shows("questions", "ada")
            _take(ben, directory / "page-light.webp")
            _take(phone, directory / "page-phone.webp")
    finally:
        browser.close()


if __name__ == "__main__":
    main()
