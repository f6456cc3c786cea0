"""One Chromium for all browser tests of a process, and the pages in it: each a window with a guest.

A page is read by `window.pairterm`, which the page exposes: `buffer()` is what xterm.js shows, in the
form of `tests.judge`. Nothing is written by it: a test types, clicks and pastes as a person does, by
the driver. All waiting is on what the page shows.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from pairterm.terminal.frame import Cursor, Frame, Pen, Row
from pairterm.types import Size
from tests.e2e.terminal import eventually

__all__ = ["Browser", "Page", "browser_or_skip"]

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--process-per-site",  # pages share one process and its compiled script, which saves a fifth of the time
    # All windows are alive, as if each stood on a screen of its own.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


_NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")
"""WebGL by software costs the tests more than all else. The page then has its DOM renderer."""

_WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")

_SHOWS_WHOLE_TERMINAL = """
const box = (name) => document.querySelector(name).getBoundingClientRect();
const cells = box(".xterm-screen"), behind = document.querySelector(".xterm-viewport");
const bounds = [box("[data-test='terminal']"), box(".xterm"), box(".xterm-scrollable-element")];
const isInside = (bound) => bound.left <= cells.left && bound.top <= cells.top
  && cells.right <= bound.right + 1 && cells.bottom <= bound.bottom + 1;
return behind.offsetWidth === behind.clientWidth && bounds.every(isInside);
"""


def browser_or_skip() -> tuple[str, str]:
    """Return the paths of Chromium and its driver; skip the test where they are not installed. CI has to have them."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if found[0] is None or found[1] is None:
        why = "no Chromium with its driver on this machine: apt-get install chromium chromium-driver"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found[0], found[1]


class Browser:
    """A Chromium with a new profile."""

    def __init__(self, chromium: str, driver: str, *, trusted_key: str = "", has_webgl: bool = False) -> None:
        """Start it. `trusted_key`: the SHA-256 of a key (SPKI, base64) whose certificates it accepts.

        `has_webgl`: it has WebGL, by software.
        """
        self._profile = Path(tempfile.mkdtemp(prefix="pt-chromium-"))
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for each in (*_FLAGS, *(_WEBGL if has_webgl else _NO_WEBGL), f"--user-data-dir={self._profile}"):
            options.add_argument(each)
        if trusted_key:
            options.add_argument(f"--ignore-certificate-errors-spki-list={trusted_key}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self._first = self.driver.current_window_handle

    def open(self, url: str, *, width: int = 1100, height: int = 700, is_phone: bool = False) -> Page:
        """Open a window of this size, or a phone's, with a page, and wait until the page is there."""
        self.driver.switch_to.window(self._first)
        self.driver.switch_to.new_window("window")
        page = Page(self.driver, self.driver.current_window_handle)
        if is_phone:
            page.be_a_phone()
        else:
            page.resize(width, height)
        page.go(url)
        return page

    def close_pages(self) -> None:
        """Close all windows but the first, which is empty, and forget the settings of their page."""
        for handle in self.driver.window_handles:
            if handle != self._first:
                self.driver.switch_to.window(handle)
                with contextlib.suppress(WebDriverException):  # A page of an error has no storage.
                    self.driver.execute_script("localStorage.clear()")
                self.driver.close()
        self.driver.switch_to.window(self._first)

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)


