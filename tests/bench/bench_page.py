"""How soon does the page show a session? From the start of the navigation to the first picture that is drawn.

    python -m tests.bench.bench_page [ROUNDS]

Debian's Chromium without a GPU loads the page from a gateway on loopback. "cold": nothing of the page is in the
browser's cache. "warm": its files are. The figures are milliseconds by the browser's own clock.
"""

from __future__ import annotations

import statistics
import sys

from tests.browser.browser import Browser, Page, browser_or_skip
from tests.browser.web_gateway import open_place
from tests.e2e.terminal import eventually

_MARKS = """
const [load] = performance.getEntriesByType("navigation");
const [drawn] = performance.getEntriesByName("pairterm.first-picture");
return drawn === undefined ? null : [load.responseStart, load.domInteractive, drawn.startTime];
"""


def measure(page: Page, url: str, *, is_cold: bool) -> list[float]:
    """Load the page, and return when the first byte came, when its script ran, and when the picture was drawn."""
    if is_cold:
        page.forget_files()
    page.load(url)
    found: list[float] = []

    def is_drawn() -> bool:
        found[:] = page.script(_MARKS) or []
        return bool(found)

    eventually(is_drawn, page.report)
    return found


def main() -> None:
    """Print the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    browser = Browser(*browser_or_skip())
    try:
        with open_place() as place:
            link = place.share("first").rw
            page = browser.open(link)
            for name, is_cold in (("cold", True), ("warm", False)):
                series = list(zip(*(measure(page, link, is_cold=is_cold) for _ in range(rounds)), strict=True))
                for what, values in zip(("first byte", "script", "first picture"), series, strict=True):
                    ordered = sorted(values)
                    print(
                        f"{name}  {what:14} p50 {statistics.median(ordered):6.0f}  "
                        f"min {ordered[0]:6.0f}  max {ordered[-1]:6.0f} ms"
                    )
    finally:
        browser.close()


if __name__ == "__main__":
    main()
