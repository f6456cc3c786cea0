"""A person who types in Chromium, behind a line with a delay, and looks at what the page shows.

A script in the page measures: from the event of a key until the page's elements show what was typed, as terminal cells
or as predictions over them. The browser draws elements with its next frame of the display: that time is not counted, as
it is not for a terminal. A wrong glyph is counted in each frame of the display that has it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from selenium.webdriver.common.keys import Keys

from tests.bench.far_line import Line
from tests.bench.far_typing import Samples
from tests.browser.browser import Browser, Page, browser_or_skip
from tests.browser.web_gateway import free_port, serve_web, share
from tests.e2e.terminal import eventually
from tests.e2e.world import open_world

__all__ = ["BrowserTypist", "far_page"]

_LOOK = """
const screen = document.querySelector(".xterm-screen");
const cursorOf = (row) => {
  const shown = row.querySelector(".xterm-cursor");
  if (shown === null) return null;
  let col = 0;
  for (const span of row.children) { if (span === shown) return col; col += span.textContent.length; }
};
const glyphs = () => {
  const row = document.querySelector(".xterm-rows").children[far.row];
  const cells = [...row.textContent.replaceAll("\\u00a0", " ")];
  let cursor = cursorOf(row);
  for (const span of document.querySelectorAll(".predicted span")) {
    const col = Number(span.dataset.col);
    if (Number(span.dataset.row) !== far.row) continue;
    while (cells.length <= col) cells.push(" ");
    if ("cursor" in span.dataset) cursor = col;
    else cells[col] = span.textContent;
  }
  while (cells.length < cursor) cells.push(" ");
  return cells.slice(far.start, cursor ?? far.start);
};
const far = window.far = {
  begin() {
    const cursor = window.pairterm.buffer().cursor;
    Object.assign(far, { row: cursor[0], start: cursor[1], typed: "", pressed: [], times: [], wrong: 0, glyphs: 0 });
  },
  look() {
    if (far.pressed === undefined) return;
    const now = performance.now(), shown = glyphs().join("");
    const shows = (count) => shown.length >= count && shown.slice(0, count) === far.typed.slice(0, count);
    while (far.times.length < far.pressed.length && shows(far.times.length + 1)) {
      far.times.push(now - far.pressed[far.times.length]);
    }
    // xterm.js draws its rows with the next frame of the display. A wrong row was visible by then.
    if (!far.isWaiting) requestAnimationFrame(() => frames.port2.postMessage(null));
    far.isWaiting = true;
  },
  count() {
    far.isWaiting = false;
    if (far.pressed === undefined) return;
    const shown = glyphs();
    far.glyphs += shown.length;
    far.wrong += shown.filter((glyph, at) => glyph !== far.typed[at]).length;
  },
};
const frames = new MessageChannel();
frames.port1.onmessage = far.count;
addEventListener("keydown", (event) => {
  if (far.pressed === undefined || event.key.length !== 1) return;
  far.typed += event.key;
  far.pressed.push(event.timeStamp);
}, true);
const watched = { childList: true, characterData: true, subtree: true, attributes: true };
new MutationObserver(far.look).observe(screen, watched);
"""

_LINE = "const { cells, cursor } = window.pairterm.buffer(); return cells[cursor[0]].join('').slice(0, cursor[1])"


class BrowserTypist:
    """Somebody who types in a page, and looks at it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._random = random.Random(2)
        page.script(_LOOK)

    async def write(self, text: str) -> None:
        """Type a text at once."""
        keys = text.replace("\r", Keys.ENTER).replace("\x1b", Keys.ESCAPE)
        await asyncio.to_thread(self._page.type, keys)

    async def until_line(self, text: str) -> None:
        """Wait until the line of the cursor is this text."""
        await asyncio.to_thread(
            eventually, lambda: self._page.script(_LINE).rstrip() == text.rstrip(), lambda: self._page.report()
        )

    async def type_line(self, text: str, end: str, samples: Samples) -> None:
        """Type a line as people do, key after key, and do not wait for the echo."""
        await asyncio.to_thread(self._page.script, "window.far.begin()")
        for char in text:
            await self.write(char)
            await asyncio.sleep(self._random.uniform(0.08, 0.25))
        times, wrong, glyphs = await asyncio.to_thread(self._seen, len(text))
        samples.keys_s += [each / 1e3 for each in times]
        samples.wrong += wrong
        samples.glyphs += glyphs
        await asyncio.to_thread(self._page.script, "window.far.pressed = undefined")
        await self.write(end)

    def _seen(self, count: int) -> tuple[list[float], int, int]:
        """Wait until so many keys show. Return their times in milliseconds, and how many glyphs were wrong, of all."""
        look = "const { times, wrong, glyphs } = window.far; return [times, wrong, glyphs]"
        eventually(lambda: len(self._page.script(look)[0]) >= count, lambda: f"{self._page.script(look)}")
        times, wrong, glyphs = self._page.script(look)
        return times, wrong, glyphs


@asynccontextmanager
async def far_page(line: Line, predicts: str) -> AsyncIterator[BrowserTypist]:
    """Open the page of a session whose program is a shell, behind a line. `predicts`: the page's setting."""
    port = free_port()
    async with line.stream(port) as far_port:
        with ExitStack() as stack:
            page = await asyncio.to_thread(_opened, stack, port, far_port, predicts)
            yield BrowserTypist(page)


def _opened(stack: ExitStack, port: int, far_port: int, predicts: str) -> Page:
    world = stack.enter_context(open_world())
    far = f"http://127.0.0.1:{far_port}"
    serve_web(world, web={"listen": [f"127.0.0.1:{port}"], "allowed_origins": [far]})
    link = share(world, f"{far}/", "far", "sh", "-i").rw
    browser = Browser(*browser_or_skip())
    stack.callback(browser.close)
    page = browser.open(link)
    page.is_in()
    page.click("settings")
    page.choose("predicts", predicts)
    page.type(Keys.ESCAPE)
    page.focus_terminal()
    page.wait(lambda screen: bool(screen.strip()), "showed a prompt")
    return page
