"""An editor's file in a page: the text, the cursor, and changes, beside the terminal and on a phone."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from tests.browser.browser import Browser, Page
from tests.browser.web_gateway import Place
from tests.e2e.raw_editor import RawEditor
from tests.e2e.terminal import eventually

_BEFORE_CURSOR = """
const mark = document.querySelector(".code-cursor"), range = document.createRange();
if (mark === null) return null;
range.setStart(mark.closest(".cm-line"), 0);
range.setEndBefore(mark);
return range.toString();
"""


_FONT = "return parseFloat(getComputedStyle(document.querySelector('.cm-content')).fontSize)"


def reads(page: Page, text: str) -> None:
    """Wait until the code shows a text."""
    page.shows("code-text", text)


def test_a_page_shows_the_text_the_cursor_and_each_change(place: Place, browser: Browser) -> None:
    links = place.share("code")
    page = browser.open(links.ro, width=1300)
    page.is_in()
    page.sees("hello")
    editor = RawEditor(place.world, "code", "src/main.py", "import os", "print(os.name)")
    page.click("code")
    reads(page, "import os")
    page.reads("src/main.py")
    editor.write("import sys", "evil <b>\x1b[2J\u202e", "😀 end", cursor=(2, 2))
    reads(page, "import sys")
    reads(page, "evil <b>^[[2J<202e>")
    reads(page, "ana")
    eventually(lambda: page.script(_BEFORE_CURSOR) == "😀 ", page.report)
    page.sees("hello")  # the terminal is beside it
    before = page.script(_FONT)
    page.click("settings")
    page.click("larger")
    eventually(lambda: page.script(_FONT) == before + 1, page.report)
    page.type(Keys.ESCAPE)
    editor.write(*(f"line {number}" for number in range(3000)), cursor=(2999, 0))
    reads(page, "line 2999")
    assert page.script("return document.querySelectorAll('.cm-line').length") < 300
    page.click("code-close")
    page.hides("code-text")
    page.be_a_phone()
    page.load(links.ro)
    page.sees("hello")
    page.click("code")
    reads(page, "line 2999")
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.click("code-close")
    page.shows_whole_terminal()
    page.click("code")
    editor.close()
    page.reads("the editor is away")
    assert page.report().endswith("console: []")