class Page:
    """One window."""

    def __init__(self, driver: webdriver.Chrome, handle: str) -> None:
        self._driver = driver
        self._handle = handle

    def load(self, url: str) -> None:
        """Load a page."""
        self._here().get("about:blank")  # A URL with another fragment alone would load nothing.
        self.go(url)

    def go(self, url: str) -> None:
        """Load a page into a window that shows another one, or none."""
        self._here().get(url)
        eventually(lambda: self.script("return !!window.pairterm"), lambda: f"no page: {self.source()[:2000]}")

    def load_text(self, url: str, text: str) -> None:
        """Load a page that has no terminal, and wait until it shows a text."""
        self._here().get("about:blank")
        self._driver.get(url)
        eventually(lambda: text in self.script("return document.body.innerText"), lambda: f"never {text!r}")

    def forget_files(self) -> None:
        """Remove all files of all pages from the browser's cache."""
        self._here().execute_cdp_cmd("Network.clearBrowserCache", {})

    def resize(self, width: int, height: int) -> None:
        """Give the page's viewport this size in CSS pixels."""
        self._here().execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def be_a_phone(self, *, height: int = 844) -> None:
        """Be a phone: its viewport, and a touch screen. An open keyboard leaves less of the height."""
        self._here().execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 390, "height": height, "deviceScaleFactor": 2, "mobile": True},
        )
        self._driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def script(self, text: str, *arguments: object) -> Any:
        """Return what a script returns in the page."""
        return self._here().execute_script(text, *arguments)

    def command(self, method: str, **arguments: object) -> dict[str, Any]:
        """Give a command of the DevTools protocol, and return its answer."""
        found: dict[str, Any] = self._here().execute_cdp_cmd(method, arguments)
        return found

    def state(self) -> str:
        """Return how the page is connected."""
        return str(self.script("return window.pairterm.state()"))

    def frame(self) -> Frame:
        """Return the picture that xterm.js shows now."""
        found: dict[str, Any] = self.script("return window.pairterm.buffer()")
        table = [Pen(*each) for each in found["table"]]
        rows = tuple(
            Row(tuple(cells), tuple(table[index] for index in pens))
            for cells, pens in zip(found["cells"], found["pens"], strict=True)
        )
        row, col, is_visible = found["cursor"][:3]
        return Frame(
            size=Size(rows=len(rows), cols=len(rows[0].cells)),
            rows=rows,
            cursor=Cursor(row, col, is_visible=is_visible),
        )

    @property
    def size(self) -> Size:
        """The size of the page's terminal now."""
        return self.frame().size

    def screen(self) -> str:
        """Return the text that shows now, without trailing blanks."""
        return "\n".join(row.text.rstrip() for row in self.frame().rows)

    def sees(self, text: str) -> str:
        """Wait until the terminal shows `text`, and return the screen."""
        return self.wait(lambda screen: text in screen, f"showed {text!r}")

    def wait(self, condition: Callable[[str], bool], what: str) -> str:
        """Wait until `condition` holds for the screen, and return the screen."""

        shown = ""

        def holds() -> bool:
            nonlocal shown
            try:
                shown = self.screen()
            except JavascriptException:
                return False  # There is no terminal yet.
            return condition(shown)

        eventually(holds, lambda: f"never {what}; {self.report()}")
        return shown

    def is_in(self, state: str = "in") -> None:
        """Wait until the page is connected so."""
        eventually(lambda: self.state() == state, lambda: f"never {state!r}; {self.report()}")

    # What a person does.

    def type(self, *keys: str) -> None:
        """Type into whatever has the focus."""
        self._here()
        ActionChains(self._driver).send_keys(*keys).perform()

    def pinch(self, *apart: int) -> None:
        """Move two fingers on the terminal so that they are these distances apart, and lift them."""
        kinds = ["touchStart", *["touchMove"] * (len(apart) - 1), "touchEnd"]
        for kind, distance in zip(kinds, (*apart, 0), strict=True):
            points = [{"x": 195 + side * distance / 2, "y": 400, "id": side} for side in (-1, 1) if distance]
            self._here().execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def chord(self, modifier: str, key: str) -> None:
        """Press a key while a modifier is held."""
        self._here()
        ActionChains(self._driver).key_down(modifier).send_keys(key).key_up(modifier).perform()

    def paste(self, text: str) -> None:
        """Paste a text, as the browser does when its user presses Ctrl-V or chooses it in a menu."""
        self.script(
            "const data = new DataTransfer(); data.setData('text/plain', arguments[0]);"
            "document.activeElement.dispatchEvent("
            "new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))",
            text,
        )

    def find(self, name: str) -> WebElement | None:
        """Return the element with this `data-test`, if it is there and shows."""
        self._here()
        with contextlib.suppress(NoSuchElementException, StaleElementReferenceException):
            found = self._driver.find_element(By.CSS_SELECTOR, f"[data-test='{name}']")
            if found.is_displayed():
                return found
        return None

    def shows(self, name: str, text: str = "") -> None:
        """Wait until an element shows, with this text in it."""
        eventually(lambda: text in self.text(name, None), lambda: f"{name} never {text!r}; {self.report()}")

    def reads(self, text: str) -> None:
        """Wait until the page shows a text, in the terminal or beside it."""
        eventually(
            lambda: text in self.script("return document.body.innerText"), lambda: f"never {text!r}; {self.report()}"
        )

    def hides(self, name: str) -> None:
        """Wait until an element does not show."""
        eventually(lambda: self.find(name) is None, lambda: f"{name} still shows; {self.report()}")

    def text(self, name: str, otherwise: str | None = "") -> str:
        """Return an element's text; `otherwise` if it does not show (None: a text that contains nothing)."""
        found = self.find(name)
        if found is None:
            return "\0" if otherwise is None else otherwise
        with contextlib.suppress(StaleElementReferenceException):
            return str(found.text)
        return ""

    def click(self, name: str) -> None:
        """Click on an element, as soon as it shows and nothing covers it."""
        self._click(f"//*[@data-test='{name}']")

    def press(self, key: str) -> None:
        """Press a key of the phone's bar, by what is written on it."""
        self._click(f"//*[@data-test='keys']//button[normalize-space()='{key}']")

    def fill(self, name: str, text: str, *, enter: bool = False) -> None:
        """Write a text into a field; `enter` ends it."""
        self.click(name)
        found = self.find(name)
        assert found is not None
        found.send_keys(text, *([Keys.ENTER] if enter else []))

    def choose(self, name: str, value: str) -> None:
        """Choose one of a list."""
        found = self.find(name)
        assert found is not None
        Select(found).select_by_value(value)

    def check(self, label: str) -> None:
        """Click on a check box, by what is written beside it."""
        self._click(f"//label[normalize-space()='{label}']/input")

    def shows_whole_terminal(self) -> None:
        """Wait until every cell of the terminal is in its place, and nothing of the browser's lies over it."""
        eventually(lambda: self.script(_SHOWS_WHOLE_TERMINAL) is True, lambda: f"cells are cut; {self.report()}")

    def focus_terminal(self) -> None:
        """Click into the terminal."""
        self._click("//*[contains(concat(' ', @class, ' '), ' xterm-screen ')]")

    def prompt(self, line: str) -> None:
        """Type a command at `C-b :`."""
        self.chord(Keys.CONTROL, "b")
        self.type(":" + line + Keys.ENTER)

    def _click(self, path: str) -> None:
        """Click on an element by its XPath. It may be drawn again or be covered meanwhile: try until it works."""

        def done() -> bool:
            try:
                self._here().find_element(By.XPATH, path).click()
            except (
                NoSuchElementException,
                StaleElementReferenceException,
                ElementNotInteractableException,
                ElementClickInterceptedException,
            ):
                return False
            return True

        eventually(done, lambda: f"no click on {path}; {self.report()}")

    # What a test says when it fails.

    def source(self) -> str:
        """Return the page's HTML."""
        return str(self._here().page_source)

    def report(self) -> str:
        """Return what there is to see."""
        try:
            shown = f"state {self.state()!r}, screen:\n{self.screen()}"
        except JavascriptException as error:
            shown = f"no terminal ({error.msg})"
        text = self.script("return document.body.innerText")[:1000]
        console = [each["message"] for each in self._driver.get_log("browser")][-5:]  # type: ignore[no-untyped-call]
        return f"{shown}\n----\npage: {text}\nconsole: {console}"

    def close(self) -> None:
        """Close the window."""
        self._here().close()

    def _here(self) -> webdriver.Chrome:
        self._driver.switch_to.window(self._handle)
        return self._driver
